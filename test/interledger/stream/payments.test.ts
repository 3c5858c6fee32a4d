/**
 * Goal: payments to receivers elsewhere arrive exactly once and exactly, however often the path fails, the rate
 * moves or the worker dies; and what the books of every node say is what happened.
 * Method: two or three whole instances, neighbours over HTTP. Before each port stands a gate of the test's that
 * counts packets and spoils them. The clock of everything in this process goes forward when a test says so.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { deserializeIlpPrepare, deserializeIlpReply, isReject, serializeIlpReject, type IlpErrorCode } from 'ilp-packet'
import { TimeoutController } from '@interledger/pay/dist/src/controllers/timeout'
import { EntityReader } from '../../../src/database/entity-reader'
import { Ledger } from '../../../src/ledger/ledger'
import { createLogger } from '../../../src/logging'
import { PAYMENT_LEASE_MILLISECONDS } from '../../../src/services/payments/outgoing/lease'
import { OutgoingPaymentSender } from '../../../src/services/payments/outgoing/outgoing-payment-sender'
import { NotificationListener } from '../../../src/workers/notification-listener'
import { OutgoingPaymentWorker } from '../../../src/workers/outgoing-payment-worker'
import { ANSWER } from '../../admin-v2/support'
import { NodeParts } from '../node-parts'
import { connect, Network, type Node, type Wallet } from '../nodes'
import type { Task } from './killable-sender'

const SILENT = createLogger({ level: 'silent' })
const ROOT = resolve(__dirname, '..', '..', '..')

let network: Network
let here: Node
let there: Node
/** At here. */
let payer: Wallet
/** At there, in the same asset. */
let payee: Wallet
/** Of there, at here; and of here, at there. */
let peers: readonly [string, string]

let offset = 0
const realNow = Date.now.bind(Date)

function advanceSeconds(seconds: number): void {
  offset += seconds * 1_000
}

beforeAll(async () => {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + offset)
  network = new Network()
  here = await network.open('here')
  there = await network.open('there')
  payer = await here.wallet('USD')
  payee = await there.wallet('USD')
  peers = await connect([here, payer.assetId], [there, payee.assetId], { maxPacketAmount: 1_000n })
  here.parts.setRates('EUR', { USD: 2 })
  here.parts.setRates('USD', { EUR: 0.5 })
})
afterEach(() => {
  there.parts.gate.fault = undefined
  there.parts.gate.alter = (reply) => reply
  network.override = undefined
})
afterAll(async () => {
  await Promise.all(network.nodes.map((node) => node.expectSound()))
  await network.close()
  jest.restoreAllMocks()
})

const deliver = (value: number, { unit }: Wallet = payee) => ({ receiveAmount: { value: String(value), ...unit } })

function reject(code: string): Buffer {
  return serializeIlpReject({
    code: code as IlpErrorCode,
    triggeredBy: 'test.path',
    message: '',
    data: Buffer.alloc(0)
  })
}

/** What both neighbours' books say of each other: what one may send more, the other may send less. */
async function balances(): Promise<readonly [bigint, bigint]> {
  return [await here.peerBalance(peers[0]), await there.peerBalance(peers[1])]
}

test('case 57: packets are as large as the path takes, in the unit that is sent', async () => {
  const euros = await here.wallet('EUR')
  const [, limited] = peers
  expect(limited).toBeDefined()
  const { url, id } = await there.invoice(payee)
  const quote = await here.quote(euros, url, deliver(9_000))
  expect(quote).toMatchObject({ maxPacketAmount: '500', lowEstimatedExchangeRate: 2 })
  const before = there.parts.gate.packets
  const payment = await here.fund(euros, quote.id)
  await here.step()
  expect(await here.outgoing(payment)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '4500' } })
  expect(await there.received(id)).toMatchObject({ amount: 9_000n })
  // Nine packets with money, and at most one that says goodbye.
  expect(there.parts.gate.packets - before).toBeGreaterThanOrEqual(9)
  expect(there.parts.gate.packets - before).toBeLessThanOrEqual(10)
})

