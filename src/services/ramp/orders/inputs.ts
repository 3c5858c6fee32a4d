/**
 * What `OrderService` is given, and what it answers with. Ids are UUIDs in canonical form; amounts are plain decimals
 * as clients write them, in USD or in local currency, whichever they are stated in.
 */
import type { RampPayment, RampRequest } from '../../../entities'
import type { RampCurrency, RampDirection } from '../../../entities/ramp/order'
import type { MethodField } from '../../../entities/ramp/payment-method'

export interface QuoteInput {
  readonly customerId: string
  /** Plain decimal. */
  readonly amount: string
  readonly currency: RampCurrency
  readonly paymentType: RampDirection
  /** Identifier of a rail, with or without the country behind it. */
  readonly paymentMethodType: string
  /** Two letters: the rail is one of this country and not of the customer's own. */
  readonly country?: string | null
}

export interface OnchainTransferInfo {
  readonly address: string
  readonly cryptocurrency: string
  readonly network: string
}

export interface DirectDepositInput {
  readonly quoteId: string
  readonly reference?: string | null
  readonly phoneNumber?: string | null
  readonly bankAccountNumber?: string | null
  readonly onchainTransferInfo?: OnchainTransferInfo | null
}

export interface DirectWithdrawalInput {
  readonly quoteId: string
  /** The customer's. */
  readonly paymentMethodId: string
  readonly reference?: string | null
}

export interface HostedInput {
  readonly paymentType: RampDirection
  readonly amount: string
  /** Absent: USD. */
  readonly currency?: RampCurrency | null
  readonly countryCode: string
  readonly reference?: string | null
  readonly metadata?: Record<string, unknown> | null
  readonly redirectUrl?: string | null
  readonly firstName: string
  readonly lastName: string
  readonly email: string
}

export interface PickUpInput {
  /** Identifier of a rail of the order's country, with or without the country behind it. */
  readonly paymentMethodType: string
  /** Of the account that a withdrawal is paid to. */
  readonly fields?: readonly MethodField[] | null
  readonly phoneNumber?: string | null
  readonly bankAccountNumber?: string | null
}

/** Who acts for the customer: the merchant whose order it is, or whoever knows the order's id. */
export type CustomerSide = { readonly kind: 'merchant'; readonly id: string } | { readonly kind: 'customer' }

export interface AgentOptions {
  /** Whether webhooks tell the agent of its orders; they do unless said otherwise. */
  readonly isTold?: boolean
}

/** An order in the hands of an agent. */
export interface PlacedOrder {
  readonly request: RampRequest
  /** The present assignment. */
  readonly payment: RampPayment
  /** The name that customers know the agent by. */
  readonly agent: string
  /** Where the fiat goes, as a line for people. */
  readonly paymentDetails: string
}

export type Resolution = 'completed' | 'canceled'
