import { injectable } from 'tsyringe'
import { Arg, Args, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import { parseUuid } from '../../services/identifiers'
import { WebhookDeliveries } from '../../services/webhooks/deliveries'
import { WebhookEvents } from '../../services/webhooks/events'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { filteredBy } from './filter-types'
import {
  webhookAttemptNode,
  WebhookAttemptNode,
  WebhookDeliveriesConnection,
  WebhookDeliveryFilter,
  webhookDeliveryNode,
  WebhookDeliveryNode,
  WebhookEventFilter,
  webhookEventNode,
  WebhookEventNode,
  WebhookEventsConnection
} from './webhook-types'

@injectable()
@Resolver(() => WebhookEventNode)
export class WebhookEventResolver {
  constructor(
    private readonly events: WebhookEvents,
    private readonly deliveries: WebhookDeliveries
  ) {}

  @Query(() => WebhookEventNode, {
    nullable: true,
    description: 'A webhook event. An error `No webhook event` if there is none of this id.'
  })
  async webhookEvent(
    @Arg('id', () => String, { description: 'Identifier of the event.' }) id: string
  ): Promise<WebhookEventNode> {
    const event = await this.events.find(id)
    if (!event) throw notFound('No webhook event')
    return webhookEventNode(event)
  }

  @Query(() => WebhookEventsConnection, { description: 'Webhook events, a page at a time.' })
  async webhookEvents(
    @Args(() => PageArguments) page: PageArguments,
    @Arg('filter', () => WebhookEventFilter, { nullable: true, description: 'Which events to list.' })
    filter?: WebhookEventFilter | null
  ): Promise<Connection<WebhookEventNode>> {
    return connectionOf(await this.events.page(pageRequestOf(page), filteredBy(filter?.type)), webhookEventNode)
  }

  @FieldResolver(() => WebhookDeliveryNode, {
    nullable: true,
    description: 'The last delivery of the event that was asked for. `webhookDeliveries` lists all of them.'
  })
  async delivery(@Root() event: WebhookEventNode): Promise<WebhookDeliveryNode | null> {
    const delivery = await this.deliveries.latestOf(event.id)
    return delivery ? webhookDeliveryNode(delivery) : null
  }
}

const ATTEMPTS_DEFAULT = 20
const ATTEMPTS_MAX = 100

@injectable()
@Resolver(() => WebhookDeliveryNode)
export class WebhookDeliveryResolver {
  constructor(
    private readonly events: WebhookEvents,
    private readonly deliveries: WebhookDeliveries
  ) {}

  @Query(() => WebhookDeliveriesConnection, { description: 'Deliveries of webhook events, a page at a time.' })
  async webhookDeliveries(
    @Args(() => PageArguments) page: PageArguments,
    @Arg('filter', () => WebhookDeliveryFilter, { nullable: true, description: 'Which deliveries to list.' })
    filter?: WebhookDeliveryFilter | null
  ): Promise<Connection<WebhookDeliveryNode>> {
    const eventId = filter?.eventId == null ? undefined : parseUuid(filter.eventId)
    if (filter?.eventId != null && eventId === undefined) throw notFound('Invalid eventId')
    const deliveries = await this.deliveries.page(pageRequestOf(page), { statuses: filter?.status ?? [], eventId })
    return connectionOf(deliveries, webhookDeliveryNode)
  }

  @FieldResolver(() => WebhookEventNode, { description: 'The event that is delivered.' })
  async event(@Root() delivery: WebhookDeliveryNode): Promise<WebhookEventNode> {
    const event = await this.events.find(delivery.eventId)
    if (!event) throw new Error(`the event of delivery ${delivery.id} is gone`)
    return webhookEventNode(event)
  }

  @FieldResolver(() => [WebhookAttemptNode], { description: 'The last attempts to deliver the event, oldest first.' })
  async attempts(
    @Root() delivery: WebhookDeliveryNode,
    @Arg('last', () => Int, {
      nullable: true,
      description: `How many attempts, 1 to ${ATTEMPTS_MAX}; ${ATTEMPTS_DEFAULT} if 0 or absent.`
    })
    last?: number | null
  ): Promise<WebhookAttemptNode[]> {
    const { limit } = pageRequestOf({ first: last || ATTEMPTS_DEFAULT })
    return (await this.deliveries.attemptsOf(delivery.id, limit)).map(webhookAttemptNode)
  }
}
