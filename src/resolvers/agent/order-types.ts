import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Decimal, ISO8601Date, ISO8601DateTime } from '../ramp/scalars'
import { P2PPaymentTypeType } from '../ramp/types'

export const P2PPaymentStatus = {
  pending: 'pending',
  accepted: 'accepted',
  paid: 'paid',
  completed: 'completed',
  canceled: 'canceled'
} as const
export type P2PPaymentStatus = keyof typeof P2PPaymentStatus
registerEnumType(P2PPaymentStatus, {
  name: 'P2PPaymentStatus',
  description: 'How far an assignment has come.',
  valuesConfig: {
    pending: {
      description: 'Assigned. A deposit waits for the customer to pay, a withdrawal for the agent to accept.'
    },
    accepted: { description: 'The agent committed to paying a withdrawal out.' },
    paid: { description: 'One side says that it paid; the other has yet to confirm.' },
    completed: { description: 'Settled.' },
    canceled: { description: 'Void, at least for this agent.' }
  }
})

@ObjectType('P2PPayment', { description: 'An order as it was assigned to one agent.' })
export class P2PPayment {
  @Field(() => ID, { description: 'Global id.' })
  id!: string

  @Field(() => String, { description: 'Ten characters that all assignments of one order share.' })
  orderId!: string

  @Field(() => P2PPaymentStatus, { description: 'How far it has come.' })
  status!: P2PPaymentStatus

  @Field(() => P2PPaymentTypeType, { description: 'Which way it goes.' })
  paymentType!: P2PPaymentTypeType

  @Field(() => Decimal, { description: 'Local currency a USD, as the customer gets it; locked.' })
  exchangeRate!: string

  @Field(() => Decimal, { description: "The agent's own rate when it was locked, without the platform's surcharge." })
  exchangeRateMinusSurcharge!: string

  @Field(() => String, { description: 'Where it came from: `hosted`, `direct` or `onchain`.' })
  source!: string

  @Field(() => Boolean, { description: "Whether money arrives at once by the agent's payment method." })
  instant!: boolean

  @Field(() => ISO8601DateTime, { description: 'When it was assigned.' })
  createdAt!: Date

  @Field(() => ISO8601DateTime, {
    nullable: true,
    description: 'When a deposit ends unpaid, or a withdrawal should be paid out; null while neither is set.'
  })
  expiresAt!: Date | null

  @Field(() => Int, { nullable: true, description: 'Whole seconds until then, 0 when it is past.' })
  expiresAtSecs!: number | null

  @Field(() => ISO8601DateTime, {
    nullable: true,
    description: 'Until when a withdrawal can be accepted; null for a deposit.'
  })
  reassignAfter!: Date | null

  @Field(() => Int, { nullable: true, description: 'Whole seconds until then, 0 when it is past.' })
  reassignAfterSecs!: number | null

  @Field(() => Decimal, { description: "The agent's share of the fee, in USD." })
  agentCutOfFees!: string

  @Field(() => Decimal, { description: 'What the platform keeps of the surcharge, in USD.' })
  fxSpreadRevenue!: string

  @Field(() => Decimal, { description: 'What the order is worth, in USD.' })
  amountUsd!: string

  @Field(() => Decimal, { description: 'The same in local currency: what moves between customer and agent.' })
  amountLocal!: string

  @Field(() => Decimal, { description: 'What the agent gives or gets, in USD, its share of the fee aside.' })
  agentAmountUsd!: string

  @Field(() => String, { description: 'The local currency by ISO 4217.' })
  currency!: string

  @Field(() => String, { nullable: true, description: 'Phone number that a deposit is said to come from.' })
  payerPhoneNumber!: string | null

  @Field(() => String, { nullable: true, description: 'Account number that a deposit is said to come from.' })
  payerBankAccountNumber!: string | null

  @Field(() => String, { nullable: true, description: 'Receipt of whoever paid, as it was given.' })
  receipt!: string | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When the agent accepted.' })
  acceptedAt!: Date | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When it was said to be paid.' })
  paidAt!: Date | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When it was settled.' })
  completedAt!: Date | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When it became void.' })
  canceledAt!: Date | null

  @Field(() => String, { nullable: true, description: 'Why it became void, such as `expired`.' })
  cancelReason!: string | null

  /** Its UUID. */
  paymentId!: string

  /** Where the order is looked up. */
  requestId!: string

  /** Where the customer is looked up. */
  customerId!: string

  /** Where the customer's payment method is looked up. */
  customerPaymentMethodId!: string | null

  /** Where the agent's payment method is looked up. */
  agentPaymentMethodId!: string
}

@ObjectType('Pagination', { description: 'Which page of how many rows.' })
export class Pagination {
  @Field(() => Int, { description: 'Which page, from 1.' })
  page!: number

  @Field(() => Int, { description: 'Most rows of a page, at most 100.' })
  perPage!: number

  @Field(() => Int, { description: 'Rows of all pages together.' })
  total!: number
}

@ObjectType('PaginatedP2PPayments', { description: 'A page of assignments.' })
export class PaginatedP2PPayments {
  @Field(() => [P2PPayment], { description: 'Newest first. None past the last page.' })
  data!: P2PPayment[]

  @Field(() => Pagination, { description: 'Which page it is.' })
  pagination!: Pagination
}

@InputType('OrderHistoryFilter', { description: 'Only assignments of which all of this is true.' })
export class OrderHistoryFilter {
  @Field(() => String, { nullable: true, description: 'Of this order.' })
  orderId?: string | null

  @Field(() => P2PPaymentStatus, { nullable: true, description: 'In this status.' })
  status?: P2PPaymentStatus | null

  @Field(() => ISO8601Date, { nullable: true, description: 'Assigned on this day or later, in UTC.' })
  dateFrom?: string | null

  @Field(() => ISO8601Date, { nullable: true, description: 'Assigned on this day or earlier, in UTC.' })
  dateTo?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'On this rail: its identifier, or the part before the country, such as `bank_transfer`.'
  })
  paymentMethod?: string | null
}
