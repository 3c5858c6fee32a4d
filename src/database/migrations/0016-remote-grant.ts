import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What the authorities of other servers granted to this service. */
export class RemoteGrant1700000000016 implements MigrationInterface {
  name = 'RemoteGrant1700000000016'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE remote_grant (
        id uuid CONSTRAINT remote_grant_pkey PRIMARY KEY,
        auth_server text NOT NULL,
        access_type text NOT NULL,
        actions text NOT NULL,
        token text,
        manage_url text,
        expires_at timestamptz,
        leased_until timestamptz,
        lease uuid,
        created_at timestamptz NOT NULL,
        CONSTRAINT remote_grant_key UNIQUE (auth_server, access_type, actions)
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE remote_grant`)
  }
}
