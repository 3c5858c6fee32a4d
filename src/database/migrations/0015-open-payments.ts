import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What the Open Payments API adds: this service's own key and authority, and whose resources are whose. */
export class OpenPayments1700000000015 implements MigrationInterface {
  name = 'OpenPayments1700000000015'

  async up(runner: QueryRunner): Promise<void> {
    // Any 32 bytes are the seed of an Ed25519 key.
    await runner.query(`
      INSERT INTO service_secret VALUES ('open_payments_key', encode(sha256(convert_to(
        gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'base64'))`)
    await createAuthority(runner)
    await addClients(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE outgoing_payment DROP CONSTRAINT outgoing_payment_grant_of_client, DROP COLUMN grant_id, DROP COLUMN client`)
    await runner.query(`ALTER TABLE quote DROP COLUMN client`)
    await runner.query(`ALTER TABLE incoming_payment DROP COLUMN client`)
    await runner.query(`DROP TABLE outgoing_payment_grant, auth_token, auth_access, auth_grant`)
    await runner.query(`DELETE FROM service_secret WHERE name = 'open_payments_key'`)
  }
}

async function createAuthority(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE auth_grant (
      id uuid CONSTRAINT auth_grant_pkey PRIMARY KEY,
      client text NOT NULL,
      continue_hash bytea NOT NULL CONSTRAINT auth_grant_continue_hash UNIQUE
        CONSTRAINT auth_grant_continue_hash_length CHECK (length(continue_hash) = 32),
      created_at timestamptz NOT NULL,
      revoked_at timestamptz
    )`)
  await runner.query(`
    CREATE TABLE auth_access (
      grant_id uuid CONSTRAINT auth_access_grant REFERENCES auth_grant ON DELETE CASCADE,
      position smallint,
      type text NOT NULL
        CONSTRAINT auth_access_type CHECK (type IN ('incoming-payment', 'outgoing-payment', 'quote')),
      actions text[] NOT NULL,
      identifier text,
      limits json,
      CONSTRAINT auth_access_pkey PRIMARY KEY (grant_id, position),
      CONSTRAINT auth_access_outgoing CHECK (type <> 'outgoing-payment' OR identifier IS NOT NULL)
    )`)
  await runner.query(`
    CREATE TABLE auth_token (
      id uuid CONSTRAINT auth_token_pkey PRIMARY KEY,
      grant_id uuid NOT NULL CONSTRAINT auth_token_grant REFERENCES auth_grant ON DELETE CASCADE,
      hash bytea NOT NULL CONSTRAINT auth_token_hash UNIQUE
        CONSTRAINT auth_token_hash_length CHECK (length(hash) = 32),
      expires_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE INDEX auth_token_of_grant ON auth_token (grant_id)`)
  await runner.query(`CREATE INDEX auth_token_expires ON auth_token (expires_at)`)
}

/** Most resources have no client: the operator made them. */
async function addClients(runner: QueryRunner): Promise<void> {
  for (const table of ['incoming_payment', 'quote', 'outgoing_payment']) {
    await runner.query(`ALTER TABLE ${table} ADD COLUMN client text`)
  }
  await runner.query(`
    CREATE INDEX incoming_payment_of_client ON incoming_payment (payment_pointer_id, client, created_at, id)
    WHERE client IS NOT NULL AND removed_at IS NULL`)
  await runner.query(`
    CREATE INDEX outgoing_payment_of_client ON outgoing_payment (payment_pointer_id, client, created_at, id)
    WHERE client IS NOT NULL`)
  await runner.query(`
    CREATE TABLE outgoing_payment_grant (id text CONSTRAINT outgoing_payment_grant_pkey PRIMARY KEY)`)
  await runner.query(`
    ALTER TABLE outgoing_payment ADD COLUMN grant_id text
      CONSTRAINT outgoing_payment_grant_id REFERENCES outgoing_payment_grant,
      ADD CONSTRAINT outgoing_payment_grant_of_client CHECK (grant_id IS NULL OR client IS NOT NULL)`)
  await runner.query(
    `CREATE INDEX outgoing_payment_of_grant ON outgoing_payment (grant_id, created_at) WHERE grant_id IS NOT NULL`
  )
}
