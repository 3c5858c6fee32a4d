import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The ramp's deliveries of one receiver, whatever their status; those given up were the only ones found by it. */
export class ReceiverDeliveries1700000000022 implements MigrationInterface {
  name = 'ReceiverDeliveries1700000000022'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX ramp_webhook_delivery_of_bearer ON ramp_webhook_delivery (bearer_id, status, created_at, id)
      WHERE NOT is_replayed`)
    await runner.query(`DROP INDEX ramp_webhook_delivery_dead`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX ramp_webhook_delivery_dead ON ramp_webhook_delivery (bearer_id, created_at, id)
      WHERE status = 'dead' AND NOT is_replayed`)
    await runner.query(`DROP INDEX ramp_webhook_delivery_of_bearer`)
  }
}
