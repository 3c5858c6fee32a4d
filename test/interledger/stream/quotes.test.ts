/**
 * Goal: quotes for receivers elsewhere promise what the protocol's reference values say, and payments of them
 * deliver it and cost no more.
 * Method: two whole instances, neighbours over HTTP. The receiving one converts; both know the same rate, unless
 * a test says otherwise.
 */
import type { PacketFamilyValue } from '../../../src/interledger/connector/figures'
import { quoteSecondsFamily } from '../../../src/interledger/stream/figures'
import type { Answer } from '../../../src/services/answer'
import { QuoteService } from '../../../src/services/payments/quotes/quote-service'
import { connect, Network, type Node, type Wallet } from '../nodes'

const PACKETS_ANY = '9223372036854775807'

let network: Network
let here: Node
let there: Node
let payer: Wallet
let payee: Wallet

beforeAll(async () => {
  network = new Network()
  here = await network.open('here', { quoteProbesMax: 3, quoteProbesPerClientMax: 2 })
  there = await network.open('there')
  payer = await here.wallet('USD')
  payee = await there.wallet('EUR')
  const dollars = await there.wallet('USD')
  await connect([here, payer.assetId], [there, dollars.assetId])
})
afterAll(async () => {
  await Promise.all(network.nodes.map((node) => node.expectSound()))
  await network.close()
})

function setRate(rate: number, path = rate): void {
  here.parts.setRates('USD', { EUR: rate })
  there.parts.setRates('USD', { EUR: path })
}

const send = (value: number) => ({ sendAmount: { value: String(value), ...payer.unit } })
const deliver = (value: number) => ({ receiveAmount: { value: String(value), ...payee.unit } })

/** Rate, wish, what the quote says of both amounts, and what is sent and delivered in the end. */
const VECTORS: readonly (readonly [number, 'send' | 'deliver', number, number, number, number, number])[] = [
  [1, 'send', 100, 100, 99, 99, 99],
  [1, 'send', 1_000_000, 1_000_000, 990_000, 990_000, 990_000],
  [1, 'deliver', 100, 102, 100, 100, 100],
  [1, 'deliver', 1_000_000, 1_010_102, 1_000_000, 1_000_000, 1_000_000],
  [0.5, 'send', 100, 100, 50, 100, 50],
  [0.5, 'send', 1_000_000, 1_000_000, 495_000, 990_000, 495_000],
  [0.5, 'deliver', 100, 203, 100, 200, 100],
  [0.5, 'deliver', 1_000_000, 2_020_203, 1_000_000, 2_000_000, 1_000_000],
  [3, 'send', 100, 100, 295, 99, 297],
  [3, 'deliver', 100, 34, 100, 34, 102],
  [0.9137, 'send', 1_000_000, 1_000_000, 904_563, 990_000, 904_563],
  [0.9137, 'deliver', 100, 111, 100, 110, 100]
]

describe('case 56: the reference values of quotes and payments', () => {
  test.each(VECTORS)('at %d, %s %d', async (rate, mode, value, sendAmount, receiveAmount, sent, delivered) => {
    setRate(rate)
    const invoice = await there.invoice(payee)
    const quote = await here.quote(payer, invoice.url, mode === 'send' ? send(value) : deliver(value))
    expect(quote).toMatchObject({
      sendAmount: { value: String(sendAmount), ...payer.unit },
      receiveAmount: { value: String(receiveAmount), ...payee.unit },
      maxPacketAmount: PACKETS_ANY,
      minExchangeRate: Number((rate * 0.99).toFixed(8)),
      lowEstimatedExchangeRate: rate,
      highEstimatedExchangeRate: (rate * 10 ** 12 + 1) / 10 ** 12
    })
    const id = await here.fund(payer, quote.id)
    expect(await here.step()).toBe(1)
    expect(await here.outgoing(id)).toMatchObject({
      state: 'COMPLETED',
      error: null,
      sentAmount: { value: String(sent) }
    })
    expect(await there.received(invoice.id)).toEqual({ state: 'PROCESSING', amount: BigInt(delivered) })
    const { type, data } = await here.lastEvent(id)
    expect([type, data]).toMatchObject([
      'outgoing_payment.completed',
      { payment: { balance: String(sendAmount - sent), sentAmount: { value: String(sent) } } }
    ])
  })
})

test('a receiver that asks for an amount gets it, and is completed', async () => {
  setRate(0.5)
  const invoice = await there.invoice(payee, 25_000n)
  const id = await here.funded(payer, invoice.url)
  await here.step()
  expect(await here.outgoing(id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '50000' } })
  expect(await there.received(invoice.id)).toEqual({ state: 'COMPLETED', amount: 25_000n })
  expect(await here.askForQuote(payer, invoice.url)).toMatchObject({ code: '400', message: 'invalid receiver' })
})

test('case 59: a path that brings too little for a unit is not quoted', async () => {
  const { url } = await there.invoice(payee)
  setRate(0.5, 0.49)
  expect(await here.askForQuote(payer, url, send(10_000))).toMatchObject({
    code: '400',
    message: 'insufficient exchange rate',
    quote: null
  })
  setRate(0.5, 0.4951)
  expect(await here.askForQuote(payer, url, send(10_000))).toMatchObject({
    code: '200',
    quote: { lowEstimatedExchangeRate: 0.4951, minExchangeRate: 0.495 }
  })
})

