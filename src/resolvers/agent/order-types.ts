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
      description:
        'The order is assigned. A deposit waits for the customer to pay, a withdrawal for the agent to accept.'
    },
    accepted: { description: 'The agent committed to paying a withdrawal out.' },
    paid: { description: 'One side says that it paid the fiat; the other has yet to confirm.' },
    completed: { description: 'The order is settled.' },
    canceled: { description: 'The assignment is void. The order may have gone to another agent.' }
  }
})

@ObjectType('P2PPayment', { description: 'An order as it was assigned to one agent.' })
export class P2PPayment {
  @Field(() => ID, { description: 'Global id of the assignment.' })
  id!: string

  @Field(() => String, { description: 'Ten characters that all assignments of one order share.' })
  orderId!: string

  @Field(() => P2PPaymentStatus, { description: 'How far the assignment has come.' })
  status!: P2PPaymentStatus

  @Field(() => P2PPaymentTypeType, { description: 'Which way the order goes.' })
  paymentType!: P2PPaymentTypeType

  @Field(() => Decimal, { description: 'Local currency that the customer pays or gets for a USD; locked.' })
  exchangeRate!: string

  @Field(() => Decimal, {
    description: "The agent's own rate, in local currency a USD, without the platform's surcharge; locked."
  })
  exchangeRateMinusSurcharge!: string

  @Field(() => String, { description: 'Where the order came from: `hosted`, `direct` or `onchain`.' })
  source!: string

  @Field(() => Boolean, { description: "Whether money arrives at once by the agent's payment method." })
  instant!: boolean

  @Field(() => ISO8601DateTime, { description: 'When the order was assigned to the agent.' })
  createdAt!: Date

  @Field(() => ISO8601DateTime, {
    nullable: true,
    description: 'When a deposit ends unpaid, or an accepted withdrawal should be paid out; null while neither is set.'
  })
  expiresAt!: Date | null

  @Field(() => Int, {
    nullable: true,
    description: 'Whole seconds until `expiresAt`, 0 when it is past; null while it is not set.'
  })
  expiresAtSecs!: number | null

  @Field(() => ISO8601DateTime, {
    nullable: true,
    description: 'Until when the agent can accept a withdrawal; null for a deposit, and once it is accepted.'
  })
  reassignAfter!: Date | null

  @Field(() => Int, {
    nullable: true,
    description: 'Whole seconds until `reassignAfter`, 0 when it is past; null while it is not set.'
  })
  reassignAfterSecs!: number | null

  @Field(() => Decimal, { description: "The agent's share of the fee, in USD." })
  agentCutOfFees!: string

  @Field(() => Decimal, { description: 'What the platform keeps of the surcharge, in USD.' })
  fxSpreadRevenue!: string

  @Field(() => Decimal, { description: 'What the order is worth, in USD.' })
  amountUsd!: string

  @Field(() => Decimal, { description: 'What moves between customer and agent, in local currency.' })
  amountLocal!: string

  @Field(() => Decimal, {
    description: 'What the agent gives for a deposit or gets for a withdrawal, in USD, its share of the fee aside.'
  })
  agentAmountUsd!: string

  @Field(() => String, { description: 'Code of the local currency by ISO 4217, such as `NGN`.' })
  currency!: string

  @Field(() => String, {
    nullable: true,
    description: 'Phone number that a deposit is said to come from; null if nothing was said.'
  })
  payerPhoneNumber!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Account number that a deposit is said to come from; null if nothing was said.'
  })
  payerBankAccountNumber!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Receipt of whoever paid the fiat, as it was given; null if none was.'
  })
  receipt!: string | null

  @Field(() => ISO8601DateTime, {
    nullable: true,
    description: 'When the agent accepted a withdrawal; null until then, and for a deposit.'
  })
  acceptedAt!: Date | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When the fiat was said to be paid; null until then.' })
  paidAt!: Date | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When the order was settled; null until then.' })
  completedAt!: Date | null

  @Field(() => ISO8601DateTime, { nullable: true, description: 'When the assignment became void; null unless it did.' })
  canceledAt!: Date | null

  @Field(() => String, {
    nullable: true,
    description: 'Why the assignment became void: `canceled`, `declined`, `expired` or `resolved`; null unless it did.'
  })
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

@ObjectType('Pagination', { description: 'Which page of a list it is, and how many rows the list has.' })
export class Pagination {
  @Field(() => Int, { description: 'Number of the page, from 1.' })
  page!: number

  @Field(() => Int, { description: 'Most rows that a page of this list has, 1 to 100.' })
  perPage!: number

  @Field(() => Int, { description: 'How many rows all pages have together.' })
  total!: number
}

@ObjectType('PaginatedP2PPayments', { description: 'A page of assignments.' })
export class PaginatedP2PPayments {
  @Field(() => [P2PPayment], { description: 'Assignments of the page, newest first. None past the last page.' })
  data!: P2PPayment[]

  @Field(() => Pagination, { description: 'Which page it is, and how many assignments there are.' })
  pagination!: Pagination
}

@InputType('OrderHistoryFilter', {
  description: 'Which assignments to list: those that meet every part of the filter.'
})
export class OrderHistoryFilter {
  @Field(() => String, { nullable: true, description: 'Only assignments of the order with this `orderId`.' })
  orderId?: string | null

  @Field(() => P2PPaymentStatus, { nullable: true, description: 'Only assignments in this status.' })
  status?: P2PPaymentStatus | null

  @Field(() => ISO8601Date, { nullable: true, description: 'Only orders assigned on this day or later, in UTC.' })
  dateFrom?: string | null

  @Field(() => ISO8601Date, { nullable: true, description: 'Only orders assigned on this day or earlier, in UTC.' })
  dateTo?: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Only assignments on this rail: its identifier, or the part before the country, such as `bank_transfer`.'
  })
  paymentMethod?: string | null
}
