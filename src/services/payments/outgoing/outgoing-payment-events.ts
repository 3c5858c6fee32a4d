/** What the operator is told about outgoing payments. */
import type { OutgoingPayment, Quote } from '../../../entities'
import type { WebhookEventType } from '../../../entities/webhook-event'
import type { Unit } from '../../rates/rates-service'
import type { NewWebhookEvent } from '../../webhooks/outbox'

/** What of the payment's money is still in its account: nothing before it was funded. */
export function balanceOf(payment: OutgoingPayment, quote: Quote): bigint {
  return payment.liquidityAccountId === null ? 0n : quote.sendAmount - payment.sentAmount
}

/** `id` is a UUID of version 4. What is left of the money may be withdrawn once the payment has ended. */
export function outgoingPaymentEvent(
  id: string,
  type: WebhookEventType,
  payment: OutgoingPayment,
  quote: Quote
): NewWebhookEvent {
  const amount = balanceOf(payment, quote)
  const { liquidityAccountId: accountId, updatedAt: createdAt } = payment
  const withdrawal = accountId !== null && amount > 0n ? { accountId, assetId: quote.sendAssetId, amount } : undefined
  return { id, type, data: dataOf(payment, quote), resourceId: payment.id, createdAt, withdrawal }
}

function dataOf(payment: OutgoingPayment, quote: Quote): Record<string, unknown> {
  const send = { assetCode: quote.sendAssetCode, assetScale: quote.sendAssetScale }
  const receive = { assetCode: quote.receiveAssetCode, assetScale: quote.receiveAssetScale }
  return {
    payment: {
      id: payment.id,
      paymentPointerId: payment.paymentPointerId,
      state: payment.state,
      receiver: quote.receiver,
      sendAmount: amountOf(quote.sendAmount, send),
      receiveAmount: amountOf(quote.receiveAmount, receive),
      sentAmount: amountOf(payment.sentAmount, send),
      stateAttempts: payment.stateAttempts,
      createdAt: payment.createdAt.toISOString(),
      updatedAt: payment.updatedAt.toISOString(),
      balance: balanceOf(payment, quote).toString(),
      ...(payment.metadata !== null && { metadata: payment.metadata }),
      ...(payment.error !== null && { error: payment.error }),
      ...(payment.peerId !== null && { peerId: payment.peerId })
    }
  }
}

function amountOf(value: bigint, unit: Unit): Record<string, unknown> {
  return { value: value.toString(), ...unit }
}
