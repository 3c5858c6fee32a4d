import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Assets, fees, peers, payment pointers, their keys, and the record of what was answered to which key. */
export class Admin1700000000002 implements MigrationInterface {
  name = 'Admin1700000000002'

  async up(runner: QueryRunner): Promise<void> {
    await createAssets(runner)
    await createPeers(runner)
    await createPaymentPointers(runner)
    await createIdempotencyRecords(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE idempotency_record, payment_pointer_key, payment_pointer, peer_incoming_token, peer, fee, asset`
    )
    await runner.query(`DROP SEQUENCE asset_ledger_number`)
  }
}

async function createAssets(runner: QueryRunner): Promise<void> {
  await runner.query(`CREATE SEQUENCE asset_ledger_number AS integer MINVALUE 1 MAXVALUE 32767 NO CYCLE`)
  await runner.query(`
    CREATE TABLE asset (
      id uuid CONSTRAINT asset_pkey PRIMARY KEY,
      code text NOT NULL,
      scale smallint NOT NULL CONSTRAINT asset_scale_range CHECK (scale BETWEEN 0 AND 255),
      withdrawal_threshold numeric(20, 0)
        CONSTRAINT asset_withdrawal_threshold_range CHECK (withdrawal_threshold >= 0),
      ledger integer NOT NULL CONSTRAINT asset_ledger UNIQUE
        CONSTRAINT asset_ledger_range CHECK (ledger BETWEEN 1 AND 32767),
      settlement_account_id bigint NOT NULL,
      liquidity_account_id bigint NOT NULL,
      created_at timestamptz NOT NULL,
      CONSTRAINT asset_code_scale UNIQUE (code, scale)
    )`)
  await runner.query(`CREATE INDEX asset_created ON asset (created_at, id)`)
  await runner.query(`
    CREATE TABLE fee (
      id uuid CONSTRAINT fee_pkey PRIMARY KEY,
      asset_id uuid NOT NULL CONSTRAINT fee_asset REFERENCES asset,
      type text NOT NULL CONSTRAINT fee_type CHECK (type IN ('SENDING', 'RECEIVING')),
      fixed numeric(20, 0) NOT NULL CONSTRAINT fee_fixed_range CHECK (fixed >= 0),
      basis_points integer NOT NULL CONSTRAINT fee_basis_points_range CHECK (basis_points BETWEEN 0 AND 10000),
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE INDEX fee_latest ON fee (asset_id, type, created_at, id)`)
}

async function createPeers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE peer (
      id uuid CONSTRAINT peer_pkey PRIMARY KEY,
      asset_id uuid NOT NULL CONSTRAINT peer_asset REFERENCES asset,
      static_ilp_address text NOT NULL CONSTRAINT peer_static_ilp_address UNIQUE,
      name text,
      outgoing_auth_token text NOT NULL,
      outgoing_endpoint text NOT NULL,
      max_packet_amount numeric(20, 0) CONSTRAINT peer_max_packet_amount_range CHECK (max_packet_amount >= 0),
      liquidity_account_id bigint NOT NULL,
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE INDEX peer_created ON peer (created_at, id)`)
  await runner.query(`
    CREATE TABLE peer_incoming_token (
      token_hash bytea CONSTRAINT peer_incoming_token_pkey PRIMARY KEY,
      peer_id uuid NOT NULL CONSTRAINT peer_incoming_token_peer REFERENCES peer ON DELETE CASCADE
    )`)
  await runner.query(`CREATE INDEX peer_incoming_token_of_peer ON peer_incoming_token (peer_id)`)
}

async function createPaymentPointers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE payment_pointer (
      id uuid CONSTRAINT payment_pointer_pkey PRIMARY KEY,
      asset_id uuid NOT NULL CONSTRAINT payment_pointer_asset REFERENCES asset,
      url text NOT NULL CONSTRAINT payment_pointer_url UNIQUE,
      public_name text,
      deactivated_at timestamptz,
      web_monetization_account_id bigint,
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE INDEX payment_pointer_created ON payment_pointer (created_at, id)`)
  await runner.query(`
    CREATE TABLE payment_pointer_key (
      id uuid CONSTRAINT payment_pointer_key_pkey PRIMARY KEY,
      payment_pointer_id uuid NOT NULL CONSTRAINT payment_pointer_key_payment_pointer REFERENCES payment_pointer,
      kid text NOT NULL,
      x text NOT NULL,
      revoked_at timestamptz,
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`
    CREATE UNIQUE INDEX payment_pointer_key_active_kid ON payment_pointer_key (payment_pointer_id, kid)
    WHERE revoked_at IS NULL`)
}

/** Keys come and go, so deleted space is reclaimed early. */
async function createIdempotencyRecords(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE idempotency_record (
      key text CONSTRAINT idempotency_record_pkey PRIMARY KEY,
      operation text NOT NULL,
      arguments_hash bytea NOT NULL
        CONSTRAINT idempotency_record_arguments_hash CHECK (length(arguments_hash) = 32),
      answer json NOT NULL,
      recorded_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)`)
  await runner.query(`CREATE INDEX idempotency_record_expires ON idempotency_record (expires_at)`)
}
