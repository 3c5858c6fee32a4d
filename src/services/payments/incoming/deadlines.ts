import type { EntityManager } from 'typeorm'

const SHORTEN = `UPDATE incoming_payment SET expires_at = $2, process_at = $2, updated_at = $3
  WHERE payment_pointer_id = $1 AND state IN ('PENDING', 'PROCESSING') AND expires_at > $2`

/** What the end of a payment pointer means to its open incoming payments. */
export class IncomingPaymentDeadlines {
  constructor(private readonly graceMilliseconds: number) {}

  /** Lets open payments go on for the grace period at most. Part of the transaction that deactivates the pointer. */
  async shorten(manager: EntityManager, paymentPointerId: string, now: Date): Promise<void> {
    await manager.query(SHORTEN, [paymentPointerId, new Date(now.getTime() + this.graceMilliseconds), now])
  }
}
