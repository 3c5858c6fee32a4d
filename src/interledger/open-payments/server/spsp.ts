/** SPSP, by which senders that know no Open Payments get credentials: with receipts where they ask for them. */
import { Refusal, type OpenPaymentsAnswer, type OpenPaymentsRequest } from '../messages'
import { RECEIPT_NONCE_BYTES, SECRET_BYTES, type ReceiptSetup, type StreamCredentials } from '../../stream/credentials'
import { accepts, JSON_MEDIA_TYPE, SPSP_TYPE } from './negotiation'

/** Which of the two answers a client gets where there are two. @throws Refusal */
export function wantsSpsp({ headers }: OpenPaymentsRequest): boolean {
  if (accepts(headers.accept, SPSP_TYPE)) return true
  if (accepts(headers.accept, JSON_MEDIA_TYPE)) return false
  throw new Refusal(406, 'must accept json')
}

export interface SpspTarget {
  /** Id of what is paid. */
  readonly paymentTag: string
  readonly asset: { readonly code: string; readonly scale: number }
}

/** @throws Refusal */
export function spspAnswer(
  { headers }: OpenPaymentsRequest,
  credentials: StreamCredentials,
  target: SpspTarget
): OpenPaymentsAnswer {
  const receipt = receiptOf(headers['receipt-nonce'], headers['receipt-secret'])
  const { ilpAddress, sharedSecret } = credentials.issue({ ...target, ...(receipt && { receipt }) })
  const body = {
    destination_account: ilpAddress,
    shared_secret: sharedSecret.toString('base64url'),
    receipts_enabled: receipt !== undefined
  }
  return { status: 200, contentType: SPSP_TYPE, body: JSON.stringify(body), headers: ['vary', 'Accept'] }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

function receiptOf(nonce: string | undefined, secret: string | undefined): ReceiptSetup | undefined {
  if (nonce === undefined && secret === undefined) return undefined
  if (nonce === undefined || secret === undefined) {
    throw new Refusal(400, 'Receipt-Nonce and Receipt-Secret must be sent together')
  }
  return {
    nonce: bytesOf('nonce', nonce, RECEIPT_NONCE_BYTES),
    secret: bytesOf('secret', secret, SECRET_BYTES)
  }
}

function bytesOf(name: string, text: string, length: number): Buffer {
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
  if (bytes?.length !== length) throw new Refusal(400, `receipt ${name} must be ${length} bytes in base64`)
  return bytes
}
