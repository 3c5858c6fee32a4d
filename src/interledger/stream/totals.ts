/**
 * How much each connection with receipts has received: what its next receipt says. Totals are kept in the
 * database, as any instance may take the next packet, and forgotten some time after the last one.
 */
import type { Reader } from '../../database/reader'

const LIFETIME_MILLISECONDS = 600_000
/** A receipt can say no more. */
const TOTAL_MAX = 2n ** 64n - 1n

const ADD = {
  name: 'stream_total_add',
  text: `INSERT INTO stream_total AS known (connection_id, total, expires_at) VALUES ($1, $2::numeric, $4)
    ON CONFLICT (connection_id) DO UPDATE SET expires_at = excluded.expires_at,
      total = least(CASE WHEN known.expires_at <= $3 THEN 0 ELSE known.total END + excluded.total, ${TOTAL_MAX})
    RETURNING total`
} as const

const TAKE_BACK = {
  name: 'stream_total_take_back',
  text: 'UPDATE stream_total SET total = greatest(total - $2::numeric, 0) WHERE connection_id = $1'
} as const

const FORGET = {
  name: 'stream_total_forget',
  text: `DELETE FROM stream_total WHERE connection_id = ANY(ARRAY(
    SELECT connection_id FROM stream_total WHERE expires_at <= $1 LIMIT 10000 FOR UPDATE SKIP LOCKED))`
} as const

export class StreamTotals {
  constructor(private readonly database: Pick<Reader, 'rows'>) {}

  /** The total with this amount. `connectionId` is 32 bytes in hexadecimal digits. */
  async add(connectionId: string, amount: bigint, now: Date): Promise<bigint> {
    const expiresAt = new Date(now.getTime() + LIFETIME_MILLISECONDS)
    const values = [Buffer.from(connectionId, 'hex'), String(amount), now, expiresAt]
    const [row] = await this.database.rows<{ total: string }>({ ...ADD, values })
    return BigInt(row!.total)
  }

  /** For a packet that was counted and then not fulfilled. */
  async takeBack(connectionId: string, amount: bigint): Promise<void> {
    await this.database.rows({ ...TAKE_BACK, values: [Buffer.from(connectionId, 'hex'), String(amount)] })
  }

  /** Forgets what nobody has paid into for a while. */
  async tidy(now: Date): Promise<void> {
    await this.database.rows({ ...FORGET, values: [now] })
  }
}
