/** Incoming payments for tests: made through the API, credited as a packet credits them, moved on by the worker's step. */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { Asset, IncomingPayment, WebhookEvent } from '../../src/entities'
import { Ledger } from '../../src/ledger/ledger'
import type { AccountId, Result } from '../../src/ledger/types'
import type { Credit } from '../../src/services/credit'
import { TRANSFER_CODES } from '../../src/services/ledger-codes'
import {
  creditRefusalOf,
  IncomingPaymentCredits,
  type CreditRefusal
} from '../../src/services/payments/incoming/credit'
import { IncomingPaymentDeadlines } from '../../src/services/payments/incoming/deadlines'
import { IncomingPaymentProcessor } from '../../src/services/payments/incoming/processor'
import { createAsset, createPaymentPointer } from '../admin-v2/fixtures'
import { ANSWER, type Fields, type TestApi } from '../admin-v2/support'

export const AMOUNT = '{ value assetCode assetScale }'
export const PAYMENT = `id paymentPointerId state incomingAmount ${AMOUNT} receivedAmount ${AMOUNT} expiresAt metadata createdAt`

export interface Unit {
  readonly assetCode: string
  readonly assetScale: number
}

/** A payment pointer with an asset of its own. */
export interface Wallet {
  readonly asset: Fields
  readonly paymentPointer: Fields
  readonly unit: Unit
}

export async function createWallet(api: TestApi, asset: object = {}): Promise<Wallet> {
  const created = await createAsset(api, asset)
  const paymentPointer = await createPaymentPointer(api, created.id)
  return { asset: created, paymentPointer, unit: { assetCode: created.code, assetScale: created.scale } }
}

/** What `createIncomingPayment` answers, whatever it is. */
export function askForPayment(api: TestApi, paymentPointerId: string, more: object = {}): Promise<Fields> {
  const input = { paymentPointerId, ...more }
  const fields = `${ANSWER} payment { ${PAYMENT} }`
  return api.mutate('createIncomingPayment', 'CreateIncomingPaymentInput', input, fields)
}

export async function createIncomingPayment(
  api: TestApi,
  paymentPointerId: string,
  more: object = {}
): Promise<Fields> {
  const answer = await askForPayment(api, paymentPointerId, more)
  expect(answer).toMatchObject({ code: '200', success: true, message: null })
  return answer.payment as Fields
}

/** The payment as the API shows it. */
export async function shownPayment(api: TestApi, id: string): Promise<Fields> {
  const { data, errors } = await api.run(`query ($id: String!) { incomingPayment(id: $id) { ${PAYMENT} } }`, { id })
  expect(errors).toEqual([])
  return data.incomingPayment as Fields
}

export function storedPayment(api: TestApi, id: string): Promise<IncomingPayment> {
  return api.container.resolve(DataSource).manager.findOneByOrFail(IncomingPayment, { id })
}

/** Moves money from outside into the credited account, with what belongs to the credit. */
export async function submitCredit(
  api: TestApi,
  credit: Credit,
  amount: bigint,
  debitAccountId: AccountId
): Promise<readonly Result[]> {
  const id = randomUUID()
  const { accountId: creditAccountId, accounts } = credit
  const { results } = await api.container.resolve(Ledger).submit({
    accounts,
    commands: [{ type: 'transfer', id, debitAccountId, creditAccountId, amount, code: TRANSFER_CODES.DEPOSIT }],
    attach: (outcome) => credit.attachments(outcome.results[0] === 'ok')
  })
  return results
}

/** One credit of a payment, as it was when it is called. */
export async function credit(api: TestApi, id: string, amount: bigint): Promise<CreditRefusal | Result> {
  const payment = await storedPayment(api, id)
  const asset = await assetOf(api, payment.assetId)
  const credits = api.container.resolve(IncomingPaymentCredits)
  try {
    const prepared = await credits.credit(payment, asset, amount, api.clock.now())
    const results = await submitCredit(api, prepared, amount, asset.settlementAccountId)
    return results[0]!
  } catch (error) {
    const refusal = creditRefusalOf(error)
    if (refusal === undefined) throw error
    return refusal
  }
}

/** As `credit`, and again if the account was opened meanwhile. */
export async function receive(api: TestApi, id: string, amount: bigint): Promise<CreditRefusal | Result> {
  for (;;) {
    const outcome = await credit(api, id, amount)
    if (outcome !== 'account_opened') return outcome
  }
}

export function assetOf(api: TestApi, id: string): Promise<Asset> {
  return api.container.resolve(DataSource).manager.findOneByOrFail(Asset, { id })
}

/** Does all that time has made due, one step as the workers do. */
export async function processDue(api: TestApi): Promise<void> {
  const deadlines = api.container.resolve(IncomingPaymentDeadlines)
  while ((await deadlines.shorten(api.clock.now(), 10)).length > 0);
  const processor = api.container.resolve(IncomingPaymentProcessor)
  while ((await processor.processDue(api.clock.now(), 10)).length > 0);
}

/** What the operator is told of a resource, in order. */
export function eventsOf(api: TestApi, resourceId: string): Promise<WebhookEvent[]> {
  const { manager } = api.container.resolve(DataSource)
  return manager.find(WebhookEvent, { where: { resourceId }, order: { sequence: 'ASC' } })
}

export async function postedCredits(api: TestApi, accountId: bigint | null): Promise<bigint | undefined> {
  if (accountId === null) return undefined
  return (await api.container.resolve(Ledger).account(accountId))?.creditsPosted
}

/** Whatever happened, the row and the ledger say the same. */
export async function expectInStep(api: TestApi, id: string): Promise<IncomingPayment> {
  const payment = await storedPayment(api, id)
  expect((await postedCredits(api, payment.accountId)) ?? 0n).toBe(payment.receivedAmount)
  return payment
}

export async function deactivate(api: TestApi, id: string, status = 'INACTIVE'): Promise<void> {
  const answer = await api.mutate('updatePaymentPointer', 'UpdatePaymentPointerInput', { id, status }, ANSWER)
  expect(answer).toMatchObject({ code: '200' })
}

export function secondsFromNow(api: TestApi, seconds: number): string {
  return new Date(api.clock.now().getTime() + seconds * 1_000).toISOString()
}
