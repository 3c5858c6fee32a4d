/**
 * What a client may spend in somebody's name. Payments under one grant are made one after the other: each holds
 * the grant's row from its reading of what was spent until it is stored itself.
 */
import type { EntityManager } from 'typeorm'
import type { OutgoingPayment, Quote } from '../../../entities'
import type { AssetAmount } from '../incoming/inputs'
import { intervalAt, type Interval } from './repeating-interval'

/** Most of one kind, in all payments of an interval together. */
export interface GrantLimits {
  /** The one receiver that may be paid. */
  readonly receiver?: string
  /** What may be spent, fees included. */
  readonly sendAmount?: AssetAmount
  /** What may be delivered. */
  readonly receiveAmount?: AssetAmount
  /** Repeating interval of ISO 8601; absent: all time. */
  readonly interval?: string
}

export interface PaymentGrant {
  /** As the authority names it. */
  readonly id: string
  readonly limits?: GrantLimits
}

/** How long a payment waits for another one of its grant. */
const LOCK_MILLISECONDS = 5_000

const KNOW = `INSERT INTO outgoing_payment_grant (id) VALUES ($1) ON CONFLICT DO NOTHING`
const HOLD = `SELECT FROM outgoing_payment_grant WHERE id = $1 FOR UPDATE`

/** A failed payment counts with what it cost, and with that part of its delivery. */
const SPENT = `SELECT
    coalesce(sum(CASE WHEN payment.state = 'FAILED' THEN payment.sent_amount ELSE quote.send_amount END)
      FILTER (WHERE quote.send_asset_code = $4 AND quote.send_asset_scale = $5), 0) AS sent,
    coalesce(sum(CASE WHEN payment.state = 'FAILED'
        THEN div(quote.receive_amount * payment.sent_amount, quote.send_amount) ELSE quote.receive_amount END)
      FILTER (WHERE quote.receive_asset_code = $6 AND quote.receive_asset_scale = $7), 0) AS received
  FROM outgoing_payment AS payment JOIN quote ON quote.id = payment.id
  WHERE payment.grant_id = $1 AND payment.created_at >= $2 AND payment.created_at < $3`

/**
 * Whether the grant allows the payment too. Holds the grant until the transaction ends.
 *
 * @throws LockTimedOut when other payments of the grant take too long.
 */
export async function holdGrant(
  manager: EntityManager,
  { id, limits }: PaymentGrant,
  payment: Pick<OutgoingPayment, 'createdAt'>,
  quote: Quote
): Promise<boolean> {
  await manager.query(`SELECT set_config('lock_timeout', $1, true)`, [String(LOCK_MILLISECONDS)])
  await manager.query(KNOW, [id])
  await manager.query(HOLD, [id])
  if (!limits) return true
  if (limits.receiver !== undefined && limits.receiver !== quote.receiver) return false
  const interval = limits.interval === undefined ? ALL_TIME : intervalAt(limits.interval, payment.createdAt)
  if (interval === undefined || interval === 'invalid') return false
  const { sent, received } = await spentIn(manager, id, interval, quote)
  return (
    allows(limits.sendAmount, sent + quote.sendAmount, sendUnit(quote)) &&
    allows(limits.receiveAmount, received + quote.receiveAmount, receiveUnit(quote))
  )
}

type UnitOfAmount = Omit<AssetAmount, 'value'>

/** As the database writes it. */
const ALL_TIME = { start: '-infinity', end: 'infinity' }

async function spentIn(
  manager: EntityManager,
  id: string,
  { start, end }: Interval | typeof ALL_TIME,
  quote: Quote
): Promise<{ sent: bigint; received: bigint }> {
  const [send, receive] = [sendUnit(quote), receiveUnit(quote)]
  const units = [send.assetCode, send.assetScale, receive.assetCode, receive.assetScale]
  const [row] = await manager.query<{ sent: string; received: string }[]>(SPENT, [id, start, end, ...units])
  return { sent: BigInt(row!.sent), received: BigInt(row!.received) }
}

/** A limit in another asset allows nothing. */
function allows(limit: AssetAmount | undefined, total: bigint, unit: UnitOfAmount): boolean {
  if (!limit) return true
  return limit.assetCode === unit.assetCode && limit.assetScale === unit.assetScale && total <= limit.value
}

function sendUnit(quote: Quote): UnitOfAmount {
  return { assetCode: quote.sendAssetCode, assetScale: quote.sendAssetScale }
}

function receiveUnit(quote: Quote): UnitOfAmount {
  return { assetCode: quote.receiveAssetCode, assetScale: quote.receiveAssetScale }
}
