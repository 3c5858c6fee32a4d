/**
 * An order as its customer sees it. Whoever has the order's id may see this, so there is nothing in it of other
 * orders, nothing of what the merchant has or pays, and nothing of the customer that the customer did not choose.
 */
import type { RailField } from '../../../entities/ramp/rail'

export type HostedStatus = 'created' | 'picked_up' | 'completed' | 'canceled'
export type HostedPaymentStatus = 'pending' | 'accepted' | 'paid' | 'completed' | 'canceled'

/** A rail that can be chosen. Amounts and rate are those of this moment, and null while nobody serves it. */
export interface HostedRail {
  readonly identifier: string
  readonly label: string
  readonly fields: readonly RailField[]
  readonly exchangeRate: string | null
  readonly amountLocal: string | null
  readonly amountUsd: string | null
}

/** What is on its way, at a rate that is locked. */
export interface HostedPayment {
  readonly status: HostedPaymentStatus
  /** Name of the agent. */
  readonly agent: string
  readonly exchangeRate: string
  readonly amountLocal: string
  readonly amountUsd: string
  /** Where the fiat goes: the agent's account for a deposit, the customer's for a withdrawal. */
  readonly paymentMethod: {
    readonly label: string
    readonly fields: readonly { readonly identifier: string; readonly label: string; readonly value: string }[]
  }
  /** Until when a deposit has to be paid. */
  readonly expiresAt: string | null
  readonly expiresAtSecs: number | null
}

export interface HostedView {
  /** Global id. */
  readonly id: string
  readonly reference: string
  readonly paymentType: 'deposit' | 'withdrawal'
  readonly status: HostedStatus
  readonly amount: string
  /** What `amount` is stated in. */
  readonly currency: 'local_currency' | 'usd'
  /** Name of the merchant. */
  readonly merchant: string
  readonly country: { readonly code: string; readonly name: string; readonly currency: string }
  readonly redirectUrl: string | null
  /** While a rail has to be chosen; otherwise empty. */
  readonly rails: readonly HostedRail[]
  /** Null until a rail was chosen. */
  readonly payment: HostedPayment | null
  readonly createdAt: string
}
