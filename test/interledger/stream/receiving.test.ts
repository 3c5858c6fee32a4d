/**
 * Goal: money that comes in packets is credited once, as much as arrived, and only as long as the receiver takes
 * any; the sender is told what became of it, and never that it was paid when it was not.
 * Method: the test is the neighbour of a whole instance and posts packets to its connector.
 */
import { randomBytes } from 'node:crypto'
import { deserializeIlpReply, isFulfill, serializeIlpPrepare, type IlpReply } from 'ilp-packet'
import { FrameType } from 'ilp-protocol-stream/dist/src/packet'
import { StreamCredentials, type Credentials } from '../../../src/interledger/stream/credentials'
import { unique } from '../../admin-v2/support'
import { Network, type Node, type PeeringOptions, type Wallet } from '../nodes'
import { hmac, openReply, prepareFor, sha256, type Sending } from './stream-packets'

let network: Network
let node: Node
let dollars: Wallet

beforeAll(async () => {
  network = new Network()
  node = await network.open('receiver')
  dollars = await node.wallet('USD')
  node.parts.setRates('USD', { EUR: 0.5 })
})
afterAll(async () => {
  await node.expectSound()
  await network.close()
})

/** The test, as a neighbour. */
class Neighbour {
  private constructor(
    readonly id: string,
    private readonly token: string
  ) {}

  static async open(options: PeeringOptions = {}): Promise<Neighbour> {
    const token = unique('token')
    const peer = { ilpAddress: `test.${unique('neighbour')}`, endpoint: 'http://127.0.0.1:1', sends: 'x', takes: token }
    return new Neighbour(await node.addPeer(dollars.assetId, peer, options), token)
  }

  async send(credentials: Credentials, sending: Sending): Promise<IlpReply> {
    const response = await fetch(node.parts.connectorUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(serializeIlpPrepare(prepareFor(credentials, sending)))
    })
    expect(response.status).toBe(200)
    return deserializeIlpReply(Buffer.from(await response.arrayBuffer()))
  }

  balance(): Promise<bigint> {
    return node.peerBalance(this.id)
  }
}

function credentialsOf(paymentTag: string, receipt?: { nonce: Buffer; secret: Buffer }): Credentials {
  const asset = { code: 'USD', scale: 2 }
  return node.api.container.resolve(StreamCredentials).issue({ paymentTag, asset, receipt })
}

const codeOf = (reply: IlpReply): string => (isFulfill(reply) ? 'fulfilled' : reply.code)

test('case 48: a packet is credited, and the neighbour pays for it', async () => {
  const neighbour = await Neighbour.open({ balance: 5_000n })
  const { id } = await node.invoice(dollars)
  const credentials = credentialsOf(id)
  const reply = await neighbour.send(credentials, { amount: 1_000n, minimum: 1_000n })
  if (!isFulfill(reply)) throw new Error(`the packet was refused with ${reply.code}`)
  expect(String(openReply(credentials, reply.data).prepareAmount)).toBe('1000')
  expect(await node.received(id)).toEqual({ state: 'PROCESSING', amount: 1_000n })
  expect(await neighbour.balance()).toBe(4_000n)
})

test('case 49: what a receiver asked for completes it, and it takes no more', async () => {
  const neighbour = await Neighbour.open({ balance: 5_000n })
  const { id } = await node.invoice(dollars, 1_000n)
  const credentials = credentialsOf(id)
  expect(codeOf(await neighbour.send(credentials, { amount: 600n }))).toBe('fulfilled')
  expect(codeOf(await neighbour.send(credentials, { amount: 600n }))).toBe('fulfilled')
  expect(await node.received(id)).toEqual({ state: 'COMPLETED', amount: 1_200n })
  expect(await neighbour.send(credentials, { amount: 600n })).toMatchObject({
    code: 'F02',
    message: 'destination account is disabled'
  })
  expect(codeOf(await neighbour.send(credentials, { amount: 0n }))).toBe('fulfilled')
  expect(await neighbour.balance()).toBe(3_800n)
})

test('case 50: a probe is answered to a neighbour without money, and moves none', async () => {
  const neighbour = await Neighbour.open({ balance: 0n })
  const { id } = await node.invoice(dollars)
  const credentials = credentialsOf(id)
  const reply = await neighbour.send(credentials, { amount: 10n ** 12n, isFulfillable: false })
  if (isFulfill(reply)) throw new Error('a probe was fulfilled')
  expect(reply.code).toBe('F99')
  expect(String(openReply(credentials, reply.data).prepareAmount)).toBe('1000000000000')
  expect(await node.received(id)).toEqual({ state: 'PENDING', amount: 0n })
  expect(await neighbour.balance()).toBe(0n)
})

