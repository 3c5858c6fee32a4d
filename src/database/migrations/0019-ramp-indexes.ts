import type { MigrationInterface, QueryRunner } from 'typeorm'

const PAID_DEPOSIT = `status = 'paid' AND payment_type = 'deposit'`

/**
 * Paid deposits that their agents do not answer are overdue too, a new key asks for the one that was revoked last, and
 * by some indexes nothing is looked up.
 */
export class RampIndexes1700000000019 implements MigrationInterface {
  name = 'RampIndexes1700000000019'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX ramp_payment_overdue`)
    await runner.query(`CREATE INDEX ramp_payment_overdue ON ramp_payment (overdue_at, id)
      WHERE (status = 'accepted' OR (${PAID_DEPOSIT})) AND overdue_at IS NOT NULL`)
    // They are looked at once, and again as long as they are not overdue.
    await runner.query(`UPDATE ramp_payment SET due_at = paid_at WHERE ${PAID_DEPOSIT}`)
    await runner.query(`CREATE INDEX ramp_api_key_revoked
      ON ramp_api_key (bearer_kind, bearer_id, is_secret, revoked_at, id) WHERE revoked_at IS NOT NULL`)
    await runner.query(`DROP INDEX ramp_request_created, ramp_request_of_customer, ramp_payment_of_order`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX ramp_api_key_revoked`)
    await runner.query(`CREATE INDEX ramp_request_created ON ramp_request (created_at, id)`)
    await runner.query(`CREATE INDEX ramp_request_of_customer ON ramp_request (customer_id, created_at, id)`)
    await runner.query(`CREATE INDEX ramp_payment_of_order ON ramp_payment (order_id)`)
    await runner.query(`UPDATE ramp_payment SET due_at = NULL, overdue_at = NULL WHERE ${PAID_DEPOSIT}`)
    await runner.query(`DROP INDEX ramp_payment_overdue`)
    await runner.query(`CREATE INDEX ramp_payment_overdue ON ramp_payment (overdue_at, id)
      WHERE status = 'accepted' AND overdue_at IS NOT NULL`)
  }
}
