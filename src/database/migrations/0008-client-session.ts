import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Clients and their keys; API keys and the sessions they open, both known by keyed hashes only. */
export class ClientSession1700000000008 implements MigrationInterface {
  name = 'ClientSession1700000000008'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE client (
        id uuid CONSTRAINT client_pkey PRIMARY KEY,
        name text NOT NULL,
        uri text NOT NULL,
        image text NOT NULL,
        email text NOT NULL,
        created_at timestamptz NOT NULL
      )`)
    await runner.query(`
      CREATE TABLE client_key (
        id uuid CONSTRAINT client_key_pkey PRIMARY KEY,
        client_id uuid NOT NULL CONSTRAINT client_key_client_id REFERENCES client,
        jwk jsonb NOT NULL CONSTRAINT client_key_jwk CHECK (jsonb_typeof(jwk) = 'object'),
        created_at timestamptz NOT NULL
      )`)
    await runner.query(`CREATE INDEX client_key_client ON client_key (client_id, created_at, id)`)
    await runner.query(`
      CREATE TABLE api_key (
        id uuid CONSTRAINT api_key_pkey PRIMARY KEY,
        hash bytea NOT NULL CONSTRAINT api_key_hash_length CHECK (length(hash) = 32),
        payment_pointer_id uuid NOT NULL CONSTRAINT api_key_payment_pointer_id REFERENCES payment_pointer ON DELETE CASCADE,
        created_at timestamptz NOT NULL
      )`)
    await runner.query(`CREATE UNIQUE INDEX api_key_hash ON api_key (hash)`)
    await runner.query(`CREATE INDEX api_key_payment_pointer ON api_key (payment_pointer_id)`)
    await runner.query(`
      CREATE TABLE session (
        token_hash bytea CONSTRAINT session_pkey PRIMARY KEY CONSTRAINT session_token_hash_length CHECK (length(token_hash) = 32),
        payment_pointer_id uuid NOT NULL CONSTRAINT session_payment_pointer_id REFERENCES payment_pointer ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`)
    await runner.query(`CREATE INDEX session_expires ON session (expires_at)`)
    await runner.query(
      `CREATE TABLE service_secret (name text CONSTRAINT service_secret_pkey PRIMARY KEY, value text NOT NULL)`
    )
    await runner.query(
      `INSERT INTO service_secret VALUES ('credential_hash_key', gen_random_uuid()::text || gen_random_uuid()::text)`
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE service_secret, session, api_key, client_key, client`)
  }
}
