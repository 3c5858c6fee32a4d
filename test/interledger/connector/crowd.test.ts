/**
 * Goal: packets that arrive together are stored together, and yet each is judged for itself: what is asked for is
 * overshot by one packet at most, whichever instance takes them, and who cannot pay does not take others along.
 * Method: crowds of packets for one receiver, at two connectors on one database; credits of several amounts made
 * by hand.
 */
import { deserializeIlpReply, isFulfill, serializeIlpPrepare } from 'ilp-packet'
import { openConnector, type OpenConnector } from '../../../src/interledger/connector/open'
import type { PacketPeer } from '../../../src/interledger/connector/types'
import { StreamPacketReceiver } from '../../../src/interledger/stream/receiver'
import { StreamCredentials, type Credentials } from '../../../src/interledger/stream/credentials'
import { StreamTotals } from '../../../src/interledger/stream/totals'
import { Reader } from '../../../src/database/reader'
import { creditOf } from '../../../src/services/credit'
import { creditRefusalOf, IncomingPaymentCredits } from '../../../src/services/payments/incoming/credit'
import { assetOf, storedPayment, submitCredit } from '../../payments/support'
import { prepareFor } from '../stream/stream-packets'
import { Crossing } from './support'

let crossing: Crossing
let other: OpenConnector

beforeAll(async () => {
  crossing = await Crossing.open()
  const { container, clock } = crossing.node.api
  const now = (): Date => clock.now()
  const totals = new StreamTotals(container.resolve(Reader))
  other = openConnector({
    container,
    receiver: new StreamPacketReceiver(container.resolve(StreamCredentials), totals, now),
    logger: crossing.node.api.context().logger,
    now,
    settings: {
      ilpAddress: crossing.node.ilpAddress,
      ilpSpread: '0',
      ilpInFlightMax: 500,
      ilpInFlightPerPeerMax: 500,
      ilpPacketsPerMinute: 10_000
    }
  })
})
afterAll(async () => {
  await other.close(1_000)
  await crossing.close()
})

async function neighbour(balance: bigint): Promise<PacketPeer> {
  const { id } = await crossing.neighbour(undefined, { balance })
  return (await crossing.node.parts.connector.neighbours.byId(id))!
}

function credentialsOf(paymentTag: string): Credentials {
  const credentials = crossing.node.api.container.resolve(StreamCredentials)
  return credentials.issue({ paymentTag, asset: { code: 'USD', scale: 2 } })
}

async function send(connector: OpenConnector, peer: PacketPeer, to: Credentials, amount: bigint): Promise<string> {
  const prepare = serializeIlpPrepare(prepareFor(to, { amount }))
  const reply = deserializeIlpReply(await connector.pipeline.handle(prepare, { kind: 'peer', peer }))
  return isFulfill(reply) ? 'fulfilled' : reply.code
}

const count = (answers: readonly string[], wanted: string): number => answers.filter((one) => one === wanted).length

test('at two instances at once: one packet too many at most, and every debit has its credit', async () => {
  for (let round = 0; round < 3; round++) {
    const peer = await neighbour(10_000n)
    const { id } = await crossing.node.invoice(crossing.wallet, 400n)
    const to = credentialsOf(id)
    const both = [crossing.node.parts.connector, other]
    const answers = await Promise.all(Array.from({ length: 120 }, (_, index) => send(both[index % 2]!, peer, to, 11n)))
    // 37 times 11 is 407, and 36 times is less than 400.
    expect([count(answers, 'fulfilled'), count(answers, 'F02')]).toEqual([37, 83])
    expect(await crossing.node.received(id)).toEqual({ state: 'COMPLETED', amount: 407n })
    expect(await crossing.node.peerBalance(peer.id)).toBe(10_000n - 407n)
  }
})

test('who cannot pay takes nobody along', async () => {
  const [rich, poor] = [await neighbour(10_000n), await neighbour(50n)]
  const { id } = await crossing.node.invoice(crossing.wallet)
  const to = credentialsOf(id)
  const sending = Array.from({ length: 60 }, (_, index) => send(other, index % 2 ? poor : rich, to, 10n))
  const answers = await Promise.all(sending)
  expect([count(answers, 'fulfilled'), count(answers, 'T04')]).toEqual([35, 25])
  expect(await crossing.node.received(id)).toMatchObject({ amount: 350n })
  expect(await crossing.node.peerBalance(poor.id)).toBe(0n)
})

test('a payment pointer gets all of a crowd', async () => {
  const peer = await neighbour(10_000n)
  const to = credentialsOf(crossing.wallet.paymentPointerId)
  const answers = await Promise.all(Array.from({ length: 80 }, () => send(other, peer, to, 7n)))
  expect(count(answers, 'fulfilled')).toBe(80)
  expect(await crossing.node.peerBalance(peer.id)).toBe(10_000n - 560n)
})

test('a receiver that ends in the middle of a crowd', async () => {
  const peer = await neighbour(10_000n)
  const { id } = await crossing.node.invoice(crossing.wallet)
  const to = credentialsOf(id)
  expect(await send(other, peer, to, 1n)).toBe('fulfilled')
  crossing.node.api.clock.advanceSeconds(40 * 24 * 3_600)
  const late = {
    ...prepareFor(to, { amount: 5n }),
    expiresAt: new Date(crossing.node.api.clock.now().getTime() + 20_000)
  }
  const source = { kind: 'peer', peer } as const
  const replies = await Promise.all(
    Array.from({ length: 30 }, () => other.pipeline.handle(serializeIlpPrepare(late), source))
  )
  for (const reply of replies) expect(deserializeIlpReply(reply)).toMatchObject({ code: 'F02' })
  expect(await crossing.node.peerBalance(peer.id)).toBe(9_999n)
})

test.each([
  [[60n, 60n], 'ok'],
  [[100n], 'ok'],
  [[1_000n], 'ok'],
  [[99n, 1n], 'ok'],
  [[99n, 1_000n], 'ok'],
  [[60n, 60n, 1n], 'finished'],
  [[100n, 1n], 'finished']
])('of 100, the amounts %p are %s', async (amounts, expected) => {
  const { api } = crossing.node
  const { id } = await crossing.node.invoice(crossing.wallet, 100n)
  const payment = await storedPayment(api, id)
  const asset = await assetOf(api, payment.assetId)
  const credits = await api.container.resolve(IncomingPaymentCredits).creditOfMany(payment, asset, api.clock.now())
  const whole = amounts.reduce((sum, amount) => sum + amount, 0n)
  const credit = { ...creditOf(credits, whole), attachments: () => credits.attachments(amounts) }
  const deposit = submitCredit(api, credit, whole, asset.settlementAccountId)
  const outcome = await deposit.then(
    ([result]) => result,
    (error: unknown) => creditRefusalOf(error)
  )
  expect(outcome).toBe(expected)
  const { state, receivedAmount } = await storedPayment(api, id)
  expect([state, receivedAmount]).toEqual(expected === 'ok' ? ['COMPLETED', whole] : ['PENDING', 0n])
})
