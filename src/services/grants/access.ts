/** What an access token allows: rights of a type, to do something, at one payment pointer or at any. */
import { withoutNulls } from '../members'
import { isText } from '../text'
import { AMOUNT_MAX } from '../../ledger/types'
import type { AssetAmount } from '../payments/incoming/inputs'
import type { GrantLimits } from '../payments/outgoing/payment-grants'
import { isRepeatingInterval } from '../payments/outgoing/repeating-interval'

/** What there is to do with resources of a type. `-all` reaches beyond what the client made itself. */
export const ACTIONS = {
  'incoming-payment': ['create', 'complete', 'read', 'read-all', 'list', 'list-all'],
  'outgoing-payment': ['create', 'read', 'read-all', 'list', 'list-all'],
  quote: ['create', 'read', 'read-all']
} as const

export type AccessType = keyof typeof ACTIONS
export type Action = (typeof ACTIONS)[AccessType][number]

export interface AccessItem {
  readonly type: AccessType
  readonly actions: readonly Action[]
  /** URL of the payment pointer that the right is bound to; absent: any. Never absent where money is spent. */
  readonly identifier?: string
  /** Of payments that are made; only for outgoing payments. */
  readonly limits?: GrantLimits
}

/** Most rights of one token. */
const ITEMS_MAX = 10

/**
 * The rights that a JSON value means, or undefined when it is not understood whole: a limit that nobody knows
 * cannot be kept, so a right with one is none. A member that is null is one that is not there: authorities that
 * answer with rows of their database write it so.
 */
export function parseAccess(value: unknown): readonly AccessItem[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > ITEMS_MAX) return undefined
  const items = value.map(parseItem)
  return items.every((item) => item !== undefined) ? items : undefined
}

const ITEM_MEMBERS = new Set(['type', 'actions', 'identifier', 'limits'])
const LIMIT_MEMBERS = new Set(['receiver', 'sendAmount', 'receiveAmount', 'interval'])

function parseItem(value: unknown): AccessItem | undefined {
  if (!isObjectOf(value, ITEM_MEMBERS)) return undefined
  const { type, actions, identifier, limits } = withoutNulls(value)
  if (typeof type !== 'string' || !Object.hasOwn(ACTIONS, type)) return undefined
  const known: readonly unknown[] = ACTIONS[type as AccessType]
  if (!Array.isArray(actions) || actions.length === 0 || !actions.every((action) => known.includes(action)))
    return undefined
  if (identifier !== undefined && !isText(identifier)) return undefined
  const isSpending = type === 'outgoing-payment'
  if (isSpending ? identifier === undefined : limits !== undefined) return undefined
  const parsedLimits = limits === undefined ? undefined : parseLimits(limits)
  if (limits !== undefined && !parsedLimits) return undefined
  return {
    type: type as AccessType,
    actions: [...new Set(actions as Action[])],
    ...(identifier !== undefined && { identifier }),
    ...(parsedLimits && { limits: parsedLimits })
  }
}

function parseLimits(value: unknown): GrantLimits | undefined {
  if (!isObjectOf(value, LIMIT_MEMBERS)) return undefined
  const { receiver, interval, ...amounts } = withoutNulls(value)
  if (receiver !== undefined && !isText(receiver)) return undefined
  if (interval !== undefined && !(isText(interval) && isRepeatingInterval(interval))) return undefined
  const sendAmount = parseAmount(amounts.sendAmount)
  const receiveAmount = parseAmount(amounts.receiveAmount)
  if (sendAmount === 'invalid' || receiveAmount === 'invalid') return undefined
  return {
    ...(receiver !== undefined && { receiver }),
    ...(interval !== undefined && { interval }),
    ...(sendAmount && { sendAmount }),
    ...(receiveAmount && { receiveAmount })
  }
}

function parseAmount(value: unknown): AssetAmount | 'invalid' | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) return 'invalid'
  const { value: text, assetCode, assetScale } = value as Record<string, unknown>
  const isAmount = typeof text === 'string' && /^\d{1,20}$/.test(text) && BigInt(text) <= AMOUNT_MAX
  const isUnit = isText(assetCode) && Number.isInteger(assetScale)
  return isAmount && isUnit ? { value: BigInt(text), assetCode, assetScale: assetScale as number } : 'invalid'
}

/** As JSON, which has no whole numbers of that size. */
export function limitsJson({ receiver, sendAmount, receiveAmount, interval }: GrantLimits): Record<string, unknown> {
  const amountJson = (amount: AssetAmount): unknown => ({ ...amount, value: amount.value.toString() })
  return {
    ...(receiver !== undefined && { receiver }),
    ...(sendAmount && { sendAmount: amountJson(sendAmount) }),
    ...(receiveAmount && { receiveAmount: amountJson(receiveAmount) }),
    ...(interval !== undefined && { interval })
  }
}

export function accessJson({ limits, ...item }: AccessItem): Record<string, unknown> {
  return { ...item, ...(limits && { limits: limitsJson(limits) }) }
}

function isObjectOf(value: unknown, members: ReadonlySet<string>): value is Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.keys(value).every((name) => members.has(name))
}
