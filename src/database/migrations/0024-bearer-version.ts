import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What a request's key may do depends on these, and on the key itself. */
const BEARERS = ['ramp_agent', 'ramp_merchant'] as const

/**
 * A version that changes whenever a key that opened something may open something else: instances that remember keys
 * compare it. It is no number, so that one that was seen never comes again, whatever is restored. Each transaction
 * changes it as the last thing before its commit, so that nobody waits long for its row.
 */
export class BearerVersion1700000000024 implements MigrationInterface {
  name = 'BearerVersion1700000000024'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ramp_bearer_version (
        is_only boolean CONSTRAINT ramp_bearer_version_pkey PRIMARY KEY DEFAULT true
          CONSTRAINT ramp_bearer_version_is_only CHECK (is_only),
        version uuid NOT NULL DEFAULT gen_random_uuid()
      )`)
    await runner.query(`INSERT INTO ramp_bearer_version DEFAULT VALUES`)
    await runner.query(`
      CREATE FUNCTION ramp_bearer_version_renew() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE ramp_bearer_version SET version = gen_random_uuid();
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE CONSTRAINT TRIGGER ramp_api_key_version AFTER UPDATE OR DELETE ON ramp_api_key
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ramp_bearer_version_renew()`)
    for (const table of BEARERS) {
      await runner.query(`
        CREATE CONSTRAINT TRIGGER ${table}_version AFTER UPDATE OF is_restricted ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.is_restricted IS DISTINCT FROM NEW.is_restricted) EXECUTE FUNCTION ramp_bearer_version_renew()`)
      await runner.query(`
        CREATE CONSTRAINT TRIGGER ${table}_gone AFTER DELETE ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ramp_bearer_version_renew()`)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of BEARERS) {
      await runner.query(`DROP TRIGGER ${table}_gone ON ${table}`)
      await runner.query(`DROP TRIGGER ${table}_version ON ${table}`)
    }
    await runner.query(`DROP TRIGGER ramp_api_key_version ON ramp_api_key`)
    await runner.query(`DROP FUNCTION ramp_bearer_version_renew()`)
    await runner.query(`DROP TABLE ramp_bearer_version`)
  }
}
