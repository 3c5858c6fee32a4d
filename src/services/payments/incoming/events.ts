/** What the operator is told of an incoming payment. */
import { randomUUID } from 'node:crypto'
import type { Asset, IncomingPayment } from '../../../entities'
import type { NewWebhookEvent } from '../../webhooks/outbox'

type Told = 'incoming_payment.created' | 'incoming_payment.completed' | 'incoming_payment.expired'

type Unit = Pick<Asset, 'code' | 'scale'>

export function createdEvent(payment: IncomingPayment, unit: Unit): NewWebhookEvent {
  return eventOf('incoming_payment.created', payment, unit, payment.createdAt)
}

/** Tells how much a finished payment received, all of which the operator may withdraw on this event. */
export function receivedEvent(payment: IncomingPayment, unit: Unit, now: Date): NewWebhookEvent {
  const { state, accountId, assetId, receivedAmount: amount } = payment
  if (accountId === null) throw new Error(`payment ${payment.id} received something without an account`)
  const type = state === 'COMPLETED' ? 'incoming_payment.completed' : 'incoming_payment.expired'
  return { ...eventOf(type, payment, unit, now), withdrawal: { accountId, assetId, amount } }
}

function eventOf(type: Told, payment: IncomingPayment, unit: Unit, now: Date): NewWebhookEvent {
  const incomingPayment = {
    id: payment.id,
    paymentPointerId: payment.paymentPointerId,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
    expiresAt: payment.expiresAt.toISOString(),
    receivedAmount: amountOf(payment.receivedAmount, unit),
    completed: type === 'incoming_payment.completed',
    ...(payment.incomingAmount !== null && { incomingAmount: amountOf(payment.incomingAmount, unit) }),
    ...(payment.metadata !== null && { metadata: payment.metadata })
  }
  return { id: randomUUID(), type, data: { incomingPayment }, resourceId: payment.id, createdAt: now }
}

function amountOf(value: bigint, { code, scale }: Unit): Record<string, unknown> {
  return { value: value.toString(), assetCode: code, assetScale: scale }
}
