/**
 * Goal: sender and receiver understand each other, and money is counted as it was agreed, before any connector
 * or database stands between them.
 * Method: the sender's packets go to a path made of an exchange rate and a packet limit, straight into the
 * receiver; what is fulfilled is summed.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { deserializeIlpPrepare, deserializeIlpReply, isFulfill, serializeIlpReply, type IlpReply } from 'ilp-packet'
import { StreamCredentials } from '../../../src/interledger/stream/credentials'
import { streamPlugin, type Plugin } from '../../../src/interledger/stream/plugin'
import { StreamPacketReceiver } from '../../../src/interledger/stream/receiver'
import { probePath, sendAlong, type StreamDestination } from '../../../src/interledger/stream/sender'
import type { StreamTotals } from '../../../src/interledger/stream/totals'
import { multiplyDown, ratioOf, type Ratio } from '../../../src/services/rates/ratio'

const asset = { code: 'USD', scale: 2 }

class Path {
  sent = 0n
  delivered = 0n
  packets = 0
  refusal: IlpReply | undefined
  readonly credentials = new StreamCredentials({ ilpAddress: 'test.receiver', secret: randomBytes(32) })
  private readonly receiver = new StreamPacketReceiver(
    this.credentials,
    undefined as unknown as StreamTotals,
    () => new Date()
  )

  constructor(
    public rate: Ratio,
    private readonly maxPacketAmount = 2n ** 64n - 1n
  ) {}

  get destination(): StreamDestination {
    const unit = { assetCode: asset.code, assetScale: asset.scale }
    return { ...this.credentials.issue({ paymentTag: 'payment', asset }), unit }
  }

  get plugin(): Plugin {
    return streamPlugin({ handle: async (bytes) => serializeIlpReply(await this.answer(bytes)) })
  }

  private async answer(bytes: Buffer): Promise<IlpReply> {
    const prepare = deserializeIlpPrepare(bytes)
    const amount = BigInt(prepare.amount)
    this.packets++
    if (this.refusal) return this.refusal
    if (amount > this.maxPacketAmount) return tooLarge(amount, this.maxPacketAmount)
    const delivered = multiplyDown(amount, this.rate)
    const reply = await this.receiver.reply({ ...prepare, amount: String(delivered) })
    if ('reject' in reply) return reply.reject
    this.sent += amount
    this.delivered += delivered
    return reply.fulfil
  }
}

function tooLarge(amount: bigint, limit: bigint): IlpReply {
  const data = Buffer.alloc(16)
  data.writeBigUInt64BE(amount)
  data.writeBigUInt64BE(limit, 8)
  return { code: 'F08', triggeredBy: 'test.path', message: '', data }
}

const HALF = ratioOf(1n, 2n)

test('a path without limits is known after two packets', async () => {
  const path = new Path(HALF)
  const found = await probePath(path.plugin, path.destination)
  expect(found).toEqual({
    low: HALF,
    high: ratioOf(500_000_000_001n, 1_000_000_000_000n),
    maxPacketAmount: 2n ** 64n - 1n
  })
  expect(path.sent).toBe(0n)
})

test('everything arrives in packets as large as the path takes', async () => {
  const path = new Path(HALF, 1_000n)
  const found = await probePath(path.plugin, path.destination)
  if (typeof found === 'string') throw new Error(found)
  expect(found.maxPacketAmount).toBe(1_000n)
  path.packets = 0
  const order = { receiveAmount: 10_000n, principal: 20_300n, minRate: ratioOf(495n, 1_000n), path: found }
  expect(await sendAlong(path.plugin, path.destination, order)).toEqual({ delivered: 10_000n })
  expect([path.sent, path.delivered]).toEqual([20_000n, 10_000n])
})

test.each(['F02', 'F06', 'R00'])('%s ends a probe and a payment at once', async (code) => {
  const path = new Path(HALF)
  const known = await probePath(path.plugin, path.destination)
  if (typeof known === 'string') throw new Error(known)
  path.refusal = { code, triggeredBy: 'test.path', message: '', data: Buffer.alloc(0) } as IlpReply
  expect(await probePath(path.plugin, path.destination)).toBe('ConnectorError')
  const order = { receiveAmount: 10n, principal: 21n, minRate: ratioOf(495n, 1_000n), path: known }
  expect(await sendAlong(path.plugin, path.destination, order)).toEqual({ error: 'ConnectorError', delivered: 0n })
})

test('a worse rate than the least one is not paid', async () => {
  const path = new Path(HALF)
  const known = await probePath(path.plugin, path.destination)
  if (typeof known === 'string') throw new Error(known)
  path.rate = ratioOf(4n, 10n)
  const order = { receiveAmount: 1_000n, principal: 2_021n, minRate: ratioOf(495n, 1_000n), path: known }
  expect(await sendAlong(path.plugin, path.destination, order)).toEqual({
    error: 'InsufficientExchangeRate',
    delivered: 0n
  })
  expect(path.sent).toBe(0n)
})

test('a sender with nothing left to spend ends', async () => {
  const path = new Path(HALF, 3n)
  const known = { low: HALF, high: ratioOf(500_001n, 1_000_000n), maxPacketAmount: 3n }
  const order = { receiveAmount: 10n, principal: 20n, minRate: ratioOf(1n, 4n), path: known }
  const result = await sendAlong(path.plugin, path.destination, order)
  expect(result).toMatchObject({ error: 'InsufficientExchangeRate' })
  expect(path.sent).toBe(20n)
})

test('replies are what the receiver says they are', async () => {
  const path = new Path(HALF)
  const { ilpAddress, sharedSecret } = path.destination
  const key = createHmac('sha256', sharedSecret).update('ilp_stream_fulfillment').digest()
  const plugin: Plugin = {
    sendData: async (bytes) => {
      const prepare = deserializeIlpPrepare(bytes)
      const reply = await path.plugin.sendData(bytes)
      const packet = deserializeIlpReply(reply)
      if (isFulfill(packet)) {
        expect(packet.fulfillment).toEqual(createHmac('sha256', key).update(prepare.data).digest())
        expect(createHash('sha256').update(packet.fulfillment).digest()).toEqual(prepare.executionCondition)
      }
      return reply
    }
  }
  const known = { low: HALF, high: ratioOf(500_001n, 1_000_000n), maxPacketAmount: 1_000n }
  const unit = { assetCode: 'USD', assetScale: 2 }
  const order = { receiveAmount: 100n, principal: 203n, minRate: ratioOf(495n, 1_000n), path: known }
  expect(await sendAlong(plugin, { ilpAddress, sharedSecret, unit }, order)).toEqual({ delivered: 100n })
})
