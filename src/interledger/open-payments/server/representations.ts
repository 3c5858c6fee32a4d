/** What is told of payments and quotes. Clients refuse members that they do not know, so there are no others. */
import type { Asset, IncomingPayment, PaymentPointer, Quote } from '../../../entities'
import type { Page } from '../../../database/keyset'
import type { QuotedPayment } from '../../../services/payments/outgoing/outgoing-payment-service'
import type { Credentials } from '../../stream/credentials'

type Json = Readonly<Record<string, unknown>>
type Unit = Pick<Asset, 'code' | 'scale'>

export function pointerJson({ url, publicName }: PaymentPointer, { code, scale }: Unit, authServer: string): Json {
  return { id: url, ...(publicName !== null && { publicName }), assetCode: code, assetScale: scale, authServer }
}

export function keySetJson(keys: readonly { readonly kid: string; readonly x: string }[]): Json {
  return { keys: keys.map(({ kid, x }) => ({ kid, alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519', x })) }
}

export function connectionJson(id: string, { ilpAddress, sharedSecret }: Credentials, { code, scale }: Unit): Json {
  return { id, ilpAddress, sharedSecret: sharedSecret.toString('base64url'), assetCode: code, assetScale: scale }
}

/** `connection`: its URL or itself, as far as the payment can still be paid. */
export function incomingPaymentJson(
  payment: IncomingPayment,
  { url }: PaymentPointer,
  asset: Unit,
  connection?: string | Json
): Json {
  const { id, incomingAmount, receivedAmount, state, metadata, createdAt, updatedAt, expiresAt } = payment
  return {
    id: `${url}/incoming-payments/${id}`,
    paymentPointer: url,
    ...(incomingAmount !== null && { incomingAmount: amountJson(incomingAmount, asset) }),
    receivedAmount: amountJson(receivedAmount, asset),
    completed: state === 'COMPLETED',
    ...(metadata !== null && { metadata }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...(connection !== undefined && { ilpStreamConnection: connection })
  }
}

export function outgoingPaymentJson({ payment, quote }: QuotedPayment, { url }: PaymentPointer): Json {
  const { id, state, sentAmount, metadata, createdAt, updatedAt } = payment
  return {
    id: `${url}/outgoing-payments/${id}`,
    paymentPointer: url,
    quoteId: `${url}/quotes/${quote.id}`,
    receiver: quote.receiver,
    ...quotedAmounts(quote),
    sentAmount: amountJson(sentAmount, sendUnit(quote)),
    failed: state === 'FAILED',
    ...(metadata !== null && { metadata }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString()
  }
}

export function quoteJson(quote: Quote, { url }: PaymentPointer): Json {
  const { id, receiver, createdAt, expiresAt } = quote
  return {
    id: `${url}/quotes/${id}`,
    paymentPointer: url,
    receiver,
    ...quotedAmounts(quote),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString()
  }
}

export function pageJson<Node extends { readonly id: string }>(page: Page<Node>, result: readonly Json[]): Json {
  const { nodes, hasNextPage, hasPreviousPage } = page
  const [first, last] = [nodes[0], nodes.at(-1)]
  const cursors = first && last ? { startCursor: first.id, endCursor: last.id } : {}
  return { pagination: { ...cursors, hasNextPage, hasPreviousPage }, result }
}

function quotedAmounts(quote: Quote): Json {
  return {
    receiveAmount: amountJson(quote.receiveAmount, { code: quote.receiveAssetCode, scale: quote.receiveAssetScale }),
    sendAmount: amountJson(quote.sendAmount, sendUnit(quote))
  }
}

function sendUnit(quote: Quote): Unit {
  return { code: quote.sendAssetCode, scale: quote.sendAssetScale }
}

function amountJson(value: bigint, { code, scale }: Unit): Json {
  return { value: value.toString(), assetCode: code, assetScale: scale }
}
