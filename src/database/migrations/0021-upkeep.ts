import type { MigrationInterface, QueryRunner } from 'typeorm'

const TABLES = ['webhook_delivery', 'ramp_webhook_delivery'] as const

/** What lists, figures, reports and the removal of old rows find without looking at what is over and done with. */
export class Upkeep1700000000021 implements MigrationInterface {
  name = 'Upkeep1700000000021'

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await tellReplayed(runner, table)
    await runner.query(`DROP INDEX ramp_webhook_delivery_status_created`)
    for (const index of [
      `webhook_delivery_dead ON webhook_delivery (created_at, id) WHERE status = 'dead' AND NOT is_replayed`,
      `ramp_webhook_delivery_status_created ON ramp_webhook_delivery (status, created_at, id) WHERE NOT is_replayed`,
      `ramp_webhook_delivery_dead ON ramp_webhook_delivery (bearer_id, created_at, id)
        WHERE status = 'dead' AND NOT is_replayed`,
      `ramp_customer_day_of_day ON ramp_customer_day (day)`,
      `ramp_virtual_account_pending ON ramp_virtual_account (created_at, id) WHERE status = 'pending'`,
      `ramp_payment_ended ON ramp_payment (updated_at) WHERE status IN ('completed', 'canceled')`
    ]) {
      await runner.query(`CREATE INDEX ${index}`)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX ramp_payment_ended, ramp_virtual_account_pending,
      ramp_customer_day_of_day, ramp_webhook_delivery_status_created`)
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN is_replayed`)
    await runner.query(
      `CREATE INDEX ramp_webhook_delivery_status_created ON ramp_webhook_delivery (status, created_at, id)`
    )
  }
}

/** Only the last delivery of an event says what became of it. */
async function tellReplayed(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`ALTER TABLE ${table} ADD COLUMN is_replayed boolean NOT NULL DEFAULT false`)
  await runner.query(`
    UPDATE ${table} AS delivery SET is_replayed = true
    WHERE EXISTS (SELECT FROM ${table} AS later
      WHERE later.event_id = delivery.event_id AND later.sequence > delivery.sequence)`)
}
