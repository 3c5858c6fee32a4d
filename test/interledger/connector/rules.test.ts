/**
 * Goal: what the node itself decides about a packet: sizes, rates, limits, neighbours' questions and ways.
 * Method: a node among neighbours that the test plays.
 */
import { createHash, randomUUID } from 'node:crypto'
import { deserializeIlpReply, isFulfill, serializeIlpPrepare, type IlpPrepare } from 'ilp-packet'
import { deserializeIldcpResponse, serializeIldcpResponse } from 'ilp-protocol-ildcp'
import { unique, type Fields } from '../../admin-v2/support'
import {
  Crossing,
  fulfilOf,
  inSeconds,
  packet,
  rejectIn,
  rejectOf,
  respond,
  type HttpAnswer,
  type Neighbour
} from './support'

let crossing: Crossing
let sender: Neighbour
let taker: Neighbour

beforeAll(async () => {
  crossing = await Crossing.open({ connector: { ilpPacketsPerMinute: 200, ilpSpread: '0.1' } })
  sender = await crossing.neighbour()
  taker = await crossing.neighbour()
})
afterAll(() => crossing.close())

describe('case 37: the size of a packet', () => {
  it('one above the limit is too much, and the numbers are told', async () => {
    const small = await crossing.neighbour(undefined, { maxPacketAmount: 1_000n })
    const reject = await crossing.rejected(small, { amount: 1_001n, destination: `${taker.ilpAddress}.bob` })
    expect(reject.code).toBe('F08')
    expect(reject.data).toHaveLength(16)
    expect([reject.data.readBigUInt64BE(0), reject.data.readBigUInt64BE(8)]).toEqual([1_001n, 1_000n])
    await crossing.fulfilled(small, { amount: 1_000n, destination: `${taker.ilpAddress}.bob` })
  })

  it('a limit holds for what a peer sends, not for what it gets', async () => {
    const small = await crossing.neighbour(undefined, { maxPacketAmount: 1n })
    await crossing.fulfilled(sender, { amount: 50n, destination: `${small.ilpAddress}.bob` })
  })

  it('what would be more than a packet can say on the other side is too much', async () => {
    const fine = await crossing.node.wallet('FINE', 18, 0n)
    const abroad = await crossing.neighbour(fine.assetId, { balance: 0n })
    const reject = await crossing.rejected(sender, { amount: 5_000n, destination: `${abroad.ilpAddress}.bob` })
    expect(reject.code).toBe('F08')
    const limit = reject.data.readBigUInt64BE(8)
    // At a rate of 0.9 after the spread and 10^16 for the scales.
    expect(limit).toBe((2n ** 64n - 1n) / (9n * 10n ** 15n))
  })
})

describe('case 43: rates', () => {
  it('none', async () => {
    const lost = await crossing.node.wallet('LOST')
    const abroad = await crossing.neighbour(lost.assetId)
    expect(await crossing.rejected(sender, { amount: 1n, destination: `${abroad.ilpAddress}.bob` })).toMatchObject({
      code: 'F07',
      message: 'Exchange rate error: InvalidDestinationPrice'
    })
  })

  it('that nobody can tell at present', async () => {
    const lost = await crossing.node.wallet('DOWN')
    const home = await crossing.node.wallet('HOME')
    const [abroad, local] = [await crossing.neighbour(lost.assetId), await crossing.neighbour(home.assetId)]
    expect(await crossing.rejected(local, { amount: 1n, destination: `${abroad.ilpAddress}.bob` })).toMatchObject({
      code: 'T00'
    })
  })

  it('at which nothing would arrive, and at which it does', async () => {
    const rough = await crossing.node.wallet('ROUGH', 0)
    const abroad = await crossing.neighbour(rough.assetId)
    const to = { destination: `${abroad.ilpAddress}.bob` }
    const before = await crossing.node.peerBalance(abroad.id)
    // 111 cents are 0.999 of it after a spread of a tenth, 112 are 1.008.
    expect(await crossing.rejected(sender, { amount: 111n, ...to })).toMatchObject({ code: 'R01' })
    await crossing.fulfilled(sender, { amount: 112n, ...to })
    expect(await crossing.node.peerBalance(abroad.id)).toBe(before + 1n)
  })
})

