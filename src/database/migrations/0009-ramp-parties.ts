import type { MigrationInterface, QueryRunner } from 'typeorm'
import { RAMP_COUNTRIES, RAMP_RAILS } from './seeds/ramp-countries'

/** Agents, merchants and customers, their keys and payment methods, and the countries where they are. */
export class RampParties1700000000009 implements MigrationInterface {
  name = 'RampParties1700000000009'

  async up(runner: QueryRunner): Promise<void> {
    await createCountries(runner)
    await createLedgers(runner)
    await createAgents(runner)
    await createMerchants(runner)
    await createKeys(runner)
    await createPaymentMethods(runner)
    await seed(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE ramp_payment_method, ramp_api_key, ramp_customer, ramp_merchant, ramp_agent, ramp_market_rate,
        ramp_account, ramp_ledger, ramp_rail, ramp_country`
    )
  }
}

async function createCountries(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_country (
      id uuid CONSTRAINT ramp_country_pkey PRIMARY KEY,
      code text NOT NULL CONSTRAINT ramp_country_code UNIQUE,
      name text NOT NULL,
      currency_code text NOT NULL,
      currency_name text NOT NULL,
      surcharge_basis_points integer NOT NULL
        CONSTRAINT ramp_country_surcharge_range CHECK (surcharge_basis_points BETWEEN 0 AND 9999)
    )`)
  await runner.query(`
    CREATE TABLE ramp_rail (
      id uuid CONSTRAINT ramp_rail_pkey PRIMARY KEY,
      country_id uuid NOT NULL CONSTRAINT ramp_rail_country REFERENCES ramp_country,
      identifier text NOT NULL CONSTRAINT ramp_rail_identifier UNIQUE,
      label text NOT NULL,
      fields jsonb NOT NULL
    )`)
  await runner.query(`CREATE INDEX ramp_rail_of_country ON ramp_rail (country_id, identifier)`)
  await runner.query(`
    CREATE TABLE ramp_market_rate (
      currency_code text CONSTRAINT ramp_market_rate_pkey PRIMARY KEY,
      buy numeric(20, 0) NOT NULL,
      sell numeric(20, 0) NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT ramp_market_rate_range CHECK (buy > 0 AND sell > 0)
    )`)
}

async function createLedgers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_ledger (
      code text CONSTRAINT ramp_ledger_pkey PRIMARY KEY,
      ledger integer NOT NULL CONSTRAINT ramp_ledger_number UNIQUE
        CONSTRAINT ramp_ledger_number_range CHECK (ledger > 0)
    )`)
  await runner.query(`
    CREATE TABLE ramp_account (
      name text CONSTRAINT ramp_account_pkey PRIMARY KEY,
      ledger_code text NOT NULL CONSTRAINT ramp_account_ledger REFERENCES ramp_ledger,
      account_id bigint NOT NULL CONSTRAINT ramp_account_account UNIQUE
    )`)
}

async function createAgents(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_agent (
      id uuid CONSTRAINT ramp_agent_pkey PRIMARY KEY,
      email text NOT NULL CONSTRAINT ramp_agent_email UNIQUE,
      name text NOT NULL,
      country_id uuid NOT NULL CONSTRAINT ramp_agent_country REFERENCES ramp_country,
      balance_account_id bigint NOT NULL,
      credit_account_id bigint NOT NULL,
      credit_line numeric(20, 0) NOT NULL CONSTRAINT ramp_agent_credit_line_range CHECK (credit_line >= 0),
      credit_version integer NOT NULL,
      verification_status text NOT NULL CONSTRAINT ramp_agent_verification_status
        CHECK (verification_status IN ('unverified', 'pending', 'verified', 'rejected')),
      is_suspended boolean NOT NULL,
      is_restricted boolean NOT NULL,
      deposit_rate numeric(20, 0),
      deposit_margin numeric(20, 0) NOT NULL,
      withdrawal_rate numeric(20, 0),
      withdrawal_margin numeric(20, 0) NOT NULL,
      auto_update_deposit_rate boolean NOT NULL,
      auto_update_withdrawal_rate boolean NOT NULL,
      enforce_receipt_upload boolean NOT NULL,
      is_totp_enabled boolean NOT NULL,
      deposit_address text,
      last_assigned_at timestamptz,
      deposits_completed integer NOT NULL,
      withdrawals_completed integer NOT NULL,
      total_deposit_fiat numeric(39, 0) NOT NULL,
      total_deposit_usd numeric(39, 0) NOT NULL,
      total_withdrawal_fiat numeric(39, 0) NOT NULL,
      total_withdrawal_usd numeric(39, 0) NOT NULL,
      bonus_earnings numeric(39, 0) NOT NULL,
      created_at timestamptz NOT NULL,
      CONSTRAINT ramp_agent_margins_range CHECK (deposit_margin >= 0 AND withdrawal_margin >= 0),
      CONSTRAINT ramp_agent_rates_range CHECK (deposit_rate > 0 AND withdrawal_rate > 0)
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`)
  await runner.query(`CREATE INDEX ramp_agent_of_country ON ramp_agent (country_id, id)`)
  await runner.query(`CREATE INDEX ramp_agent_created ON ramp_agent (created_at, id)`)
}

