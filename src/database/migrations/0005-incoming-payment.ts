import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Incoming payments, and what payment pointers received without one. */
export class IncomingPayment1700000000005 implements MigrationInterface {
  name = 'IncomingPayment1700000000005'

  async up(runner: QueryRunner): Promise<void> {
    await createIncomingPayments(runner)
    await createIncome(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE payment_pointer_income, incoming_payment`)
  }
}

/** A row changes with every credit, so pages keep some room for its next version. */
async function createIncomingPayments(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE incoming_payment (
      id uuid CONSTRAINT incoming_payment_pkey PRIMARY KEY,
      payment_pointer_id uuid NOT NULL CONSTRAINT incoming_payment_payment_pointer REFERENCES payment_pointer,
      asset_id uuid NOT NULL CONSTRAINT incoming_payment_asset REFERENCES asset,
      state text NOT NULL
        CONSTRAINT incoming_payment_state CHECK (state IN ('PENDING', 'PROCESSING', 'COMPLETED', 'EXPIRED')),
      incoming_amount numeric(20, 0) CONSTRAINT incoming_payment_incoming_amount CHECK (incoming_amount > 0),
      received_amount numeric(20, 0) NOT NULL
        CONSTRAINT incoming_payment_received_amount CHECK (received_amount BETWEEN 0 AND 18446744073709551615),
      account_id bigint,
      connection_id uuid CONSTRAINT incoming_payment_connection UNIQUE,
      expires_at timestamptz NOT NULL,
      process_at timestamptz,
      removed_at timestamptz,
      metadata json,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT incoming_payment_received_on_account CHECK (received_amount = 0 OR account_id IS NOT NULL),
      CONSTRAINT incoming_payment_pending_is_empty CHECK (state <> 'PENDING' OR received_amount = 0),
      CONSTRAINT incoming_payment_expires_when_open
        CHECK (state IN ('COMPLETED', 'EXPIRED') OR process_at IS NOT DISTINCT FROM expires_at),
      CONSTRAINT incoming_payment_connection_when_open
        CHECK ((state IN ('COMPLETED', 'EXPIRED')) = (connection_id IS NULL)),
      CONSTRAINT incoming_payment_removed_is_empty
        CHECK (removed_at IS NULL OR (state = 'EXPIRED' AND received_amount = 0))
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`)
  await runner.query(
    `CREATE INDEX incoming_payment_created ON incoming_payment (created_at, id) WHERE removed_at IS NULL`
  )
  await runner.query(`
    CREATE INDEX incoming_payment_of_payment_pointer ON incoming_payment (payment_pointer_id, created_at, id)
    WHERE removed_at IS NULL`)
  await runner.query(`
    CREATE INDEX incoming_payment_open ON incoming_payment (payment_pointer_id, expires_at)
    WHERE state IN ('PENDING', 'PROCESSING')`)
  await runner.query(`CREATE INDEX incoming_payment_due ON incoming_payment (process_at) WHERE process_at IS NOT NULL`)
}

async function createIncome(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE payment_pointer_income (
      payment_pointer_id uuid CONSTRAINT payment_pointer_income_pkey PRIMARY KEY
        CONSTRAINT payment_pointer_income_payment_pointer REFERENCES payment_pointer,
      received_amount numeric(39, 0) NOT NULL,
      announced_amount numeric(39, 0) NOT NULL,
      announce_at timestamptz,
      CONSTRAINT payment_pointer_income_amounts CHECK (announced_amount BETWEEN 0 AND received_amount)
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`)
  await runner.query(`
    CREATE INDEX payment_pointer_income_due ON payment_pointer_income (announce_at) WHERE announce_at IS NOT NULL`)
}
