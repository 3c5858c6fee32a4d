/**
 * Who sends which payment: what is due is claimed with a lease, so that several processes share the work and
 * what a dead one had in hand comes back.
 */
import { randomUUID } from 'node:crypto'
import type { EntityReader } from '../../../database/entity-reader'
import type { EntityTable } from '../../../database/entity-table'
import type { Pipeline } from '../../../database/pipeline'
import { OutgoingPayment } from '../../../entities'

/** The channel on which a funded payment is announced to the workers of every process. */
export const OUTGOING_PAYMENT_CHANNEL = 'outgoing_payment'

/** A payment that another process is taking at this moment is left to it. */
const CLAIM = `UPDATE outgoing_payment SET due_at = $2, lease = $3
  WHERE id = ANY(ARRAY(
    SELECT id FROM outgoing_payment WHERE due_at <= $1 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED))
  RETURNING `

export class OutgoingPaymentClaims {
  private readonly table: EntityTable<OutgoingPayment>

  constructor(
    entities: EntityReader,
    private readonly pipeline: Pick<Pipeline, 'query'>,
    /** How long a payment stays in hand without a word from whoever took it. A longer attempt renews its lease. */
    private readonly leaseMilliseconds: number
  ) {
    this.table = entities.of(OutgoingPayment).table
  }

  /** Takes at most `limit` payments in hand that are due. */
  async claim(now: Date, limit: number): Promise<OutgoingPayment[]> {
    const leaseEnd = new Date(now.getTime() + this.leaseMilliseconds)
    const text = CLAIM + this.table.select()
    const values = [now, leaseEnd, randomUUID(), limit]
    const rows = await this.pipeline.query({ name: 'outgoing_payment_claim', text, values })
    return rows.map((row) => this.table.entityOf(row))
  }
}
