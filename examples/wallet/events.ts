/**
 * What the service tells the wallet, checked before it is believed.
 */
import type { Unit } from './books'

export interface WebhookEvent {
  /** Also the id of the transfer that depositing or withdrawing the event's money makes. */
  readonly id: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What an event asks of a wallet. */
export type Task = Funding | Collection | { readonly kind: 'none' }

/** A customer wants to pay: the service needs the money. */
export interface Funding {
  readonly kind: 'fund'
  readonly paymentId: string
  readonly paymentPointerId: string
  readonly amount: bigint
  readonly unit: Unit
}

/** The service holds money of a customer: it arrived, or a payment left it over. */
export interface Collection {
  readonly kind: 'collect'
  readonly paymentPointerId: string
  readonly amount: bigint
  /** Undefined where the event leaves it to the payment pointer's asset. */
  readonly unit: Unit | undefined
  /** What a payment cost that went through, where this is what it left over. */
  readonly spent: bigint | undefined
}

/** The body of a webhook does not look like one. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent'
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const WHOLE_NUMBER = /^\d{1,39}$/

/** @throws MalformedEvent */
export function parseEvent(value: unknown): WebhookEvent {
  const event = fieldsOf(value, 'the body')
  const id = textOf(event, 'id')
  if (!UUID.test(id)) throw new MalformedEvent(`id ${id} is no UUID`)
  return { id, type: textOf(event, 'type'), data: fieldsOf(event['data'], 'data') }
}

/**
 * Mind the nesting: the facts are in `data.payment`, `data.incomingPayment` or `data.paymentPointer`. New types of
 * events may come with every release of the service, so an unknown one is no error.
 *
 * @throws MalformedEvent
 */
export function taskOf({ type, data }: WebhookEvent): Task {
  switch (type) {
    case 'outgoing_payment.created':
      return fundingOf(fieldsOf(data['payment'], 'payment'))
    case 'outgoing_payment.completed':
    case 'outgoing_payment.failed':
      return leftoverOf(fieldsOf(data['payment'], 'payment'), type === 'outgoing_payment.completed')
    case 'incoming_payment.completed':
    case 'incoming_payment.expired':
      return receiptOf(fieldsOf(data['incomingPayment'], 'incomingPayment'))
    case 'payment_pointer.web_monetization':
      return incomeOf(fieldsOf(data['paymentPointer'], 'paymentPointer'))
    default:
      return { kind: 'none' }
  }
}

type Fields = Readonly<Record<string, unknown>>

function fundingOf(payment: Fields): Task {
  return {
    kind: 'fund',
    paymentId: textOf(payment, 'id'),
    paymentPointerId: textOf(payment, 'paymentPointerId'),
    ...amountOf(payment['sendAmount'])
  }
}

/** What the service did not spend: everything after a failure, fees and the like after a success. */
function leftoverOf(payment: Fields, isCompleted: boolean): Task {
  const amount = wholeOf(payment, 'balance')
  if (amount === 0n) return { kind: 'none' }
  const paymentPointerId = textOf(payment, 'paymentPointerId')
  const sent = amountOf(payment['sentAmount'])
  return { kind: 'collect', paymentPointerId, amount, unit: sent.unit, spent: isCompleted ? sent.amount : undefined }
}

function receiptOf(payment: Fields): Task {
  const paymentPointerId = textOf(payment, 'paymentPointerId')
  return { kind: 'collect', paymentPointerId, ...amountOf(payment['receivedAmount']), spent: undefined }
}

function incomeOf(pointer: Fields): Task {
  const paymentPointerId = textOf(pointer, 'id')
  return { kind: 'collect', paymentPointerId, amount: wholeOf(pointer, 'received'), unit: undefined, spent: undefined }
}

function amountOf(value: unknown): { readonly amount: bigint; readonly unit: Unit } {
  const fields = fieldsOf(value, 'an amount')
  const assetScale = fields['assetScale']
  if (typeof assetScale !== 'number' || !Number.isInteger(assetScale)) throw new MalformedEvent('no assetScale')
  return { amount: wholeOf(fields, 'value'), unit: { assetCode: textOf(fields, 'assetCode'), assetScale } }
}

function wholeOf(fields: Fields, name: string): bigint {
  const text = textOf(fields, name)
  if (!WHOLE_NUMBER.test(text)) throw new MalformedEvent(`${name} ${text} is no whole number`)
  return BigInt(text)
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string' || value === '') throw new MalformedEvent(`${name} is missing or no text`)
  return value
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedEvent(`${name} is missing or no object`)
  }
  return value as Fields
}
