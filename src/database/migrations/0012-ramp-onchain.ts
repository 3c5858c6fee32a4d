import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What leaves the ramp on chain, what is said to have come in that way, and bank accounts for customers. */
export class RampOnchain1700000000012 implements MigrationInterface {
  name = 'RampOnchain1700000000012'

  async up(runner: QueryRunner): Promise<void> {
    await createTransactions(runner)
    await createHashes(runner)
    await createVirtualAccounts(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ramp_virtual_account, ramp_transaction_hash, ramp_onchain_tx`)
  }
}

/** A row changes once, when its transaction is settled. */
async function createTransactions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_onchain_tx (
      id uuid CONSTRAINT ramp_onchain_tx_pkey PRIMARY KEY,
      merchant_id uuid NOT NULL CONSTRAINT ramp_onchain_tx_merchant REFERENCES ramp_merchant,
      request_id uuid CONSTRAINT ramp_onchain_tx_request REFERENCES ramp_request,
      symbol text NOT NULL,
      network text NOT NULL,
      address text NOT NULL,
      quantity bigint NOT NULL,
      fee bigint NOT NULL,
      status text NOT NULL
        CONSTRAINT ramp_onchain_tx_status CHECK (status IN ('pending', 'completed', 'failed', 'canceled')),
      transaction_hash text,
      reason text,
      metadata json,
      created_at timestamptz NOT NULL,
      settled_at timestamptz,
      CONSTRAINT ramp_onchain_tx_amounts CHECK (quantity > 0 AND fee >= 0),
      CONSTRAINT ramp_onchain_tx_settled CHECK ((status = 'pending') = (settled_at IS NULL)),
      CONSTRAINT ramp_onchain_tx_completed CHECK (status <> 'completed' OR transaction_hash IS NOT NULL)
    ) WITH (fillfactor = 90)`)
  for (const index of [
    `INDEX ramp_onchain_tx_created ON ramp_onchain_tx (created_at, id)`,
    `INDEX ramp_onchain_tx_pending ON ramp_onchain_tx (created_at, id) WHERE status = 'pending'`,
    `UNIQUE INDEX ramp_onchain_tx_hash ON ramp_onchain_tx (network, transaction_hash)
      WHERE transaction_hash IS NOT NULL`,
    `UNIQUE INDEX ramp_onchain_tx_of_request ON ramp_onchain_tx (request_id) WHERE request_id IS NOT NULL`
  ]) {
    await runner.query(`CREATE ${index}`)
  }
}

async function createHashes(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_transaction_hash (
      hash text CONSTRAINT ramp_transaction_hash_pkey PRIMARY KEY,
      request_id uuid NOT NULL CONSTRAINT ramp_transaction_hash_request REFERENCES ramp_request,
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE UNIQUE INDEX ramp_transaction_hash_of_request ON ramp_transaction_hash (request_id)`)
}

async function createVirtualAccounts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_virtual_account (
      id uuid CONSTRAINT ramp_virtual_account_pkey PRIMARY KEY,
      merchant_id uuid NOT NULL CONSTRAINT ramp_virtual_account_merchant REFERENCES ramp_merchant,
      customer_id uuid NOT NULL CONSTRAINT ramp_virtual_account_customer REFERENCES ramp_customer,
      status text NOT NULL
        CONSTRAINT ramp_virtual_account_status CHECK (status IN ('pending', 'active', 'rejected')),
      fee bigint NOT NULL CONSTRAINT ramp_virtual_account_fee CHECK (fee >= 0),
      details jsonb,
      created_at timestamptz NOT NULL,
      CONSTRAINT ramp_virtual_account_active CHECK (status <> 'active' OR details IS NOT NULL)
    )`)
  await runner.query(`CREATE INDEX ramp_virtual_account_created ON ramp_virtual_account (created_at, id)`)
}
