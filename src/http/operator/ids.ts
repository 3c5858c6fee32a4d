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

/** The UUID of an agent or a merchant. */
export function bearerIdOf(text: string): string | undefined {
  return idOf('Agent', text) ?? idOf('MerchantAccount', text)
}