test('a rate that falls after the quote, by more than the slippage, stops the payment before it costs anything', async () => {
  setRate(0.5)
  const invoice = await there.invoice(payee)
  const id = await here.funded(payer, invoice.url, deliver(1_000))
  setRate(0.5, 0.4)
  await here.step()
  expect(await here.stored(id)).toMatchObject({ state: 'SENDING', stateAttempts: 1, sentAmount: 0n })
  expect(await there.received(invoice.id)).toEqual({ state: 'PENDING', amount: 0n })
})

test('how long quotes take is counted', async () => {
  setRate(0.5)
  const { url } = await there.invoice(payee)
  const { counts } = here.parts.streams
  const { probes, probesFailed } = counts
  const timed = (): number | undefined =>
    [...(quoteSecondsFamily(here.parts.streams).read() as readonly PacketFamilyValue[])].at(-1)?.value
  expect(timed()).toBe(probes)
  await here.quote(payer, url, send(100))
  expect([counts.probes, counts.probesFailed, timed()]).toEqual([probes + 1, probesFailed, probes + 1])
})

test('a path that never answers ends the quote when its ten seconds are over', async () => {
  setRate(0.5)
  const { url } = await there.invoice(payee)
  let release = (): void => undefined
  const released = new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
  there.parts.gate.fault = () => released
  expect(await here.askForQuote(payer, url, send(100))).toMatchObject({ code: '400', message: 'rate probe failed' })
  release()
  there.parts.gate.fault = undefined
})

describe('paths that are probed at the same time', () => {
  const CLIENTS = ['https://a.test/client', 'https://b.test/client'] as const
  const TOO_MANY = { done: false, failure: 'too_many_probes' }

  test('are so many for a client and so many in all, and those too many leave nothing behind', async () => {
    setRate(0.5)
    const wallet = await here.wallet('USD', 3)
    const { url: receiver } = await there.invoice(payee)
    const quotes = here.api.container.resolve(QuoteService)
    const input = { paymentPointerId: wallet.paymentPointerId, receiver, sendAmount: { value: 1_000n, ...wallet.unit } }
    const ask = (client: string | null): Promise<Answer<unknown, string>> =>
      quotes.create(here.api.context(), { ...input, client })
    let release = (): void => undefined
    const released = new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
    there.parts.gate.fault = () => released
    // Whoever has a place waits for the gate, so what is answered before is refused.
    const ofFirst = [ask(CLIENTS[0]), ask(CLIENTS[0]), ask(CLIENTS[0])]
    expect(await Promise.race(ofFirst)).toMatchObject(TOO_MANY)
    const ofSecond = [ask(CLIENTS[1]), ask(CLIENTS[1])]
    expect(await Promise.race(ofSecond)).toMatchObject(TOO_MANY)
    expect(await here.askForQuote(wallet, receiver, { sendAmount: { value: '1000', ...wallet.unit } })).toMatchObject({
      code: '429',
      message: 'too many quotes at the same time',
      quote: null
    })
    release()
    const answers = await Promise.all([...ofFirst, ...ofSecond])
    there.parts.gate.fault = undefined
    expect(answers.filter(({ done }) => done)).toHaveLength(3)
    const { nodes } = await quotes.page(wallet.paymentPointerId, { limit: 10, direction: 'forward' })
    expect(nodes).toHaveLength(3)
    expect(await Promise.all([ask(CLIENTS[0]), ask(CLIENTS[0]), ask(null)])).toMatchObject(
      Array(3).fill({ done: true })
    )
  })
})

test('one unit of sending is too little to promise anything', async () => {
  setRate(0.5)
  const { url } = await there.invoice(payee)
  expect(await here.askForQuote(payer, url, send(1))).toMatchObject({ code: '400', message: 'invalid amount' })
})

test('a quote moves no money and asks for no balance', async () => {
  setRate(0.5)
  const poor = await here.wallet('USD', 4, 0n)
  const before = await here.assetLiquidity(payer)
  const { url } = await there.invoice(payee)
  const quote = await here.quote(poor, url, { receiveAmount: { value: '10', ...payee.unit } })
  expect(quote).toMatchObject({ lowEstimatedExchangeRate: 0.005 })
  expect(await here.assetLiquidity(payer)).toBe(before)
  expect(await here.held()).toBe(0n)
})

test('without a rate there is no quote, and a rate that cannot be had says so', async () => {
  const { url } = await there.invoice(payee)
  here.parts.setRates('USD', { GBP: 1 })
  expect(await here.askForQuote(payer, url, send(100))).toMatchObject({ code: '400', message: 'no exchange rate' })
  here.parts.setRates('USD')
  expect(await here.askForQuote(payer, url, send(100))).toMatchObject({
    code: '500',
    message: 'exchange rates unavailable'
  })
})

test('a receiver that nobody is a neighbour of cannot be reached', async () => {
  const far = await network.open('far')
  const euros = await far.wallet('EUR')
  setRate(0.5)
  const { url } = await far.invoice(euros)
  expect(await here.askForQuote(payer, url, send(100))).toMatchObject({
    code: '400',
    message: 'receiver not reachable'
  })
})
