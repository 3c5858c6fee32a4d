import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Signatures of requests that were let in. A signature lets in once; it is kept until its age alone refuses it. */
export class UsedSignature1700000000003 implements MigrationInterface {
  name = 'UsedSignature1700000000003'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE used_signature (
        signature bytea CONSTRAINT used_signature_pkey PRIMARY KEY,
        expires_at timestamptz NOT NULL,
        CONSTRAINT used_signature_is_sha256 CHECK (octet_length(signature) = 32)
      )`)
    await runner.query(`CREATE INDEX used_signature_expires_at ON used_signature (expires_at)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE used_signature`)
  }
}
