/**
 * What the end of a payment pointer means to its open incoming payments: they go on for a grace period at most.
 *
 * A pointer may have any number of them, and the ledger waits for whoever writes one that is being credited. So the
 * deadline is set on the pointer, in one row, and holds for its payments from that commit on, whatever they say of
 * themselves. They are written in steps, later, and none of them makes anybody wait for long.
 */
import type { Reader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'

/** Most payments of one transaction. */
export const STEP = 500

/** When a payment really ends, as SQL over a row of its table. */
export function endOf(payment: string): string {
  return `least(${payment}.expires_at, (SELECT payments_end_at FROM payment_pointer
    WHERE id = ${payment}.payment_pointer_id AND ${payment}.state IN ('PENDING', 'PROCESSING')))`
}

const LATE = `payment.payment_pointer_id = pointer.id AND payment.state IN ('PENDING', 'PROCESSING')
  AND payment.expires_at > pointer.payments_end_at`

/** Most payment pointers that one transaction is about. */
const POINTERS_MAX = 100

/** By itself, as a planner that knows little of the column would rather look at every open payment there is. */
const PENDING = {
  name: 'payment_pointers_with_deadline',
  text: `SELECT id FROM payment_pointer WHERE payments_end_at IS NOT NULL ORDER BY payments_end_at LIMIT ${POINTERS_MAX}`,
  values: []
} as const

/** What somebody has in hand is left for later: whoever credits it writes the deadline as well. */
const SHORTEN = `UPDATE incoming_payment AS payment
  SET expires_at = late.payments_end_at, process_at = late.payments_end_at, updated_at = $1
  FROM (
    SELECT payment.id, pointer.payments_end_at
    FROM payment_pointer AS pointer JOIN incoming_payment AS payment ON ${LATE}
    WHERE pointer.id = ANY($3::uuid[])
    LIMIT $2 FOR NO KEY UPDATE OF payment SKIP LOCKED) AS late
  WHERE payment.id = late.id RETURNING payment.id`

const FORGET = `UPDATE payment_pointer SET payments_end_at = NULL
  WHERE id = ANY(ARRAY(
    SELECT id FROM payment_pointer AS pointer
    WHERE id = ANY($1::uuid[]) AND payments_end_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM incoming_payment AS payment WHERE ${LATE})
    FOR NO KEY UPDATE SKIP LOCKED))`

export class IncomingPaymentDeadlines {
  constructor(
    private readonly database: Pick<Reader, 'rows'>,
    private readonly unitOfWork: UnitOfWork,
    private readonly graceMilliseconds: number
  ) {}

  /** When the open payments of a pointer that is deactivated now end at the latest. */
  after(now: Date): Date {
    return new Date(now.getTime() + this.graceMilliseconds)
  }

  /**
   * Writes the deadline into at most `limit` payments, and forgets it where every payment has it. Returns the ids:
   * fewer than `limit` say that no more are to be had at present.
   */
  async shorten(now: Date, limit: number): Promise<readonly string[]> {
    const pointers = await this.database.rows<{ id: string }>(PENDING)
    return pointers.length === 0 ? [] : this.write(now, limit, idsOf(pointers))
  }

  /** Does all that is left to do for a pointer, but for payments that others have in hand. */
  async settle(now: Date, paymentPointerId: string): Promise<void> {
    while ((await this.write(now, STEP, [paymentPointerId])).length === STEP);
  }

  private write(now: Date, limit: number, pointerIds: readonly string[]): Promise<readonly string[]> {
    return this.unitOfWork.run(async (manager) => {
      const [payments] = await manager.query<[{ id: string }[], number]>(SHORTEN, [now, limit, pointerIds])
      if (payments.length < limit) await manager.query(FORGET, [pointerIds])
      return idsOf(payments)
    })
  }
}

function idsOf(rows: readonly { id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}
