/** Who is told what of a step of an order. */
import { randomUUID } from 'node:crypto'
import type { RampPaymentStatus } from '../../../entities/ramp/payment'
import type { RampEventType } from '../../../entities/ramp/webhook-event'
import type { HostedLinks } from '../hosted/hosted-links'
import type { NewRampEvent } from '../webhooks/outbox'
import { agentPaymentData, merchantPaymentData } from '../webhooks/payloads'
import type { Assignment, Order } from './order'

export class OrderEvents {
  constructor(private readonly links: HostedLinks) {}

  /** The merchant, that the request has another status. */
  ofRequest(
    told: Pick<Order, 'request' | 'customer' | 'transactionHash'> & { readonly payment: Order['payment'] | null },
    now: Date
  ): NewRampEvent {
    const { request, customer, payment, transactionHash } = told
    return {
      id: randomUUID(),
      bearerKind: 'merchant',
      bearerId: request.merchantId,
      type: 'payment_request.updated',
      orderId: request.id,
      data: merchantPaymentData({ request, customer, payment, link: this.links.of(request), transactionHash }),
      createdAt: now
    }
  }

  /** The agent, in the order of the types. */
  ofPayment(
    assignment: Assignment,
    types: readonly RampEventType[],
    previousStatus: RampPaymentStatus | null,
    now: Date
  ): NewRampEvent[] {
    const data = agentPaymentData(assignment, previousStatus)
    return types.map((type) => ({
      id: randomUUID(),
      bearerKind: 'agent',
      bearerId: assignment.payment.agentId,
      type,
      orderId: assignment.payment.requestId,
      data,
      createdAt: now
    }))
  }
}