test('what one neighbour sends is what the other one gets', async () => {
  const before = await balances()
  const { url, id } = await there.invoice(payee, 5_000n)
  await here.funded(payer, url)
  await here.step()
  expect(await there.received(id)).toEqual({ state: 'COMPLETED', amount: 5_000n })
  const after = await balances()
  expect([after[0] - before[0], after[1] - before[1]]).toEqual([5_000n, -5_000n])
})

describe('the peer behind which a receiver is', () => {
  const told = async (node: Node, id: string): Promise<unknown> => (await node.lastEvent(id)).data.payment

  test('is told with every event of the payment, and stays as long as the payment says so', async () => {
    const home = await network.open('home')
    const wide = await network.open('wide')
    const sub = await network.open('sub', { ilpAddress: `${wide.ilpAddress}.sub` })
    const [from, far, near] = [await home.wallet('USD'), await wide.wallet('USD'), await sub.wallet('USD')]
    const [widePeer] = await connect([home, from.assetId], [wide, far.assetId])
    const [subPeer] = await connect([home, from.assetId], [sub, near.assetId], { balance: 0n })
    const throughWide = await home.funded(from, (await wide.invoice(far, 50n)).url)
    expect(await told(home, throughWide)).toMatchObject({ state: 'FUNDING', peerId: widePeer })
    await home.step()
    expect(await told(home, throughWide)).toMatchObject({ state: 'COMPLETED', peerId: widePeer })

    const throughSub = await home.funded(from, (await sub.invoice(near, 50n)).url)
    expect(await told(home, throughSub)).toMatchObject({ peerId: subPeer })
    const input = { id: subPeer, idempotencyKey: randomUUID() }
    const deleted = await home.api.mutate('deletePeer', 'DeletePeerInput', input, ANSWER)
    expect(deleted).toEqual({ code: '409', success: false, message: 'peer has outgoing payments' })
    expect(await home.stored(throughSub)).toMatchObject({ state: 'SENDING', peerId: subPeer })
    expect(await home.peerBalance(subPeer)).toBe(0n)
  })

  test('is nobody for receivers here', async () => {
    const [dollars, other] = [await here.wallet('XPT'), await here.wallet('XPT', 4)]
    const { url } = await here.invoice(other, 50n)
    const payment = await here.funded(dollars, url)
    await here.step()
    expect(await here.stored(payment)).toMatchObject({ state: 'COMPLETED', peerId: null })
    expect(await told(here, payment)).not.toHaveProperty('peerId')
  })
})

test('case 58: a path without liquidity is tried five times, and the money comes back', async () => {
  const idle = TimeoutController as unknown as { MAX_DURATION_SINCE_LAST_FULFILL: number }
  const { MAX_DURATION_SINCE_LAST_FULFILL: usual } = idle
  expect(usual).toBe(10_000)
  const { url, id } = await there.invoice(payee)
  const payment = await here.funded(payer, url, deliver(100))
  there.parts.gate.fault = () => Promise.resolve(reject('T04'))
  idle.MAX_DURATION_SINCE_LAST_FULFILL = 100
  try {
    for (const [attempt, seconds] of [0, 10, 20, 30, 40].entries()) {
      expect(await here.stored(payment)).toMatchObject({ state: 'SENDING', stateAttempts: attempt })
      if (seconds > 0) {
        advanceSeconds(seconds - 2)
        expect(await here.step()).toBe(0)
        advanceSeconds(2)
      }
      expect(await here.step()).toBe(1)
    }
  } finally {
    idle.MAX_DURATION_SINCE_LAST_FULFILL = usual
  }
  expect(await here.outgoing(payment)).toMatchObject({
    state: 'FAILED',
    error: 'IdleTimeout',
    sentAmount: { value: '0' }
  })
  const { type, data } = await here.lastEvent(payment)
  expect([type, data]).toMatchObject(['outgoing_payment.failed', { payment: { balance: '102' } }])
  expect([await here.held(), (await there.received(id)).amount]).toEqual([0n, 0n])
})

