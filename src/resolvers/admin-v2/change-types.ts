import { ArgsType, Field, ID, ObjectType } from 'type-graphql'
import type { PaymentType } from '../../services/payments/payment-timeline'
import { PaymentTypeEnum } from './payment-types'

const POSITION =
  'Where this stands among all changes. A subscription that begins with `after` this position goes on with the next.'

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

  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string

  @Field(() => PaymentTypeEnum, { description: 'Which way it goes.' })
  type!: PaymentType

  @Field(() => String, { description: 'The state that it entered, by the name that it has in payments of its kind.' })
  state!: string

  @Field(() => String, { description: 'When it did, ISO 8601 in UTC with milliseconds.' })
  changedAt!: string
}

const AFTER =
  'A position: begin with the change after it, so that nothing is missed or repeated across connections; `0` is the first that is kept. Absent: only what is new.'

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
  @Field(() => PaymentTypeEnum, { nullable: true, description: 'Only payments that go this way.' })
  type?: PaymentType | null

  @Field(() => ID, { nullable: true, description: 'Only this payment.' })
  paymentId?: string | null
}
