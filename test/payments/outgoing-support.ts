/** Payments from quote to completion, on a database of the test's own, with rates that the test sets. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DataSource } from 'typeorm'
import { EntityReader } from '../../src/database/entity-reader'
import { Reader } from '../../src/database/reader'
import { OutgoingPayment, type WebhookEvent } from '../../src/entities'
import type { WebhookEventType } from '../../src/entities/webhook-event'
import { Ledger } from '../../src/ledger/ledger'
import { availableOf } from '../../src/ledger/types'
import { OutgoingPaymentClaims } from '../../src/services/payments/outgoing/outgoing-payment-claims'
import { OutgoingPaymentSender } from '../../src/services/payments/outgoing/outgoing-payment-sender'
import type { ServiceSettings } from '../../src/services/settings'
import { createPaymentPointer } from '../admin-v2/fixtures'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { RecordingServer } from '../support/servers'
import { AMOUNT, assetOf, createIncomingPayment, createWallet, eventsOf, type Unit, type Wallet } from './support'

export const LEASE_SECONDS = 30
export const QUOTE = `id paymentPointerId receiver sendAmount ${AMOUNT} fee ${AMOUNT} receiveAmount ${AMOUNT} maxPacketAmount
  minExchangeRate lowEstimatedExchangeRate highEstimatedExchangeRate createdAt expiresAt`
export const OUTGOING = `id paymentPointerId state error stateAttempts receiver metadata createdAt
  sendAmount ${AMOUNT} receiveAmount ${AMOUNT} sentAmount ${AMOUNT} quote { id }`

/** A sender and a receiver, each with an asset and a payment pointer, and liquidity to deliver. */
export interface Route {
  readonly sender: Wallet
  readonly receiver: Wallet
}

export interface Account {
  readonly posted: { readonly debits: bigint; readonly credits: bigint }
  readonly available: bigint
}

export class Payments {
  private readonly rates = new Map<string, Record<string, unknown>>()

  private constructor(
    readonly database: TestDatabase,
    readonly api: TestApi,
    private readonly ratesServer: RecordingServer
  ) {}

  static async open(settings: Partial<ServiceSettings> = {}): Promise<Payments> {
    const database = await createTestDatabase()
    const ratesServer = await RecordingServer.open((request, response) => payments.answerRates(request, response))
    const api = await TestApi.open(database.url, {
      settings: { exchangeRatesUrl: ratesServer.url, ...settings },
      recoveryMilliseconds: 2_000
    })
    const payments = new Payments(database, api, ratesServer)
    return payments
  }

  async close(): Promise<void> {
    await this.api.close()
    await this.ratesServer.close()
    await this.database.drop()
  }

  private answerRates(request: IncomingMessage, response: ServerResponse): void {
    const base = new URL(request.url ?? '', this.ratesServer.url).searchParams.get('base') ?? ''
    const rates = this.rates.get(base)
    response.writeHead(rates ? 200 : 503).end(JSON.stringify({ base, rates }))
  }

  setRates(base: string, rates: Record<string, unknown>): void {
    this.rates.set(base, rates)
  }

  /** Two assets with a rate between them, and liquidity of the one that is delivered. */
  async route(
    rate: string | number,
    liquidity = 1_000_000n,
    scales: readonly [number, number] = [9, 9]
  ): Promise<Route> {
    const sender = await createWallet(this.api, { scale: scales[0] })
    const receiver = await createWallet(this.api, { scale: scales[1] })
    this.setRates(sender.unit.assetCode, { [receiver.unit.assetCode]: rate })
    await this.addLiquidity(receiver, liquidity)
    return { sender, receiver }
  }

  /** Sender and receiver have the same asset. */
  async domesticRoute(): Promise<Route> {
    const sender = await createWallet(this.api)
    return { sender, receiver: { ...sender, paymentPointer: await createPaymentPointer(this.api, sender.asset.id) } }
  }

  async addLiquidity({ asset }: Wallet, amount: bigint): Promise<void> {
    if (amount === 0n) return
    const input = { assetId: asset.id, amount: String(amount), id: randomUUID(), idempotencyKey: randomUUID() }
    const answer = await this.api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', input, ANSWER)
    expect(answer).toMatchObject({ code: '200' })
  }

  /** An incoming payment, and its URL. */
  async expectPayment({ receiver }: Route, value?: number, more: object = {}): Promise<{ id: string; url: string }> {
    const amount = value === undefined ? {} : { incomingAmount: amountOf(value, receiver.unit) }
    const { id } = await createIncomingPayment(this.api, receiver.paymentPointer.id, { ...amount, ...more })
    return { id, url: `${receiver.paymentPointer.url}/incoming-payments/${id}` }
  }