test('case 60: a receiver of the newest generation is quoted and paid', async () => {
  there.parts.gate.alter = (reply) => {
    const packet = deserializeIlpReply(reply)
    if (!isReject(packet) || packet.code !== 'F99') return reply
    return serializeIlpReject({ ...packet, code: 'F05' as IlpErrorCode })
  }
  const { url, id } = await there.invoice(payee, 2_500n)
  const payment = await here.funded(payer, url)
  await here.step()
  expect(await here.outgoing(payment)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '2500' } })
  expect(await there.received(id)).toEqual({ state: 'COMPLETED', amount: 2_500n })
})

test.each([
  ['refuses for good', () => reject('F02')],
  ['fails', () => 500],
  ['answers nonsense', () => Buffer.from('nonsense')]
])('a neighbour that %s halfway: the rest is sent later, and nothing twice', async (_, spoil) => {
  const idle = TimeoutController as unknown as { MAX_DURATION_SINCE_LAST_FULFILL: number }
  const { url, id } = await there.invoice(payee)
  const payment = await here.funded(payer, url, deliver(8_000))
  let withMoney = 0
  there.parts.gate.fault = (bytes) => {
    if (deserializeIlpPrepare(bytes).amount !== '0') withMoney++
    return Promise.resolve(withMoney > 4 ? spoil() : undefined)
  }
  idle.MAX_DURATION_SINCE_LAST_FULFILL = 100
  await here.step()
  idle.MAX_DURATION_SINCE_LAST_FULFILL = 10_000
  expect(await here.stored(payment)).toMatchObject({
    state: 'SENDING',
    stateAttempts: 1,
    sentAmount: 4_000n,
    deliveredAmount: 4_000n
  })
  expect(await here.held()).toBe(0n)
  there.parts.gate.fault = undefined
  advanceSeconds(10)
  await here.step()
  expect(await here.outgoing(payment)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '8000' } })
  expect(await there.received(id)).toMatchObject({ amount: 8_000n })
})

test('a receiver that cannot be asked is not taken for paid; one that ended meanwhile ends the payment', async () => {
  const { url, id } = await there.invoice(payee)
  const payment = await here.funded(payer, url, deliver(100))
  network.override = 'unreachable'
  await here.step()
  expect(await here.stored(payment)).toMatchObject({ state: 'SENDING', stateAttempts: 1 })
  network.override = undefined
  const found = await there.receiver(url)
  expect(found?.state).toBe('open')
  network.override = 'gone'
  advanceSeconds(10)
  await here.step()
  expect(await here.outgoing(payment)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '0' } })
  expect(await there.received(id)).toMatchObject({ amount: 0n })
})

test('two payments to a receiver with room for one: it gets what it asked for, and a packet more at most', async () => {
  const { url, id } = await there.invoice(payee, 3_000n)
  const payments = [await here.funded(payer, url), await here.funded(payer, url)]
  await here.step()
  advanceSeconds(10)
  while ((await here.step()) > 0) advanceSeconds(10)
  const { state, amount } = await there.received(id)
  expect(state).toBe('COMPLETED')
  expect(amount).toBeLessThanOrEqual(4_000n)
  const sent = await Promise.all(payments.map(async (payment) => (await here.stored(payment)).sentAmount))
  expect(sent.reduce((sum, each) => sum + each, 0n)).toBe(amount)
})