test('case 44: packets a minute, each peer for itself', async () => {
  const eager = await crossing.neighbour()
  const to = { amount: 0n, destination: 'test.nobody.here' }
  const other = { amount: 1n, destination: `${taker.ilpAddress}.bob` }
  for (let count = 0; count < 200; count++) {
    await crossing.send(eager, packet({ ...to, destination: `${taker.ilpAddress}.bob` }))
  }
  expect(await crossing.rejected(eager, other)).toMatchObject({
    code: 'T05',
    message: 'too many requests, throttling.'
  })
  await crossing.fulfilled(sender, other)
})

test('a limit of money a second, in each direction', async () => {
  const slow = await Crossing.open({ connector: { ilpThroughputLimit: 100 } })
  try {
    const [from, to] = [await slow.neighbour(), await slow.neighbour()]
    const reject = await slow.rejected(from, { amount: 101n, destination: `${to.ilpAddress}.bob` })
    expect(reject).toMatchObject({ code: 'T04', message: 'exceeded money bandwidth, throttling.' })
    await slow.fulfilled(from, { amount: 100n, destination: `${to.ilpAddress}.bob` })
    expect(await slow.node.held()).toBe(0n)
  } finally {
    await slow.close()
  }
})

describe('case 45: a neighbour asks who it is', () => {
  const ask = (peer: Neighbour, more: Partial<IlpPrepare> = {}): Promise<HttpAnswer> =>
    crossing.send(
      peer,
      serializeIlpPrepare({
        amount: '0',
        destination: 'peer.config' as IlpPrepare['destination'],
        executionCondition: Buffer.from('Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU=', 'base64'),
        expiresAt: inSeconds(20),
        data: Buffer.alloc(0),
        ...more
      })
    )

  it('and is told', async () => {
    const { body } = await ask(sender)
    expect(deserializeIlpReply(body)).toMatchObject({ fulfillment: Buffer.alloc(32) })
    expect(deserializeIldcpResponse(body)).toEqual({
      clientAddress: sender.ilpAddress,
      assetScale: 2,
      assetCode: 'USD'
    })
  })

  it.each([
    ['another condition', { executionCondition: createHash('sha256').update('x').digest() }],
    ['an amount', { amount: '1' }],
    ['an expiry in the past', { expiresAt: inSeconds(-1) }]
  ])('with %s: F00', async (_, more) => {
    expect(rejectIn(await ask(sender, more))).toMatchObject({ code: 'F00' })
  })

  it.each(['peer.route.control', 'peer.heartbeat', 'peer.config.more'])('%s is not known', async (destination) => {
    const more = { destination: destination as IlpPrepare['destination'] }
    expect(rejectIn(await ask(sender, more))).toMatchObject({ code: 'F02', message: 'unknown destination account' })
  })
})

test('case 46: a packet does not go back to where it came from', async () => {
  const reject = await crossing.rejected(sender, { amount: 1n, destination: `${sender.ilpAddress}.bob` })
  expect(reject).toMatchObject({ code: 'F02', message: 'unknown destination account' })
})

test('case 47: the longest address, part by part', async () => {
  const address = `test.${unique('a')}`
  const outer = await crossing.neighbour(undefined, { ilpAddress: address })
  const inner = await crossing.neighbour(undefined, { ilpAddress: `${address}.b` })
  const received = async (): Promise<bigint[]> =>
    Promise.all([outer, inner].map(({ id }) => crossing.node.peerBalance(id)))
  const before = await received()
  const gained = async (): Promise<bigint[]> => (await received()).map((balance, index) => balance - before[index]!)
  await crossing.fulfilled(sender, { amount: 1n, destination: `${address}.b.c` })
  expect(await gained()).toEqual([0n, 1n])
  await crossing.fulfilled(sender, { amount: 2n, destination: `${address}.b` })
  expect(await gained()).toEqual([0n, 3n])
  await crossing.fulfilled(sender, { amount: 4n, destination: `${address}.bc` })
  await crossing.fulfilled(sender, { amount: 8n, destination: address })
  expect(await gained()).toEqual([12n, 3n])
  for (const destination of [`${address}b.c`, `${address}x`]) {
    expect(await crossing.rejected(sender, { amount: 1n, destination })).toMatchObject({ code: 'F02' })
  }
})

