/**
 * Goal: a packet that is passed on costs its sender what it brings the next neighbour, exactly if that neighbour
 * fulfils it, and nothing otherwise, however it fails.
 * Method: a node between two neighbours that the test plays; balances to the unit before and after.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isFulfill, deserializeIlpReply } from 'ilp-packet'
import type { PacketFamily } from '../../../src/interledger/connector/figures'
import { Crossing, fulfilOf, inSeconds, packet, rejectIn, rejectOf, respond, type Neighbour } from './support'

let crossing: Crossing
let sender: Neighbour
let taker: Neighbour

beforeAll(async () => {
  crossing = await Crossing.open()
  sender = await crossing.neighbour()
  taker = await crossing.neighbour()
})
afterAll(() => crossing.close())
beforeEach(() => {
  crossing.hop.taken.length = 0
})

const destination = (): string => `${taker.ilpAddress}.bob`

/** Does not change what anybody has. */
async function expectNoEffect(work: () => Promise<void>): Promise<void> {
  const before = await crossing.balances()
  await work()
  expect(await crossing.balances()).toEqual(before)
}

async function figure(name: string): Promise<number> {
  const family: PacketFamily = crossing.node.parts.connector.families.find((one) => one.name === name)!
  return (await family.read()).reduce((sum, { value }) => sum + value, 0)
}

test('a fulfilled packet moves its amount from the sender to the taker', async () => {
  const [senderBefore, takerBefore] = [
    await crossing.node.peerBalance(sender.id),
    await crossing.node.peerBalance(taker.id)
  ]
  const fulfillment = randomBytes(32)
  const reply = await crossing.fulfilled(sender, { amount: 700n, destination: destination(), fulfillment })
  expect(reply.fulfillment).toEqual(fulfillment)
  expect(await crossing.node.peerBalance(sender.id)).toBe(senderBefore - 700n)
  expect(await crossing.node.peerBalance(taker.id)).toBe(takerBefore + 700n)
  expect(await crossing.node.held()).toBe(0n)
  const [{ prepare, authorization }] = crossing.hop.taken as [(typeof crossing.hop.taken)[0]]
  expect(prepare).toMatchObject({ amount: '700', destination: destination(), data: fulfillment })
  expect(authorization).toBe(`Bearer to ${taker.ilpAddress}`)
})

test('a packet without an amount is passed on and moves nothing', () =>
  expectNoEffect(async () => {
    await crossing.fulfilled(sender, { amount: 0n, destination: destination() })
    expect(crossing.hop.taken).toHaveLength(1)
  }))

test('a Reject comes back as it was given, and the money too', () =>
  expectNoEffect(async () => {
    const reject = rejectOf('F99', 'says who', randomBytes(20))
    crossing.hop.answering = (_, response) => respond(response, reject)
    expect((await crossing.send(sender, packet({ amount: 5n, destination: destination() }))).body).toEqual(reject)
  }))

describe('case 38: time', () => {
  beforeAll(() => {
    crossing.hop.answering = (prepare, response) => respond(response, fulfilOf(prepare.data))
  })

  it.each([
    ['in the past', -1],
    ['in 1.5 s', 1.5]
  ])('an expiry %s is refused, and nothing is set aside', async (_, seconds) => {
    const transfers = await crossing.transfers()
    const terms = { amount: 1n, destination: destination(), expiresAt: inSeconds(seconds) }
    expect(await crossing.rejected(sender, terms)).toMatchObject({ code: 'R02', triggeredBy: crossing.node.ilpAddress })
    expect(await crossing.transfers()).toBe(transfers)
    expect(crossing.hop.taken).toHaveLength(0)
  })

  it.each([
    [90, 30],
    [20, 19]
  ])('of %i s the next hop gets %i', async (given, got) => {
    await crossing.fulfilled(sender, { amount: 1n, destination: destination(), expiresAt: inSeconds(given) })
    const [{ prepare, atMilliseconds }] = crossing.hop.taken as [(typeof crossing.hop.taken)[0]]
    const left = (prepare.expiresAt.getTime() - atMilliseconds) / 1_000
    expect(left).toBeLessThanOrEqual(got)
    expect(left).toBeGreaterThan(got - 2)
  })
})