test('case 61: a worker that is killed halfway; another one sends the rest, and the receiver gets what it asked for', async () => {
  const { url, id } = await there.invoice(payee, 20_000n)
  const payment = await here.funded(payer, url)
  const found = await there.receiver(url)
  if (found?.state !== 'open') throw new Error('the receiver is not there')
  const { ilpAddress, sharedSecret, unit } = found.receiver
  const receiver = { ilpAddress, sharedSecret: sharedSecret.toString('base64'), unit }
  const { ilpAddress: ownAddress, parts } = here
  const task: Task = { offsetMilliseconds: offset, databaseUrl: parts.database.url, ilpAddress: ownAddress, receiver }
  const begun = there.parts.gate.packets
  const child = spawn(
    process.execPath,
    ['-r', './scripts/register.cjs', 'test/interledger/stream/killable-sender.ts'],
    { cwd: ROOT, env: { ...process.env, TASK: JSON.stringify(task) }, stdio: ['ignore', 'inherit', 'inherit'] }
  )
  const ended = once(child, 'exit')
  // The tenth packet is never answered by a living process.
  there.parts.gate.fault = async () => {
    if (there.parts.gate.packets - begun === 10) {
      child.kill('SIGKILL')
      await ended
    }
    return undefined
  }
  await ended
  there.parts.gate.fault = undefined
  const afterKill = (await there.received(id)).amount
  expect(afterKill).toBeGreaterThanOrEqual(8_000n)
  expect(await here.step()).toBe(0)
  advanceSeconds(31)
  expect(await here.step()).toBe(1)
  // What the dead worker had under way is waited for: its outcome is not known.
  expect(await here.stored(payment)).toMatchObject({ state: 'SENDING', stateAttempts: 0 })
  expect(await here.held()).toBeGreaterThan(0n)
  advanceSeconds(90)
  await here.api.container.resolve(Ledger).sweep()
  expect(await here.held()).toBe(0n)
  expect(await here.step()).toBe(1)
  expect(await here.stored(payment)).toMatchObject({ state: 'COMPLETED' })
  expect(await there.received(id)).toEqual({ state: 'COMPLETED', amount: 20_000n })
})

test('an instance that is told to stop lets go of its payments, and another one goes on with them', async () => {
  const { url, id } = await there.invoice(payee, 60_000n)
  const payment = await here.funded(payer, url)
  const { database } = here.parts
  const second = await NodeParts.open({ ilpAddress: here.ilpAddress, database, remoteReceivers: network })
  const { container } = second.api
  const notifications = new NotificationListener({ url: database.url, logger: SILENT })
  const worker = new OutgoingPaymentWorker(container.resolve(EntityReader), container.resolve(OutgoingPaymentSender), {
    databaseUrl: database.url,
    concurrency: 4,
    idleMilliseconds: 50,
    leaseMilliseconds: PAYMENT_LEASE_MILLISECONDS,
    notifications,
    logger: SILENT,
    now: () => new Date(Date.now())
  })
  worker.start()
  while ((await there.received(id)).amount < 5_000n) await new Promise((done) => setTimeout(done, 5))
  await worker.stop()
  await notifications.close()
  await second.close()
  const stopped = await here.stored(payment)
  expect(stopped).toMatchObject({ state: 'SENDING', stateAttempts: 0, lease: null })
  expect(stopped.sentAmount).toBe((await there.received(id)).amount)
  expect(stopped.sentAmount).toBeLessThan(60_000n)
  expect(await here.step()).toBe(1)
  expect(await here.outgoing(payment)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '60000' } })
  expect(await there.received(id)).toEqual({ state: 'COMPLETED', amount: 60_000n })
})

