/**
 * The port between payments and the ways in which they can be made. Quotes and outgoing payments know no more
 * of a receiver than what stands here; each method knows its own.
 */
import type { Attachment } from '../../../database/statement'
import type { OutgoingPayment, Quote } from '../../../entities'
import type { RequestContext } from '../../context'
import type { Ratio } from '../../rates/ratio'
import type { Unit } from '../../rates/rates-service'
import type { PaymentErrorName } from './payment-error'

/** Something that can be paid at present. */
export interface Receiver {
  /** What arrives is in this unit. */
  readonly unit: Unit
  /** What it asks for in all; undefined: whatever comes. */
  readonly incomingAmount: bigint | undefined
  /** What it still takes; undefined: any amount. */
  readonly remaining: bigint | undefined
  /** When it stops taking anything. */
  readonly expiresAt: Date | undefined
}

/**
 * What became of looking a receiver up.
 * - `gone`: it was paid in full, completed or expired. That is its final answer.
 * - `unknown`: there is none of that URL.
 * - `unreachable`: nobody can say at present.
 */
export type Resolution<Found extends Receiver = Receiver> =
  { readonly state: 'open'; readonly receiver: Found } | { readonly state: 'gone' | 'unknown' | 'unreachable' }

/** One of the two amounts is given, the other one is asked for. */
export type Target = { readonly principal: bigint } | { readonly receiveAmount: bigint }

export interface Terms {
  /** What is sent, in the sender's unit. */
  readonly principal: bigint
  /** What arrives, in the receiver's unit. */
  readonly receiveAmount: bigint
  /** Smallest units delivered for one smallest unit sent, at least. */
  readonly rate: Ratio
}

export type TermsFailure =
  /** Nothing would arrive. */
  | 'nothing_delivered'
  /** There is no exchange rate between the two assets. */
  | 'no_rate'
  /** There may be a rate, but nobody can say at present. */
  | 'rates_unavailable'

/** One try to deliver what is left of a payment. */
export interface PaymentAttempt {
  readonly payment: OutgoingPayment
  readonly quote: Quote
  /** In the receiver's unit, at least 1. */
  readonly receiveAmount: bigint
  /** What it may cost, in the sending asset, at least 1. */
  readonly principal: bigint
  /** What makes the payment's completion durable. Belongs into the transaction of its last delivery. */
  readonly completion: (principal: bigint) => readonly Attachment[]
}

/** A payment is completed together with its delivery, or not delivered for a reason. */
export type AttemptResult =
  { readonly delivered: true } | { readonly delivered: false; readonly error: PaymentErrorName }

/** One way to make payments. */
export interface PaymentMethod<Found extends Receiver = Receiver> {
  /** Undefined for URLs that are not this method's business. */
  resolve(context: RequestContext, url: string): Promise<Resolution<Found> | undefined>
  quote(context: RequestContext, sender: Unit, receiver: Found, target: Target): Promise<Terms | TermsFailure>
  pay(context: RequestContext, receiver: Found, attempt: PaymentAttempt): Promise<AttemptResult>
}