  /** What `createQuote` answers, whatever it is. */
  askForQuote({ sender }: Route, receiver: string, more: object = {}): Promise<Fields> {
    const input = { paymentPointerId: sender.paymentPointer.id, receiver, ...more }
    return this.api.mutate('createQuote', 'CreateQuoteInput', input, `${ANSWER} quote { ${QUOTE} }`)
  }

  async quote(route: Route, receiver: string, more: object = {}): Promise<Fields> {
    const answer = await this.askForQuote(route, receiver, more)
    expect(answer).toMatchObject({ code: '200', success: true, message: null })
    return answer.quote as Fields
  }

  /** What `createOutgoingPayment` answers, whatever it is. */
  askForPayment(paymentPointerId: string, quoteId: string, more: object = {}): Promise<Fields> {
    const input = { paymentPointerId, quoteId, ...more }
    const fields = `${ANSWER} payment { ${OUTGOING} }`
    return this.api.mutate('createOutgoingPayment', 'CreateOutgoingPaymentInput', input, fields)
  }

  async create(route: Route, quote: Fields, more: object = {}): Promise<Fields> {
    const answer = await this.askForPayment(route.sender.paymentPointer.id, quote.id, more)
    expect(answer).toMatchObject({ code: '200', success: true, message: null })
    return answer.payment as Fields
  }

  /** A payment that was quoted and created; `more` are the amounts. */
  async createFor(route: Route, receiver: string, more: object = {}): Promise<Fields> {
    return this.create(route, await this.quote(route, receiver, more))
  }

  /** A payment that waits to be sent. */
  async createFunded(route: Route, receiver: string, more: object = {}): Promise<Fields> {
    const payment = await this.createFor(route, receiver, more)
    expect(await this.deposit(await this.eventId(payment.id))).toMatchObject({
      code: '200',
      success: true,
      error: null
    })
    return payment
  }

  deposit(eventId: string, idempotencyKey: string = randomUUID()): Promise<Fields> {
    const input = { eventId, idempotencyKey }
    return this.api.mutate('depositEventLiquidity', 'DepositEventLiquidityInput', input, `${ANSWER} error`)
  }

  withdraw(eventId: string, idempotencyKey: string = randomUUID()): Promise<Fields> {
    const input = { eventId, idempotencyKey }
    return this.api.mutate('withdrawEventLiquidity', 'WithdrawEventLiquidityInput', input, `${ANSWER} error`)
  }

  /** The payment as the API shows it. */
  async shown(id: string): Promise<Fields> {
    const { data, errors } = await this.api.run(`query ($id: String!) { outgoingPayment(id: $id) { ${OUTGOING} } }`, {
      id
    })
    expect(errors).toEqual([])
    return data.outgoingPayment as Fields
  }

  stored(id: string): Promise<OutgoingPayment> {
    return this.api.container.resolve(DataSource).manager.findOneByOrFail(OutgoingPayment, { id })
  }

  /** The event of a type of a payment. */
  async event(paymentId: string, type: WebhookEventType): Promise<WebhookEvent> {
    const found = (await eventsOf(this.api, paymentId)).filter((event) => event.type === type)
    expect(found).toHaveLength(1)
    return found[0]!
  }

  async eventTypes(paymentId: string): Promise<WebhookEventType[]> {
    return (await eventsOf(this.api, paymentId)).map(({ type }) => type)
  }

  /** The event that asks for a payment's funds. */
  async eventId(paymentId: string): Promise<string> {
    return (await this.event(paymentId, 'outgoing_payment.created')).id
  }

  claim(limit = 100): Promise<OutgoingPayment[]> {
    const { container, clock } = this.api
    const reader = container.resolve(Reader)
    const claims = new OutgoingPaymentClaims(
      container.resolve(EntityReader),
      { query: (statement) => reader.rows(statement) },
      LEASE_SECONDS * 1_000
    )
    return claims.claim(clock.now(), limit)
  }

  send(payment: OutgoingPayment): Promise<void> {
    return this.api.container.resolve(OutgoingPaymentSender).send(this.api.context(), payment)
  }

  /** One attempt at each payment that is due, as the worker makes it. Returns how many. */
  async step(): Promise<number> {
    const claimed = await this.claim()
    await Promise.all(claimed.map((payment) => this.send(payment)))
    return claimed.length
  }

  async account(id: bigint | null): Promise<Account> {
    const account = id === null ? undefined : await this.api.container.resolve(Ledger).account(id)
    if (!account) throw new Error('there is no such account')
    const { debitsPosted: debits, creditsPosted: credits } = account
    return { posted: { debits, credits }, available: availableOf(account) }
  }

  async liquidityOf({ asset }: Wallet): Promise<bigint> {
    return (await this.account((await assetOf(this.api, asset.id)).liquidityAccountId)).available
  }
}

export function amountOf(value: number | string | bigint, unit: Unit): Record<string, unknown> {
  return { value: String(value), ...unit }
}