describe('case 62: receivers here, paid in packets', () => {
  test.each([
    [1, deliver(5_000, { unit: { assetCode: 'EUR', assetScale: 2 } } as Wallet)],
    [0.5, deliver(5_000, { unit: { assetCode: 'EUR', assetScale: 2 } } as Wallet)],
    [0.5, { sendAmount: { value: '5000', assetCode: 'USD', assetScale: 2 } }],
    [0.25, deliver(77, { unit: { assetCode: 'EUR', assetScale: 2 } } as Wallet)]
  ])('at %d the quote and the amounts are those of one transfer', async (rate, wish) => {
    const outcomes = []
    for (const localPaymentMethod of ['ledger', 'stream'] as const) {
      const node = await network.open('local', { localPaymentMethod })
      node.parts.setRates('USD', { EUR: rate })
      const [dollars, euros] = [await node.wallet('USD'), await node.wallet('EUR')]
      const { url, id } = await node.invoice(euros)
      const {
        sendAmount,
        receiveAmount,
        minExchangeRate,
        maxPacketAmount,
        id: quoteId
      } = await node.quote(dollars, url, wish)
      await node.fund(dollars, quoteId)
      await node.step()
      const { state, sentAmount } = await node.outgoing(quoteId)
      const liquidity = [await node.assetLiquidity(dollars), await node.assetLiquidity(euros)]
      const { payment } = (await node.lastEvent(quoteId)).data as { payment: { balance: string } }
      outcomes.push({
        ...{ sendAmount, receiveAmount, minExchangeRate, maxPacketAmount, state, sentAmount, liquidity },
        ...{ received: await node.received(id), balance: payment.balance }
      })
      expect(node.parts.streams.counts.attempts).toBe(localPaymentMethod === 'stream' ? 1 : 0)
    }
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[0]).toMatchObject({ state: 'COMPLETED' })
  })
})

test('case 63: through a node in between that converts, and nobody makes money of nothing', async () => {
  const middle = await network.open('middle')
  const end = await network.open('end', { ilpAddress: `${middle.ilpAddress}.end` })
  const dollars = await middle.wallet('USD')
  const euros = await middle.wallet('EUR')
  const farEuros = await end.wallet('EUR')
  const farDollars = await end.wallet('USD')
  await connect([here, payer.assetId], [middle, dollars.assetId], { maxPacketAmount: 997n })
  await connect([middle, euros.assetId], [end, farEuros.assetId])
  middle.parts.setRates('USD', { EUR: 0.9137 })
  end.parts.setRates('EUR', { USD: 1.0945 })
  const before = [await middle.assetLiquidity(dollars), await middle.assetLiquidity(euros)] as const
  const { url, id } = await end.invoice(farDollars, 20_000n)
  const payment = await here.funded(payer, url)
  await here.step()
  expect(await here.outgoing(payment)).toMatchObject({ state: 'COMPLETED', error: null })
  const { state, amount } = await end.received(id)
  expect(state).toBe('COMPLETED')
  expect(amount).toBeGreaterThanOrEqual(20_000n)
  const after = [await middle.assetLiquidity(dollars), await middle.assetLiquidity(euros)] as const
  const [got, gave] = [after[0] - before[0], before[1] - after[1]]
  expect(got).toBe((await here.stored(payment)).sentAmount)
  // What it gave, valued at its rate, is no more than what it got.
  expect(gave * 10_000n).toBeLessThanOrEqual(got * 9_137n)
})

test('case 64: four payments of a hundred packets each, while the API goes on answering', async () => {
  const invoices = await Promise.all(Array.from({ length: 4 }, () => there.invoice(payee, 100_000n)))
  const payments = []
  for (const { url } of invoices) payments.push(await here.funded(payer, url))
  let isSending = true
  const sending = here.step().finally(() => (isSending = false))
  let answered = 0
  while (isSending) {
    const { errors } = await here.api.run('{ assets { edges { node { id code liquidity } } } }')
    expect(errors).toEqual([])
    answered++
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await sending
  for (const [index, { id }] of invoices.entries()) {
    expect(await there.received(id)).toEqual({ state: 'COMPLETED', amount: 100_000n })
    expect(await here.outgoing(payments[index]!)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '100000' } })
  }
  // With every packet there was a moment for somebody else.
  expect(answered).toBeGreaterThan(20)
})
