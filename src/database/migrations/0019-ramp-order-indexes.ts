import type { MigrationInterface, QueryRunner } from 'typeorm'

const PAID_DEPOSIT = `status = 'paid' AND payment_type = 'deposit'`

/** Paid deposits that their agents do not answer are overdue too. */
export class RampOrderIndexes1700000000019 implements MigrationInterface {
  name = 'RampOrderIndexes1700000000019'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX ramp_payment_overdue`)
    await runner.query(`CREATE INDEX ramp_payment_overdue ON ramp_payment (overdue_at, id)
      WHERE (status = 'accepted' OR (${PAID_DEPOSIT})) AND overdue_at IS NOT NULL`)
    // They are looked at once, and again as long as they are not overdue.
    await runner.query(`UPDATE ramp_payment SET due_at = paid_at WHERE ${PAID_DEPOSIT}`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE ramp_payment SET due_at = NULL, overdue_at = NULL WHERE ${PAID_DEPOSIT}`)
    await runner.query(`DROP INDEX ramp_payment_overdue`)
    await runner.query(`CREATE INDEX ramp_payment_overdue ON ramp_payment (overdue_at, id)
      WHERE status = 'accepted' AND overdue_at IS NOT NULL`)
  }
}