async function createMerchants(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_merchant (
      id uuid CONSTRAINT ramp_merchant_pkey PRIMARY KEY,
      name text NOT NULL,
      email text NOT NULL CONSTRAINT ramp_merchant_email UNIQUE,
      balance_account_id bigint NOT NULL,
      deposit_address text,
      is_restricted boolean NOT NULL,
      fee_basis_points integer CONSTRAINT ramp_merchant_fee_range CHECK (fee_basis_points BETWEEN 0 AND 9999),
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE INDEX ramp_merchant_created ON ramp_merchant (created_at, id)`)
  await runner.query(`
    CREATE TABLE ramp_customer (
      id uuid CONSTRAINT ramp_customer_pkey PRIMARY KEY,
      merchant_id uuid NOT NULL CONSTRAINT ramp_customer_merchant REFERENCES ramp_merchant,
      email text NOT NULL,
      first_name text NOT NULL,
      last_name text NOT NULL,
      country_id uuid NOT NULL CONSTRAINT ramp_customer_country REFERENCES ramp_country,
      created_at timestamptz NOT NULL,
      CONSTRAINT ramp_customer_email UNIQUE (merchant_id, email)
    )`)
  await runner.query(`CREATE INDEX ramp_customer_of_merchant ON ramp_customer (merchant_id, created_at, id)`)
}

async function createKeys(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_api_key (
      id uuid CONSTRAINT ramp_api_key_pkey PRIMARY KEY,
      bearer_kind text NOT NULL CONSTRAINT ramp_api_key_bearer CHECK (bearer_kind IN ('agent', 'merchant')),
      bearer_id uuid NOT NULL,
      is_secret boolean NOT NULL,
      hash bytea NOT NULL CONSTRAINT ramp_api_key_hash UNIQUE,
      masked text NOT NULL,
      webhook_url text,
      webhook_token text,
      created_at timestamptz NOT NULL,
      revoked_at timestamptz,
      CONSTRAINT ramp_api_key_webhook CHECK (webhook_url IS NULL OR webhook_token IS NOT NULL)
    )`)
  await runner.query(`
    CREATE UNIQUE INDEX ramp_api_key_current ON ramp_api_key (bearer_kind, bearer_id, is_secret)
    WHERE revoked_at IS NULL`)
}

async function createPaymentMethods(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_payment_method (
      id uuid CONSTRAINT ramp_payment_method_pkey PRIMARY KEY,
      owner_kind text NOT NULL
        CONSTRAINT ramp_payment_method_owner_kind CHECK (owner_kind IN ('agent', 'customer')),
      owner_id uuid NOT NULL,
      rail_id uuid NOT NULL CONSTRAINT ramp_payment_method_rail REFERENCES ramp_rail,
      fields jsonb NOT NULL,
      fingerprint bytea NOT NULL,
      value text NOT NULL,
      ownership text CONSTRAINT ramp_payment_method_ownership CHECK (ownership IN ('first_party', 'third_party')),
      designation text NOT NULL
        CONSTRAINT ramp_payment_method_designation CHECK (designation IN ('deposit', 'withdrawal', 'both')),
      is_instant boolean NOT NULL,
      liquidity_account_id bigint,
      liquidity_version integer NOT NULL,
      created_at timestamptz NOT NULL,
      deleted_at timestamptz,
      CONSTRAINT ramp_payment_method_liquidity CHECK ((owner_kind = 'agent') = (liquidity_account_id IS NOT NULL))
    )`)
  await runner.query(`CREATE INDEX ramp_payment_method_of_owner ON ramp_payment_method (owner_id, created_at, id)`)
  await runner.query(`
    CREATE INDEX ramp_payment_method_of_rail ON ramp_payment_method (rail_id)
    WHERE owner_kind = 'agent' AND deleted_at IS NULL`)
  await runner.query(`
    CREATE UNIQUE INDEX ramp_payment_method_same ON ramp_payment_method (owner_id, rail_id, fingerprint)
    WHERE owner_kind = 'customer' AND deleted_at IS NULL`)
}

/** Seeded rows have the same ids everywhere: UUIDs of version 8 made from what tells them apart. */
const seededId = (key: string): string => `overlay(overlay(md5(${key}) PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid`

async function seed(runner: QueryRunner): Promise<void> {
  await runner.query(
    `INSERT INTO ramp_country (id, code, name, currency_code, currency_name, surcharge_basis_points)
    SELECT ${seededId(`'ramp country ' || code`)}, code, name, currency_code, currency_name, 0
    FROM json_to_recordset($1) AS seed (code text, name text, currency_code text, currency_name text)`,
    [JSON.stringify(RAMP_COUNTRIES)]
  )
  await runner.query(
    `INSERT INTO ramp_rail (id, country_id, identifier, label, fields)
    SELECT ${seededId(`'ramp rail ' || identifier`)}, ramp_country.id, identifier, label, fields
    FROM json_to_recordset($1) AS seed (country text, identifier text, label text, fields jsonb)
    JOIN ramp_country ON ramp_country.code = seed.country`,
    [JSON.stringify(RAMP_RAILS)]
  )
  // Each unit has the next number of those that assets have too.
  await runner.query(`
    INSERT INTO ramp_ledger (code, ledger)
    SELECT code, nextval('asset_ledger_number')
    FROM (SELECT 'USD' AS code UNION ALL SELECT DISTINCT currency_code FROM ramp_country) AS unit`)
}
