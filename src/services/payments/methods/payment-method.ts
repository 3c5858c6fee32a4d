/**
 * The port between payments and the ways in which they can be made. Quotes and outgoing payments know no more
 * of a receiver than what stands here; each method knows its own.
 */
import type { Attachment } from '../../../database/statement'
import type { Asset, OutgoingPayment, Quote } from '../../../entities'
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
 * - `gone`: it takes nothing any more, be it that it has what it asked for. That is its final answer.
 * - `expired`: its time is over, and it was not completed by then. That is final, too.
 * - `unknown`: there is none of that URL.
 * - `unreachable`: nobody can say at present.
 */
export type Resolution<Found extends Receiver = Receiver> =
  | { readonly state: 'open'; readonly receiver: Found }
  | { readonly state: 'gone' | 'expired' | 'unknown' | 'unreachable' }

/** One of the two amounts is given, the other one is asked for. */
export type Target = { readonly principal: bigint } | { readonly receiveAmount: bigint }

export interface Terms {
  /** What is sent, in the sender's unit. */
  readonly principal: bigint
  /** What arrives, in the receiver's unit. */
  readonly receiveAmount: bigint
  /** Smallest units delivered for one smallest unit sent, at least. */
  readonly rate: Ratio
  /** What probing the path has found. Absent if there is no path to speak of: nothing leaves this instance. */
  readonly path?: Path
}

/** The path to a receiver, as it was when it was probed. */
export interface Path {
  /** Smallest units delivered for one smallest unit sent: at least this many. */
  readonly low: Ratio
  /** Always fewer than this many. */
  readonly high: Ratio
  /** Largest packet that gets there, in the sending asset, 1 … 2^64 − 1. */
  readonly maxPacketAmount: bigint
}

export type TermsFailure =
  /** Nothing would arrive. */
  | 'nothing_delivered'
  /** There is no exchange rate between the two assets. */
  | 'no_rate'
  /** There may be a rate, but nobody can say at present. */
  | 'rates_unavailable'
  /** There is no path to the receiver at present. */
  | 'no_path'
  /** What arrives for a unit could not be found out. */
  | 'probe_failed'
  /** What arrives for a unit is less than the exchange rate lets expect, by more than the slippage. */
  | 'rate_too_low'
  /** So many paths are being probed at present that this one was not. */
  | 'too_many_probes'

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
  /** Whether nothing more may be sent: who goes on after that may pay a second time. */
  isStopped(): boolean
}

/**
 * What an attempt came to.
 * - `completed`: everything is delivered, and the payment's completion is stored with it.
 * - `delivered`: everything is delivered, bit by bit; the completion is still to be stored.
 * - `failed`: something is missing. What was delivered, in the receiver's unit, stays delivered.
 */
export type AttemptResult =
  | { readonly state: 'completed' }
  | { readonly state: 'delivered'; readonly delivered: bigint }
  | { readonly state: 'failed'; readonly error: PaymentErrorName; readonly delivered: bigint }

/** One way to make payments. */
export interface PaymentMethod<Found extends Receiver = Receiver> {
  /** Undefined for URLs that are not this method's business. */
  resolve(context: RequestContext, url: string): Promise<Resolution<Found> | undefined>
  /** The client is the Open Payments client that asks; absent: the operator. */
  quote(
    context: RequestContext,
    sender: Asset,
    receiver: Found,
    target: Target,
    client?: string
  ): Promise<Terms | TermsFailure>
  pay(context: RequestContext, receiver: Found, attempt: PaymentAttempt): Promise<AttemptResult>
  /** The id of the peer behind which the receiver is, for who sends this asset. Absent: the method needs no peers. */
  peer?(receiver: Found, sendAssetId: string): Promise<string | undefined>
}