describe('case 39: a next hop that does not work', () => {
  it.each([
    ['answers 500', 'T01', 500, ''],
    ['answers 503', 'T01', 503, ''],
    ['answers 429', 'T02', 429, ''],
    ['answers 401', 'T00', 401, ''],
    ['answers 302', 'T00', 302, ''],
    ['answers garbage', 'T00', 200, 'garbage'],
    ['answers nothing', 'T00', 200, ''],
    ['answers a packet that is none of its own', 'T00', 200, packet({ amount: 1n, destination: 'test.other.one' })]
  ])('%s: %s', async (_, code, status, body) => {
    crossing.hop.answering = (_prepare, response) => respond(response, body, status)
    await expectNoEffect(async () => {
      const terms = { amount: 10n, destination: destination() }
      expect(await crossing.rejected(sender, terms)).toMatchObject({ code, triggeredBy: crossing.node.ilpAddress })
    })
    expect(crossing.hop.taken).toHaveLength(1)
  })

  it('hangs up in the middle: T01, and the packet is not sent again', async () => {
    crossing.hop.answering = (_, response) => {
      response.destroy()
    }
    await expectNoEffect(async () => {
      expect(await crossing.rejected(sender, { amount: 10n, destination: destination() })).toMatchObject({
        code: 'T01'
      })
    })
    expect(crossing.hop.taken).toHaveLength(1)
  })

  it('answers without an end: T01', () => {
    crossing.hop.answering = async (_, response) => {
      response.writeHead(200)
      for (let piece = 0; piece < 40 && !response.destroyed; piece++) {
        response.write(randomBytes(8_192))
        await sleep(1)
      }
    }
    return expectNoEffect(async () => {
      expect(await crossing.rejected(sender, { amount: 10n, destination: destination() })).toMatchObject({
        code: 'T01'
      })
    })
  })

  it('refuses the connection: T01', async () => {
    const gone = await crossing.neighbour(undefined, { endpoint: 'http://127.0.0.1:9/' })
    await expectNoEffect(async () => {
      const terms = { amount: 10n, destination: `${gone.ilpAddress}.bob` }
      expect(await crossing.rejected(sender, terms)).toMatchObject({ code: 'T01' })
    })
  })
})

test('case 40: a wrong fulfillment', () =>
  expectNoEffect(async () => {
    crossing.hop.answering = (_, response) => respond(response, fulfilOf(randomBytes(32)))
    expect(await crossing.rejected(sender, { amount: 10n, destination: destination() })).toMatchObject({
      code: 'F05',
      message: 'fulfillment did not match expected value.'
    })
  }))

test('case 41: a next hop that answers too late', async () => {
  let fulfil: (() => void) | undefined
  crossing.hop.answering = (prepare, response) => {
    fulfil = () => respond(response, fulfilOf(prepare.data))
  }
  const late = await figure('late_fulfil_total')
  await expectNoEffect(async () => {
    const expiresAt = inSeconds(2.5)
    const terms = { amount: 10n, destination: destination(), expiresAt }
    expect(await crossing.rejected(sender, terms)).toMatchObject({ code: 'R00', message: 'packet expired.' })
    expect(Date.now()).toBeLessThan(expiresAt.getTime())
    fulfil!()
    while ((await figure('late_fulfil_total')) === late) await sleep(5)
  })
  expect(await figure('late_fulfil_total')).toBe(late + 1)
  expect(await figure('ilp_holds_open')).toBe(0)
  crossing.hop.answering = (prepare, response) => respond(response, fulfilOf(prepare.data))
  await crossing.fulfilled(sender, { amount: 1n, destination: destination() })
})

