import { ArgsType, Field, ID, ObjectType } from 'type-graphql'
import type { PaymentType } from '../../services/payments/payment-timeline'
import { PaymentTypeEnum } from './payment-types'

const POSITION =
  'Where this change stands among all changes. A subscription whose `after` is this position goes on with the next.'

@ObjectType('WebhookEventCreated', { description: 'There is a new webhook event.' })
export class WebhookEventCreated {
  @Field(() => ID, { description: POSITION })
  position!: string

  /** Not shown. */
  eventId!: string
}

@ObjectType('WebhookDeliveryGivenUp', { description: 'A webhook event was not delivered, after the last attempt.' })
export class WebhookDeliveryGivenUp {
  @Field(() => ID, { description: POSITION })
  position!: string

  /** Not shown. */
  deliveryId!: string
}

@ObjectType('PaymentStateChanged', { description: 'A payment was created, or went from one state to another.' })
export class PaymentStateChanged {
  @Field(() => ID, { description: POSITION })
  position!: string

  @Field(() => ID, { description: 'Identifier of the payment.' })
  paymentId!: string

  @Field(() => PaymentTypeEnum, { description: 'Which way the payment goes.' })
  type!: PaymentType

  @Field(() => String, {
    description: 'The state that the payment entered, by its name in `IncomingPaymentState` or `OutgoingPaymentState`.'
  })
  state!: string

  @Field(() => String, { description: 'When the payment entered the state, ISO 8601 in UTC with milliseconds.' })
  changedAt!: string
}

const AFTER =
  'Position of the change after which to begin, so that nothing is missed or repeated across connections; `0`: with the first that is kept. Absent: only what is new.'

@ArgsType()
export class FollowArguments {
  @Field(() => ID, { nullable: true, description: AFTER })
  after?: string | null
}

@ArgsType()
export class FollowEventsArguments extends FollowArguments {
  @Field(() => [String], { nullable: true, description: 'Only events of these types; all if empty or absent.' })
  type?: string[] | null
}

@ArgsType()
export class FollowPaymentsArguments extends FollowArguments {
  @Field(() => PaymentTypeEnum, { nullable: true, description: 'Only payments that go this way; both ways if absent.' })
  type?: PaymentType | null

  @Field(() => ID, { nullable: true, description: 'Only the payment with this identifier; all payments if absent.' })
  paymentId?: string | null
}
