import type { LimitSettings } from '../limits'

/** What an operator can set of orders. */
export interface OrderSettings extends LimitSettings {
  /** How long a quote's rate is promised. */
  readonly rampQuoteLifetimeMilliseconds: number
  /** How long the customer of a deposit has to pay. */
  readonly rampDepositExpiryMilliseconds: number
  /** How long an agent has to accept a withdrawal. */
  readonly rampAcceptWindowMilliseconds: number
  /** How long it then has to pay it out until the operator is told. */
  readonly rampPayoutWindowMilliseconds: number
  /** How long the customer of a paid withdrawal has to object. */
  readonly rampAutoConfirmMilliseconds: number
  /** How long an order on a page waits for the customer to choose a rail. */
  readonly rampHostedLifetimeMilliseconds: number
  /** To how many agents a withdrawal is given, one after the other. */
  readonly rampAssignmentsMax: number
  /** What an order costs the merchant, in hundredths of a per cent. */
  readonly rampFeeBasisPoints: number
  /** How much of that is the agent's. */
  readonly rampAgentShareBasisPoints: number
}
