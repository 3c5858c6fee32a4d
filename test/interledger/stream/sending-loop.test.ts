/**
 * Goal: the loop that sends packets belongs to the version of the library that is installed, wakes no more often
 * than there is reason to, and never sleeps for ever.
 * Method: the library's versions are read; a payment of many packets over a path that answers late counts how
 * often the library is asked for the next packet.
 */
import { randomBytes } from 'node:crypto'
import { deserializeIlpPrepare, serializeIlpReply, type IlpReply } from 'ilp-packet'
import { StreamCredentials } from '../../../src/interledger/stream/credentials'
import { streamPlugin, translated } from '../../../src/interledger/stream/plugin'
import { StreamPacketReceiver } from '../../../src/interledger/stream/receiver'
import { probePath, sendAlong, type StreamDestination, type StreamOrder } from '../../../src/interledger/stream/sender'
import { StreamSender } from '@interledger/pay/dist/src/senders'
import type { StreamTotals } from '../../../src/interledger/stream/totals'
import { ONE, ratioOf } from '../../../src/services/rates/ratio'

const credentials = new StreamCredentials({ ilpAddress: 'test.receiver', secret: randomBytes(32) })
const asset = { code: 'USD', scale: 2 }
const receiver = new StreamPacketReceiver(credentials, undefined as unknown as StreamTotals, () => new Date())

function destination(): StreamDestination {
  return { ...credentials.issue({ paymentTag: 'payment', asset }), unit: { assetCode: 'USD', assetScale: 2 } }
}

function order(receiveAmount: bigint, maxPacketAmount: bigint): StreamOrder {
  const path = { low: ONE, high: ratioOf(1_000_001n, 1_000_000n), maxPacketAmount }
  return { receiveAmount, principal: receiveAmount, minRate: ratioOf(99n, 100n), path }
}

async function answer(bytes: Buffer): Promise<IlpReply> {
  const reply = await receiver.reply(deserializeIlpPrepare(bytes))
  return 'reject' in reply ? reply.reject : reply.fulfil
}

async function handle(bytes: Buffer): Promise<Buffer> {
  return serializeIlpReply(await answer(bytes))
}

test.each([
  ['@interledger/pay', '0.4.0-alpha.9'],
  ['@interledger/stream-receiver', '0.3.3-alpha.3'],
  ['ilp-protocol-stream', '2.7.2-alpha.3'],
  ['ilp-packet', '3.1.4-alpha.2']
])('%s is the version whose inside is known', (name, version) => {
  expect((jest.requireActual(`${name}/package.json`) as { version: string }).version).toBe(version)
})

test('the library has what the loop uses of it', () => {
  const sender = StreamSender.prototype as unknown as Record<string, unknown>
  expect([typeof sender.trySending, typeof sender.start]).toEqual(['function', 'function'])
})

test('loggers of packets do not ask for colours', () => {
  const { inspectOpts } = jest.requireActual('debug') as { inspectOpts: { colors?: unknown } }
  expect(inspectOpts.colors).toBe(0)
})

test('with many packets under way, each costs a few wake-ups', async () => {
  const prototype = StreamSender.prototype as unknown as { trySending: () => unknown }
  const trySending = jest.spyOn(prototype, 'trySending')
  let packets = 0
  const plugin = streamPlugin({
    handle: async (bytes) => {
      packets++
      await new Promise((resolve) => setTimeout(resolve, 50))
      return handle(bytes)
    }
  })
  expect(await sendAlong(plugin, destination(), order(4_000n, 100n))).toEqual({ delivered: 4_000n })
  const wakeUps = trySending.mock.calls.length
  trySending.mockRestore()
  expect(packets).toBeGreaterThanOrEqual(40)
  expect(wakeUps).toBeLessThanOrEqual(5 * packets)
})

test('what is under way at the end of a payment still counts', async () => {
  let packets = 0
  const plugin = streamPlugin({
    handle: async (bytes) => {
      packets++
      // The second packet is refused for good while the first one is still on its way.
      if (packets === 2) {
        return serializeIlpReply({ code: 'F02', triggeredBy: '', message: '', data: Buffer.alloc(0) } as IlpReply)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
      return handle(bytes)
    }
  })
  const result = await sendAlong(plugin, destination(), order(1_000n, 100n))
  expect(result).toEqual({ error: 'ConnectorError', delivered: 100n })
})

test('who is told to stop sends nothing more and ends', async () => {
  let packets = 0
  const plugin = streamPlugin({ handle: (bytes) => (packets++, handle(bytes)), isStopped: () => packets >= 3 })
  const result = await sendAlong(plugin, destination(), order(1_000n, 100n))
  expect(result).toEqual({ error: 'ConnectorError', delivered: 300n })
  expect(packets).toBe(3)
})

describe('what receivers of the newest generation answer', () => {
  /** As they do: F05 to what nobody can fulfil, F04 to what is too little. */
  const newest = (code: 'F04' | 'F05') =>
    streamPlugin({
      handle: async (bytes) => {
        const reply = await answer(bytes)
        return serializeIlpReply('code' in reply && reply.code === 'F99' ? ({ ...reply, code } as IlpReply) : reply)
      }
    })

  test('case 60: F05 to a probe ends neither quote nor payment', async () => {
    const found = await probePath(newest('F05'), destination())
    expect(found).toMatchObject({ low: ONE, maxPacketAmount: 2n ** 64n - 1n })
    expect(await sendAlong(newest('F05'), destination(), order(1_000n, 500n))).toEqual({ delivered: 1_000n })
  })

  test('a code without data is what it says', () => {
    const bare = serializeIlpReply({
      code: 'F05',
      triggeredBy: 'test.x',
      message: 'm',
      data: Buffer.alloc(0)
    } as IlpReply)
    expect(translated(bare)).toBe(bare)
    const full = serializeIlpReply({
      code: 'F04',
      triggeredBy: 'test.x',
      message: 'm',
      data: randomBytes(9)
    } as IlpReply)
    expect(translated(full).toString('latin1')).toContain('F99')
    const other = serializeIlpReply({ code: 'F02', triggeredBy: '', message: '', data: randomBytes(9) } as IlpReply)
    expect([translated(other), translated(Buffer.from([14, 200])), translated(Buffer.alloc(0))]).toEqual([
      other,
      Buffer.from([14, 200]),
      Buffer.alloc(0)
    ])
  })
})
