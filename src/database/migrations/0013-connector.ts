import type { MigrationInterface, QueryRunner } from 'typeorm'

const TABLES = ['peer', 'peer_incoming_token'] as const

/**
 * Every instance keeps all peers in memory and is told when one of them changes. Packets whose outcome nobody
 * recorded are holds that ran out of time, which are found without reading the ledger.
 */
export class Connector1700000000013 implements MigrationInterface {
  name = 'Connector1700000000013'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION notify_peers() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('peers', '');
        RETURN NULL;
      END $$`)
    for (const table of TABLES) {
      await runner.query(`
        CREATE TRIGGER ${table}_is_told AFTER INSERT OR UPDATE OR DELETE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION notify_peers()`)
    }
    await runner.query(`CREATE INDEX ledger_transfer_expired ON ledger_transfer (code, sequence) WHERE kind = 5`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX ledger_transfer_expired`)
    for (const table of TABLES) await runner.query(`DROP TRIGGER ${table}_is_told ON ${table}`)
    await runner.query(`DROP FUNCTION notify_peers()`)
  }
}
