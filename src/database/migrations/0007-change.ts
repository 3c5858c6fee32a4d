import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What changed, in an order that a reader can go on from: new webhook events, deliveries given up, and states
 * of payments.
 */
export class Change1700000000007 implements MigrationInterface {
  name = 'Change1700000000007'

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner)
    await recordWebhooks(runner)
    for (const table of ['incoming_payment', 'outgoing_payment']) await recordPayments(runner, table)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER webhook_event_is_change ON webhook_event`)
    await runner.query(`DROP TRIGGER webhook_delivery_is_change ON webhook_delivery`)
    for (const table of ['incoming_payment', 'outgoing_payment']) {
      await runner.query(`DROP TRIGGER ${table}_begin_is_change ON ${table}`)
      await runner.query(`DROP TRIGGER ${table}_state_is_change ON ${table}`)
    }
    await runner.query(`DROP FUNCTION change_of_events(), change_of_delivery(), change_of_payment()`)
    await runner.query(`DROP TABLE change, change_head`)
  }
}

/**
 * Ids are handed out before the commit, so a lower one may become visible after a higher one, and nobody could
 * go on from an id. Positions are given to committed changes only, under the lock of the head, so they become
 * visible in their order.
 */
async function createTables(runner: QueryRunner): Promise<void> {
  await runner.query(`CREATE SEQUENCE change_id`)
  await runner.query(`
    CREATE TABLE change (
      id bigint CONSTRAINT change_pkey PRIMARY KEY DEFAULT nextval('change_id'),
      position bigint CONSTRAINT change_position UNIQUE,
      subject text NOT NULL CONSTRAINT change_subject
        CHECK (subject IN ('webhook_event', 'webhook_delivery', 'incoming_payment', 'outgoing_payment')),
      subject_id uuid NOT NULL,
      state text NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT statement_timestamp()
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)`)
  await runner.query(`ALTER SEQUENCE change_id OWNED BY change.id`)
  await runner.query(`CREATE INDEX change_unnumbered ON change (id) WHERE position IS NULL`)
  await runner.query(`
    CREATE TABLE change_head (
      position bigint NOT NULL,
      purged_position bigint NOT NULL,
      CONSTRAINT change_head_order CHECK (purged_position BETWEEN 0 AND position)
    )`)
  await runner.query(`CREATE UNIQUE INDEX change_head_is_single ON change_head ((true))`)
  await runner.query(`INSERT INTO change_head (position, purged_position) VALUES (0, 0)`)
}

async function recordWebhooks(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO change (subject, subject_id, state)
        SELECT 'webhook_event', id, type FROM added ORDER BY sequence;
      PERFORM pg_notify('change', '');
      RETURN NULL;
    END $$`)
  await runner.query(`
    CREATE TRIGGER webhook_event_is_change AFTER INSERT ON webhook_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION change_of_events()`)
  await runner.query(`
    CREATE FUNCTION change_of_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO change (subject, subject_id, state) VALUES ('webhook_delivery', NEW.id, NEW.status);
      PERFORM pg_notify('change', '');
      RETURN NULL;
    END $$`)
  await runner.query(`
    CREATE TRIGGER webhook_delivery_is_change AFTER UPDATE OF status ON webhook_delivery
    FOR EACH ROW WHEN (NEW.status = 'dead') EXECUTE FUNCTION change_of_delivery()`)
}

async function recordPayments(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`
    CREATE OR REPLACE FUNCTION change_of_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO change (subject, subject_id, state) VALUES (TG_TABLE_NAME, NEW.id, NEW.state);
      PERFORM pg_notify('change', '');
      RETURN NULL;
    END $$`)
  await runner.query(`
    CREATE TRIGGER ${table}_begin_is_change AFTER INSERT ON ${table}
    FOR EACH ROW EXECUTE FUNCTION change_of_payment()`)
  await runner.query(`
    CREATE TRIGGER ${table}_state_is_change AFTER UPDATE OF state ON ${table}
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION change_of_payment()`)
}
