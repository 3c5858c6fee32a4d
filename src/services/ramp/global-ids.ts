/**
 * Global ids: base64 of the name of a type, a hyphen and a UUID. An object has the same text in every answer and
 * every webhook. Names once had other namespaces, so what stands before the last `::` is ignored on the way in.
 */
import { parseUuid } from '../identifiers'

export const GLOBAL_TYPES = [
  'P2PPayment',
  'Types::Cashramp::API::MerchantPaymentRequest',
  'MerchantCustomer',
  'Types::Cashramp::API::RampQuote',
  'Types::Country',
  'P2PPaymentMethodTypeType',
  'Types::OnchainTx',
  'MerchantChargeback',
  'P2PPaymentMethod',
  'Agent',
  'MerchantAccount',
  'VirtualBankAccount'
] as const
export type GlobalType = (typeof GLOBAL_TYPES)[number]

/** Standard alphabet, padded. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Longer than any global id. */
const LENGTH_MAX = 256

/** `uuid` is in canonical form. */
export function globalId(type: GlobalType, uuid: string): string {
  return Buffer.from(`${type}-${uuid}`).toString('base64')
}

/** The UUID in canonical form; undefined for what is no global id, or one of another type. */
export function parseGlobalId(type: GlobalType, text: string): string | undefined {
  const parts = partsOf(text)
  return parts && parts.name === bareName(type) ? parts.uuid : undefined
}

/** The type and the UUID of any global id; undefined for what is none. */
export function readGlobalId(text: string): { readonly type: GlobalType; readonly uuid: string } | undefined {
  const parts = partsOf(text)
  const type = parts && GLOBAL_TYPES.find((candidate) => bareName(candidate) === parts.name)
  return type && { type, uuid: parts.uuid }
}

function partsOf(text: string): { readonly name: string; readonly uuid: string } | undefined {
  if (text.length > LENGTH_MAX || !BASE64.test(text)) return undefined
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  // No name has a hyphen, so the first one ends it.
  const hyphen = decoded.indexOf('-')
  if (hyphen < 1) return undefined
  const uuid = parseUuid(decoded.slice(hyphen + 1))
  return uuid === undefined ? undefined : { name: bareName(decoded.slice(0, hyphen)), uuid }
}

function bareName(type: string): string {
  const namespaceEnd = type.lastIndexOf('::')
  return namespaceEnd === -1 ? type : type.slice(namespaceEnd + 2)
}
