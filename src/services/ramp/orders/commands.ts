/**
 * What can be asked of orders, by whom, and what is answered. `OrderService` in `order-service.ts` does it.
 *
 * A command that was carried out already is answered again and changes nothing. Ids are UUIDs in canonical form;
 * amounts are plain decimals as clients write them, in USD or in local currency, whichever they are stated in.
 */
import type { RampPayment, RampQuote, RampRequest } from '../../../entities'
import type { RampCurrency, RampDirection } from '../../../entities/ramp/order'
import type { MethodField } from '../../../entities/ramp/payment-method'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import type { OverduePage, OverduePayments } from './resolving'

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

export interface OrderCommands {
  quote(context: RequestContext, merchantId: string, input: QuoteInput): Promise<RampAnswer<RampQuote>>
  /** `amount` absent: the old one. */
  refreshQuote(
    context: RequestContext,
    merchantId: string,
    quoteId: string,
    amount?: string | null
  ): Promise<RampAnswer<RampQuote>>

  initiateDeposit(
    context: RequestContext,
    merchantId: string,
    input: DirectDepositInput
  ): Promise<RampAnswer<PlacedOrder>>
  initiateWithdrawal(
    context: RequestContext,
    merchantId: string,
    input: DirectWithdrawalInput
  ): Promise<RampAnswer<PlacedOrder>>
  initiateHosted(context: RequestContext, merchantId: string, input: HostedInput): Promise<RampAnswer<RampRequest>>
  cancelHosted(context: RequestContext, merchantId: string, requestId: string): Promise<RampAnswer<true>>
  pickUp(context: RequestContext, requestId: string, input: PickUpInput): Promise<RampAnswer<PlacedOrder>>

  markDepositPaid(
    context: RequestContext,
    side: CustomerSide,
    requestId: string,
    receipt?: string | null
  ): Promise<RampAnswer<true>>
  /** Of a customer on the page, also while no rail was chosen yet. */
  cancelDeposit(context: RequestContext, side: CustomerSide, requestId: string): Promise<RampAnswer<true>>
  markWithdrawalReceived(context: RequestContext, side: CustomerSide, requestId: string): Promise<RampAnswer<true>>

  acceptWithdrawal(
    context: RequestContext,
    agentId: string,
    paymentId: string,
    options?: AgentOptions
  ): Promise<RampAnswer<true>>
  cancelWithdrawal(context: RequestContext, agentId: string, paymentId: string): Promise<RampAnswer<true>>
  markDepositReceived(context: RequestContext, agentId: string, paymentId: string): Promise<RampAnswer<true>>
  markWithdrawalPaid(
    context: RequestContext,
    agentId: string,
    paymentId: string,
    methodId: string,
    receipt?: string | null
  ): Promise<RampAnswer<true>>

  /**
   * The operator's word on an order that is paid, or accepted and overdue. An overdue order is only canceled,
   * which gives it to another agent if there is one.
   */
  resolve(context: RequestContext, requestId: string, resolution: Resolution): Promise<RampAnswer<true>>

  find(requestId: string): Promise<RampRequest | undefined>
  findByReference(merchantId: string, reference: string): Promise<RampRequest | undefined>
  findPayment(paymentId: string): Promise<RampPayment | undefined>
  /** An order with its present assignment; undefined before the first. */
  findPlaced(requestId: string): Promise<PlacedOrder | undefined>
  /** Accepted withdrawals that are not paid out in time and paid deposits that are not answered, longest first. */
  overdue(page: OverduePage): Promise<OverduePayments>
}
