/**
 * The operator's quote endpoint, which may charge fees by lowering what arrives or raising what it costs. It is
 * told all of the quote, and its answer counts only within what the customer asked for.
 */
import type { Logger } from '../../context'
import { JsonNumber, parseExactJson } from '../../rates/exact-json'
import { readBody } from '../../rates/response-body'
import type { Unit } from '../../rates/rates-service'
import { SIGNATURE_HEADER, signatureOf, type SignatureOptions } from '../../webhooks/signature'
import type { Price } from './pricing'

export type PaymentType = 'FixedSend' | 'FixedDelivery'

/** A quote before the operator has seen it. */
export interface Proposal {
  readonly id: string
  readonly paymentPointerId: string
  readonly receiver: string
  readonly paymentType: PaymentType
  readonly send: Unit
  readonly receive: Unit
  readonly price: Price
  readonly createdAt: Date
  /** When the quote will expire. */
  readonly expiresAt: Date
}

/** What the operator makes of the two amounts. */
export interface Reviewed {
  readonly sendAmount: bigint
  readonly receiveAmount: bigint
}

export interface QuoteEndpointOptions {
  readonly url: string
  /** For the whole exchange. */
  readonly timeoutMilliseconds: number
  /** Absent: requests are not signed. */
  readonly signature?: SignatureOptions
}

/** Largest answer that is read, in bytes. */
const BODY_BYTES_MAX = 262_144
const CREATED = 201

export class QuoteEndpoint {
  constructor(private readonly options: QuoteEndpointOptions) {}

  /**
   * The operator's amounts, as they are in the answer. `refused`: another status than 201, or no answer.
   * `invalid`: an answer without two amounts of the right assets.
   */
  async review(proposal: Proposal, now: Date, logger: Logger): Promise<Reviewed | 'refused' | 'invalid'> {
    const { url, timeoutMilliseconds, signature } = this.options
    const body = JSON.stringify(bodyOf(proposal))
    let answer: string
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...(signature && { [SIGNATURE_HEADER]: signatureOf(body, now, signature) })
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMilliseconds)
      })
      answer = await readBody(response, BODY_BYTES_MAX)
      if (response.status !== CREATED) {
        logger.warn({ status: response.status, quoteId: proposal.id }, 'The quote endpoint refused a quote')
        return 'refused'
      }
    } catch (error) {
      logger.warn({ error, quoteId: proposal.id }, 'The quote endpoint gave no answer')
      return 'refused'
    }
    return reviewOf(answer, proposal) ?? 'invalid'
  }
}

function bodyOf({ id, paymentPointerId, receiver, paymentType, send, receive, price, ...times }: Proposal): object {
  return {
    id,
    paymentPointerId,
    receiver,
    sendAmount: { value: price.sendAmount.toString(), ...send },
    receiveAmount: { value: price.receiveAmount.toString(), ...receive },
    createdAt: times.createdAt.toISOString(),
    expiresAt: times.expiresAt.toISOString(),
    paymentType
  }
}

function reviewOf(answer: string, { send, receive }: Proposal): Reviewed | undefined {
  let parsed: unknown
  try {
    parsed = parseExactJson(answer)
  } catch {
    return undefined
  }
  const sendAmount = amountOf(memberOf(parsed, 'sendAmount'), send)
  const receiveAmount = amountOf(memberOf(parsed, 'receiveAmount'), receive)
  return sendAmount === undefined || receiveAmount === undefined ? undefined : { sendAmount, receiveAmount }
}

const WHOLE_NUMBER = /^\d{1,20}$/

/** The value of an amount in the unit that was asked for; an amount that names no unit is in that one too. */
function amountOf(amount: unknown, { assetCode, assetScale }: Unit): bigint | undefined {
  const code = memberOf(amount, 'assetCode')
  const scale = textOf(memberOf(amount, 'assetScale'))
  if (code !== undefined && code !== assetCode) return undefined
  if (scale !== undefined && scale !== String(assetScale)) return undefined
  const value = textOf(memberOf(amount, 'value'))
  return value !== undefined && WHOLE_NUMBER.test(value) ? BigInt(value) : undefined
}

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isObject ? (value as Record<string, unknown>)[name] : undefined
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value instanceof JsonNumber) return value.text
  return typeof value === 'string' ? value : ''
}