test('every packet is counted, by what became of it and by peer', async () => {
  const { families } = crossing.node.parts.connector
  const read = async (name: string): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await families.find((family) => family.name === name)!.read()).map(({ labels, value }) => [
        Object.values(labels).join(' '),
        value
      ])
    )
  const peer = await crossing.neighbour()
  await crossing.fulfilled(peer, { amount: 30n, destination: `${taker.ilpAddress}.bob` })
  await crossing.rejected(peer, { amount: 5n, destination: 'test.nobody.here' })
  const packets = await read('ilp_peer_packets_total')
  expect([packets[`${peer.id} incoming fulfilled`], packets[`${peer.id} incoming rejected`]]).toEqual([1, 1])
  expect((await read('ilp_peer_amount_total'))[`${peer.id} incoming`]).toBe(30)
  expect((await read('ilp_peer_liquidity'))[`${peer.id} USD 2`]).toBe(10 ** 12 - 30)
  expect((await read('ilp_packets_total'))['incoming rejected F02']).toBeGreaterThan(0)
})

describe('the connection to a peer, tested by an operator', () => {
  const test = async (id: string): Promise<Fields> => {
    const fields = 'code success message connection { outcome ilpAddress assetCode assetScale durationMilliseconds }'
    return crossing.node.api.mutate('testPeerConnection', 'TestPeerConnectionInput', { id }, fields)
  }
  const told = (clientAddress: string, assetCode = 'USD', assetScale = 2): Buffer =>
    serializeIldcpResponse({ clientAddress, assetCode, assetScale })
  const failed = { code: '502', success: false, message: 'Packets do not get through to the peer' }

  it.each([
    ['says who we are', 200, told('test.other.us'), 'CONNECTED', 'test.other.us'],
    ['does not say, and rejects', 200, rejectOf('F02'), 'CONNECTED', null]
  ])('%s', async (_, status, body, outcome, ilpAddress) => {
    crossing.hop.answering = (prepare, response) => {
      expect(prepare).toMatchObject({ amount: '0', destination: 'peer.config' })
      respond(response, body, status)
    }
    const transfers = await crossing.transfers()
    expect(await test(taker.id)).toMatchObject({ code: '200', success: true, connection: { outcome, ilpAddress } })
    expect(await crossing.transfers()).toBe(transfers)
  })

  it.each([
    ['keeps another asset', 200, told('test.other.us', 'EUR'), 'ASSET_MISMATCH'],
    ['keeps another scale', 200, told('test.other.us', 'USD', 9), 'ASSET_MISMATCH'],
    ['is something else', 200, Buffer.from('<html>'), 'FAULTY'],
    ['does not know our token', 401, Buffer.alloc(0), 'REFUSED'],
    ['is broken', 500, Buffer.alloc(0), 'UNREACHABLE'],
    ['is busy', 429, Buffer.alloc(0), 'BUSY']
  ])('%s', async (_, status, body, outcome) => {
    crossing.hop.answering = (_prepare, response) => respond(response, body, status)
    expect(await test(taker.id)).toMatchObject({ ...failed, connection: { outcome } })
  })

  it('there is no such peer', async () => {
    for (const id of [randomUUID(), 'nonsense']) {
      expect(await test(id)).toMatchObject({ code: '404', success: false, connection: null })
    }
  })

  afterAll(() => {
    crossing.hop.answering = (prepare, response) => respond(response, fulfilOf(prepare.data.subarray(0, 32)))
  })
})

test('a fulfilled packet within one asset is not charged', async () => {
  const before = await crossing.node.peerBalance(taker.id)
  const { body } = await crossing.send(sender, packet({ amount: 100n, destination: `${taker.ilpAddress}.bob` }))
  expect(isFulfill(deserializeIlpReply(body))).toBe(true)
  expect(await crossing.node.peerBalance(taker.id)).toBe(before + 100n)
})
