import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The ledger's tables. What the code promises the constraints guard: limits and totals of accounts, the shape
 * of transfers, one resolution a hold, one use an id, and that nothing written is ever changed or deleted.
 */
export class Ledger1700000000001 implements MigrationInterface {
  name = 'Ledger1700000000001'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SEQUENCE ledger_account_id`)
    await createAccountTable(runner)
    await createTransferTable(runner)
    await createBatchTables(runner)
    await forbidChanges(runner)
    await createExpect(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ledger_balance, ledger_batch, ledger_transfer, ledger_account`)
    await runner.query(`DROP FUNCTION ledger_refuse_change(), ledger_expect(bigint, bigint)`)
    await runner.query(`DROP SEQUENCE ledger_account_id`)
  }
}

/** Totals change with every batch that touches the account; half-empty pages keep those updates in place. */
async function createAccountTable(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ledger_account (
      id bigint CONSTRAINT ledger_account_pkey PRIMARY KEY,
      batch bigint NOT NULL,
      created_batch bigint NOT NULL,
      closed_batch bigint,
      owner uuid NOT NULL,
      ledger integer NOT NULL CONSTRAINT ledger_account_ledger CHECK (ledger > 0),
      code smallint NOT NULL CONSTRAINT ledger_account_code CHECK (code > 0),
      limit_kind smallint NOT NULL CONSTRAINT ledger_account_limit_kind CHECK (limit_kind BETWEEN 0 AND 2),
      debits_posted numeric(39, 0) NOT NULL,
      debits_pending numeric(39, 0) NOT NULL,
      credits_posted numeric(39, 0) NOT NULL,
      credits_pending numeric(39, 0) NOT NULL,
      CONSTRAINT ledger_account_owner UNIQUE (owner, code),
      CONSTRAINT ledger_account_totals CHECK (
        debits_posted >= 0 AND debits_pending >= 0 AND credits_posted >= 0 AND credits_pending >= 0
        AND debits_posted + debits_pending <= 340282366920938463463374607431768211455
        AND credits_posted + credits_pending <= 340282366920938463463374607431768211455),
      CONSTRAINT ledger_account_limit CHECK (
        CASE limit_kind
          WHEN 1 THEN debits_posted + debits_pending <= credits_posted
          WHEN 2 THEN credits_posted + credits_pending <= debits_posted
          ELSE true
        END),
      CONSTRAINT ledger_account_closed CHECK (
        closed_batch IS NULL
        OR (debits_posted = credits_posted AND debits_pending = 0 AND credits_pending = 0 AND closed_batch = batch))
    ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)`)
  await runner.query(`CREATE INDEX ledger_account_created ON ledger_account (created_batch)`)
  await runner.query(
    `CREATE INDEX ledger_account_closed_at ON ledger_account (closed_batch) WHERE closed_batch IS NOT NULL`
  )
}

async function createTransferTable(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ledger_transfer (
      sequence bigint NOT NULL,
      id uuid NOT NULL CONSTRAINT ledger_transfer_pkey PRIMARY KEY,
      kind smallint NOT NULL,
      debit_account_id bigint NOT NULL,
      credit_account_id bigint NOT NULL,
      amount numeric(20, 0) NOT NULL CONSTRAINT ledger_transfer_amount CHECK (amount BETWEEN 1 AND 18446744073709551615),
      code smallint NOT NULL,
      hold_id uuid,
      expires_us bigint,
      reference uuid,
      CONSTRAINT ledger_transfer_accounts CHECK (debit_account_id <> credit_account_id),
      CONSTRAINT ledger_transfer_kind CHECK (
        CASE kind
          WHEN 1 THEN hold_id IS NULL AND expires_us IS NULL
          WHEN 2 THEN hold_id IS NULL
          WHEN 3 THEN hold_id IS NOT NULL AND expires_us IS NULL
          WHEN 4 THEN hold_id IS NOT NULL AND expires_us IS NULL
          WHEN 5 THEN hold_id IS NOT NULL AND expires_us IS NULL
          ELSE false
        END)
    )`)
  await runner.query(`CREATE UNIQUE INDEX ledger_transfer_sequence ON ledger_transfer (sequence)`)
  await runner.query(`CREATE UNIQUE INDEX ledger_transfer_hold ON ledger_transfer (hold_id) WHERE hold_id IS NOT NULL`)
  await runner.query(
    `CREATE INDEX ledger_transfer_expires ON ledger_transfer (expires_us) WHERE expires_us IS NOT NULL`
  )
}

/** A batch is a link of the hash chain; a balance is an account's totals after a batch that touched it. */
async function createBatchTables(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ledger_batch (
      sequence bigint NOT NULL CONSTRAINT ledger_batch_pkey PRIMARY KEY,
      first_transfer bigint NOT NULL,
      recorded_us bigint NOT NULL,
      transfer_count integer NOT NULL,
      account_count integer NOT NULL,
      close_count integer NOT NULL,
      hash bytea NOT NULL CONSTRAINT ledger_batch_hash CHECK (length(hash) = 32),
      checksums bytea NOT NULL
        CONSTRAINT ledger_batch_checksums CHECK (length(checksums) = 4 * (transfer_count + account_count + close_count))
    )`)
  await runner.query(`CREATE INDEX ledger_batch_recorded ON ledger_batch (recorded_us, sequence)`)
  await runner.query(`CREATE INDEX ledger_batch_first_transfer ON ledger_batch (first_transfer, sequence)`)
  await runner.query(`
    CREATE TABLE ledger_balance (
      account_id bigint NOT NULL,
      batch bigint NOT NULL,
      debits_posted numeric(39, 0) NOT NULL,
      debits_pending numeric(39, 0) NOT NULL,
      credits_posted numeric(39, 0) NOT NULL,
      credits_pending numeric(39, 0) NOT NULL,
      CONSTRAINT ledger_balance_pkey PRIMARY KEY (account_id, batch)
    )`)
}

async function forbidChanges(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END $$`)
  for (const table of ['ledger_transfer', 'ledger_batch', 'ledger_balance']) {
    await runner.query(`
      CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()`)
  }
  await runner.query(`
    CREATE TRIGGER ledger_account_permanent BEFORE DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()`)
  await runner.query(`
    CREATE TRIGGER ledger_account_identity
    BEFORE UPDATE OF id, created_batch, owner, ledger, code, limit_kind ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()`)
}

/** Fails a statement that touched another number of rows than it had to, before the commit behind it runs. */
async function createExpect(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION ledger_expect(actual bigint, expected bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
      IF actual <> expected THEN
        RAISE EXCEPTION 'touched % rows instead of %', actual, expected USING ERRCODE = 'HZ001';
      END IF;
      RETURN actual;
    END $$`)
}
