import { injectable } from 'tsyringe'
import { Args, FieldResolver, Resolver, Root, Subscription, type SubscriptionHandlerData } from 'type-graphql'
import type { Change, ChangeSubject } from '../../services/changes/change-log'
import { parseUuid } from '../../services/identifiers'
import { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import { OutgoingPaymentService } from '../../services/payments/outgoing/outgoing-payment-service'
import type { PaymentType } from '../../services/payments/payment-timeline'
import { WebhookDeliveries } from '../../services/webhooks/deliveries'
import { WebhookEvents } from '../../services/webhooks/events'
import { CHANGES_TOPIC } from '../shared/changes'
import {
  FollowArguments,
  FollowEventsArguments,
  FollowPaymentsArguments,
  PaymentStateChanged,
  WebhookDeliveryGivenUp,
  WebhookEventCreated
} from './change-types'
import { incomingPaymentNode, IncomingPaymentNode } from './incoming-payment-types'
import { outgoingPaymentNode, OutgoingPaymentNode } from './outgoing-payment-types'
import { webhookDeliveryNode, WebhookDeliveryNode, webhookEventNode, WebhookEventNode } from './webhook-types'

type Followed<Arguments> = SubscriptionHandlerData<Change, Arguments>

const PAYMENT_TYPES: Readonly<Partial<Record<ChangeSubject, PaymentType>>> = {
  incoming_payment: 'INCOMING',
  outgoing_payment: 'OUTGOING'
}

@injectable()
@Resolver(() => WebhookEventCreated)
export class WebhookEventCreatedResolver {
  constructor(private readonly events: WebhookEvents) {}

  @Subscription(() => WebhookEventCreated, {
    description: 'Every new webhook event, in order.',
    topics: CHANGES_TOPIC,
    topicId: ({ args }: { args: FollowEventsArguments }) => args.after,
    filter: ({ payload, args }: Followed<FollowEventsArguments>) =>
      payload.subject === 'webhook_event' && (!args.type?.length || args.type.includes(payload.state))
  })
  webhookEventCreated(
    @Root() change: Change,
    @Args(() => FollowEventsArguments) _: FollowEventsArguments
  ): WebhookEventCreated {
    return { position: String(change.position), eventId: change.subjectId }
  }

  @FieldResolver(() => WebhookEventNode, { description: 'The new event.' })
  async event(@Root() created: WebhookEventCreated): Promise<WebhookEventNode> {
    const event = await this.events.find(created.eventId)
    if (!event) throw new Error(`the event ${created.eventId} is gone`)
    return webhookEventNode(event)
  }
}

@injectable()
@Resolver(() => WebhookDeliveryGivenUp)
export class WebhookDeliveryGivenUpResolver {
  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Subscription(() => WebhookDeliveryGivenUp, {
    description: 'Every delivery that is given up, in order.',
    topics: CHANGES_TOPIC,
    topicId: ({ args }: { args: FollowArguments }) => args.after,
    filter: ({ payload }: Followed<FollowArguments>) => payload.subject === 'webhook_delivery'
  })
  webhookDeliveryGivenUp(
    @Root() change: Change,
    @Args(() => FollowArguments) _: FollowArguments
  ): WebhookDeliveryGivenUp {
    return { position: String(change.position), deliveryId: change.subjectId }
  }

  @FieldResolver(() => WebhookDeliveryNode, { description: 'The delivery that was given up.' })
  async delivery(@Root() givenUp: WebhookDeliveryGivenUp): Promise<WebhookDeliveryNode> {
    const delivery = await this.deliveries.find(givenUp.deliveryId)
    if (!delivery) throw new Error(`the delivery ${givenUp.deliveryId} is gone`)
    return webhookDeliveryNode(delivery)
  }
}

@injectable()
@Resolver(() => PaymentStateChanged)
export class PaymentStateChangedResolver {
  constructor(
    private readonly incomingPayments: IncomingPaymentService,
    private readonly outgoingPayments: OutgoingPaymentService
  ) {}

  @Subscription(() => PaymentStateChanged, {
    description: 'Every payment that is created or changes its state, in order.',
    topics: CHANGES_TOPIC,
    topicId: ({ args }: { args: FollowPaymentsArguments }) => args.after,
    filter: ({ payload, args }: Followed<FollowPaymentsArguments>) => isWanted(payload, args)
  })
  paymentStateChanged(
    @Root() change: Change,
    @Args(() => FollowPaymentsArguments) _: FollowPaymentsArguments
  ): PaymentStateChanged {
    const { position, subject, subjectId, state, recordedAt } = change
    const type = PAYMENT_TYPES[subject]
    if (!type) throw new Error(`${subject} is no payment`)
    return { position: String(position), paymentId: subjectId, type, state, changedAt: recordedAt.toISOString() }
  }

  @FieldResolver(() => IncomingPaymentNode, {
    nullable: true,
    description:
      'The payment as it is now, if it is incoming; null otherwise, and if it expired without having received anything.'
  })
  async incomingPayment(@Root() { type, paymentId }: PaymentStateChanged): Promise<IncomingPaymentNode | null> {
    const payment = type === 'INCOMING' ? await this.incomingPayments.find(paymentId) : undefined
    return payment ? incomingPaymentNode(payment) : null
  }

  @FieldResolver(() => OutgoingPaymentNode, {
    nullable: true,
    description: 'The payment as it is now, if it is outgoing; null otherwise.'
  })
  async outgoingPayment(@Root() { type, paymentId }: PaymentStateChanged): Promise<OutgoingPaymentNode | null> {
    const payment = type === 'OUTGOING' ? await this.outgoingPayments.find(paymentId) : undefined
    return payment ? outgoingPaymentNode(payment) : null
  }
}

function isWanted({ subject, subjectId }: Change, { type, paymentId }: FollowPaymentsArguments): boolean {
  const actual = PAYMENT_TYPES[subject]
  if (!actual || (type != null && type !== actual)) return false
  return paymentId == null || parseUuid(paymentId) === subjectId
}
