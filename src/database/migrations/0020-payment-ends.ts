import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The deadline of the open incoming payments of a deactivated payment pointer, and the peer behind which the receiver
 * of an outgoing payment is.
 */
export class PaymentEnds1700000000020 implements MigrationInterface {
  name = 'PaymentEnds1700000000020'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE payment_pointer ADD COLUMN payments_end_at timestamptz
        CONSTRAINT payment_pointer_payments_end_with_it CHECK (payments_end_at IS NULL OR deactivated_at IS NOT NULL)`)
    await runner.query(`
      CREATE INDEX payment_pointer_payments_end ON payment_pointer (payments_end_at) WHERE payments_end_at IS NOT NULL`)
    await runner.query(`
      ALTER TABLE outgoing_payment ADD COLUMN peer_id uuid CONSTRAINT outgoing_payment_peer REFERENCES peer`)
    await runner.query(`CREATE INDEX outgoing_payment_of_peer ON outgoing_payment (peer_id) WHERE peer_id IS NOT NULL`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE outgoing_payment DROP COLUMN peer_id`)
    await runner.query(`ALTER TABLE payment_pointer DROP COLUMN payments_end_at`)
  }
}