test('what waits for a connection is not sent once its time is over', async () => {
  const connections = 24
  const waiting: (() => void)[] = []
  crossing.hop.answering = (prepare, response) => {
    if (waiting.length < connections) waiting.push(() => respond(response, rejectOf('F99')))
    else respond(response, fulfilOf(prepare.data))
  }
  const late = await figure('late_fulfil_total')
  await expectNoEffect(async () => {
    const terms = { destination: destination(), expiresAt: inSeconds(3) }
    const sending = Array.from({ length: connections + 6 }, () => crossing.rejected(sender, { amount: 10n, ...terms }))
    for (const { code } of await Promise.all(sending)) expect(code).toBe('R00')
    expect(crossing.hop.taken).toHaveLength(connections)
    for (const answer of waiting) answer()
    // Each of these goes after whatever still waited.
    for (let round = 0; round < 3; round++) await crossing.fulfilled(sender, { amount: 0n, destination: destination() })
  })
  expect(crossing.hop.taken).toHaveLength(connections + 3)
  expect(await figure('late_fulfil_total')).toBe(late)
})

describe('case 42: not enough money', () => {
  it('of the sender', async () => {
    const poor = await crossing.neighbour(undefined, { balance: 0n })
    const transfers = await crossing.transfers()
    const terms = { amount: 1n, destination: destination() }
    expect(await crossing.rejected(poor, terms)).toMatchObject({ code: 'T04', message: 'InsufficientBalance' })
    expect(await crossing.transfers()).toBe(transfers)
    expect(crossing.hop.taken).toHaveLength(0)
  })

  it("in the destination's asset", async () => {
    const dry = await crossing.node.wallet('EUR', 2, 0n)
    const abroad = await crossing.neighbour(dry.assetId, { balance: 0n })
    const transfers = await crossing.transfers()
    const terms = { amount: 1n, destination: `${abroad.ilpAddress}.bob` }
    expect(await crossing.rejected(sender, terms)).toMatchObject({ code: 'T04', message: 'InsufficientLiquidity' })
    expect(await crossing.transfers()).toBe(transfers)
    expect(crossing.hop.taken).toHaveLength(0)
  })

  it('what is left is spent once, however many want it', async () => {
    const short = await crossing.neighbour(undefined, { balance: 100n })
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => crossing.send(short, packet({ amount: 10n, destination: destination() })))
    )
    const isFulfilled = answers.map(({ body }) => isFulfill(deserializeIlpReply(body)))
    expect(isFulfilled.filter(Boolean)).toHaveLength(10)
    for (const [index, answer] of answers.entries()) {
      if (!isFulfilled[index]) expect(rejectIn(answer)).toMatchObject({ code: 'T04', message: 'InsufficientBalance' })
    }
    expect(await crossing.node.peerBalance(short.id)).toBe(0n)
  })
})

describe('two assets', () => {
  it('change hands through the liquidity of each, and the fraction stays', async () => {
    const yen = await crossing.node.wallet('JPY', 0, 1_000n)
    const abroad = await crossing.neighbour(yen.assetId, { balance: 0n })
    const dollars = await crossing.node.assetLiquidity(crossing.wallet)
    await crossing.fulfilled(sender, { amount: 199n, destination: `${abroad.ilpAddress}.bob` })
    expect(crossing.hop.taken[0]!.prepare.amount).toBe('299')
    expect(await crossing.node.peerBalance(abroad.id)).toBe(299n)
    expect(await crossing.node.assetLiquidity(yen)).toBe(701n)
    expect(await crossing.node.assetLiquidity(crossing.wallet)).toBe(dollars + 199n)
  })

  it('are given back on both sides', async () => {
    const won = await crossing.node.wallet('KRW', 0, 1_000n)
    const abroad = await crossing.neighbour(won.assetId, { balance: 0n })
    await expectNoEffect(async () => {
      crossing.hop.answering = (_, response) => respond(response, rejectOf('F99'))
      await crossing.rejected(sender, { amount: 200n, destination: `${abroad.ilpAddress}.bob` })
      crossing.hop.answering = (prepare, response) => respond(response, fulfilOf(prepare.data))
    })
    expect(await crossing.transfers()).toBeGreaterThan(0)
  })
})