test('case 51: too little, nonsense, and an address of another secret', async () => {
  const neighbour = await Neighbour.open()
  const { id } = await node.invoice(dollars)
  const credentials = credentialsOf(id)
  expect(codeOf(await neighbour.send(credentials, { amount: 99n, minimum: 100n }))).toBe('F99')
  expect(codeOf(await neighbour.send({ ...credentials, sharedSecret: randomBytes(32) }, { amount: 1n }))).toBe('F06')
  const foreign = new StreamCredentials({ ilpAddress: node.ilpAddress, secret: randomBytes(32) })
  const issued = foreign.issue({ paymentTag: id, asset: { code: 'USD', scale: 2 } })
  expect(await neighbour.send(issued, { amount: 1n })).toMatchObject({
    code: 'F02',
    message: 'unknown destination account'
  })
  expect(await node.received(id)).toEqual({ state: 'PENDING', amount: 0n })
})

test('case 52: what converts to less than a unit is refused, and nothing is rounded up', async () => {
  const neighbour = await Neighbour.open({ balance: 100n })
  const euros = await node.wallet('EUR')
  const liquidity = await node.assetLiquidity(euros)
  const { id } = await node.invoice(euros)
  const credentials = credentialsOf(id)
  expect(codeOf(await neighbour.send(credentials, { amount: 1n }))).toBe('R01')
  expect(await neighbour.balance()).toBe(100n)
  expect(codeOf(await neighbour.send(credentials, { amount: 3n }))).toBe('fulfilled')
  expect(await node.received(id)).toMatchObject({ amount: 1n })
  expect([await neighbour.balance(), await node.assetLiquidity(euros)]).toEqual([97n, liquidity - 1n])
})

test('case 53: receipts show what was credited, and nothing that the ledger refused', async () => {
  const neighbour = await Neighbour.open({ balance: 25n })
  const { id } = await node.invoice(dollars)
  const receipt = { nonce: randomBytes(16), secret: randomBytes(32) }
  const credentials = credentialsOf(id, receipt)
  const totalOf = (reply: IlpReply): bigint => {
    if (!isFulfill(reply)) throw new Error(`the packet was refused with ${reply.code}`)
    const [frame] = openReply(credentials, reply.data).frames
    if (frame?.type !== FrameType.StreamReceipt) throw new Error('the reply has no receipt')
    expect(frame.receipt.subarray(26)).toEqual(hmac(receipt.secret, frame.receipt.subarray(0, 26)))
    return frame.receipt.readBigUInt64BE(18)
  }
  expect(totalOf(await neighbour.send(credentials, { amount: 10n }))).toBe(10n)
  expect(totalOf(await neighbour.send(credentials, { amount: 10n }))).toBe(20n)
  expect(await neighbour.send(credentials, { amount: 10n })).toMatchObject({
    code: 'T04',
    message: 'InsufficientBalance'
  })
  expect(totalOf(await neighbour.send(credentials, { amount: 5n }))).toBe(25n)
})

test('case 54: a crowd of packets into what has room for some of them', async () => {
  const neighbour = await Neighbour.open({ balance: 10_000n })
  const { id } = await node.invoice(dollars, 400n)
  const credentials = credentialsOf(id)
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => neighbour.send(credentials, { amount: 10n }).then(codeOf))
  )
  const { state, amount } = await node.received(id)
  expect(state).toBe('COMPLETED')
  expect(amount).toBeLessThanOrEqual(410n)
  expect(replies.filter((code) => code === 'fulfilled')).toHaveLength(Number(amount) / 10)
  expect(await neighbour.balance()).toBe(10_000n - amount)
})

test('a packet for a payment pointer is credited to it', async () => {
  const neighbour = await Neighbour.open({ balance: 100n })
  const credentials = credentialsOf(dollars.paymentPointerId)
  const reply = await neighbour.send(credentials, { amount: 60n })
  if (!isFulfill(reply)) throw new Error(`the packet was refused with ${reply.code}`)
  expect(sha256(reply.fulfillment)).toHaveLength(32)
  expect(await neighbour.balance()).toBe(40n)
})
