/** Ids on the operator routes: global ids as in the Agent and the Merchant API, and bare UUIDs as they are. */
import type { RampBearerKind } from '../../entities/ramp/bearer-kind'
import { parseUuid } from '../../services/identifiers'
import { globalId, parseGlobalId, type GlobalType } from '../../services/ramp/global-ids'

const BEARER_TYPES: Readonly<Record<RampBearerKind, GlobalType>> = { agent: 'Agent', merchant: 'MerchantAccount' }

/** The UUID that a text stands for; undefined if it is none, or that of something else. */
export function idOf(type: GlobalType, text: string): string | undefined {
  return parseUuid(text) ?? parseGlobalId(type, text)
}

export function bearerOf(kind: RampBearerKind, id: string): string {
  return globalId(BEARER_TYPES[kind], id)
}

/** An agent or a merchant by its global id: a bare UUID does not tell which. */
export function readBearer(text: string): { readonly kind: RampBearerKind; readonly id: string } | undefined {
  for (const kind of ['agent', 'merchant'] as const) {
    const id = parseGlobalId(BEARER_TYPES[kind], text)
    if (id !== undefined) return { kind, id }
  }
  return undefined
}
