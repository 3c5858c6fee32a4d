import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Webhook events, which never change, and what became of their deliveries. */
export class Webhook1700000000004 implements MigrationInterface {
  name = 'Webhook1700000000004'

  async up(runner: QueryRunner): Promise<void> {
    await createEvents(runner)
    await createDeliveries(runner)
    await createAttempts(runner)
    await forbidChanges(runner)
    await notifyOfDeliveries(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE webhook_attempt, webhook_delivery, webhook_event`)
    await runner.query(`DROP FUNCTION webhook_event_refuse_change(), webhook_delivery_notify()`)
  }
}

async function createEvents(runner: QueryRunner): Promise<void> {
  await runner.query(`CREATE SEQUENCE webhook_event_sequence`)
  await runner.query(`
    CREATE TABLE webhook_event (
      id uuid CONSTRAINT webhook_event_pkey PRIMARY KEY,
      type text NOT NULL CONSTRAINT webhook_event_type CHECK (type IN (
        'incoming_payment.created', 'incoming_payment.completed', 'incoming_payment.expired',
        'outgoing_payment.created', 'outgoing_payment.completed', 'outgoing_payment.failed',
        'payment_pointer.web_monetization', 'payment_pointer.not_found')),
      resource_id text NOT NULL CONSTRAINT webhook_event_resource CHECK (octet_length(resource_id) BETWEEN 1 AND 2048),
      data json NOT NULL,
      withdrawal_account_id bigint,
      withdrawal_asset_id uuid,
      withdrawal_amount numeric(39, 0) CONSTRAINT webhook_event_withdrawal_amount CHECK (withdrawal_amount > 0),
      created_at timestamptz NOT NULL,
      sequence bigint NOT NULL DEFAULT nextval('webhook_event_sequence'),
      CONSTRAINT webhook_event_withdrawal
        CHECK (num_nonnulls(withdrawal_account_id, withdrawal_asset_id, withdrawal_amount) IN (0, 3))
    )`)
  await runner.query(`ALTER SEQUENCE webhook_event_sequence OWNED BY webhook_event.sequence`)
  await runner.query(`CREATE INDEX webhook_event_created ON webhook_event (created_at, id)`)
  await runner.query(`CREATE INDEX webhook_event_type_created ON webhook_event (type, created_at, id)`)
}

/**
 * What is due is found in two small indexes, one for deliveries that were never sent and one for those that
 * are sent again, so that neither kind has to be searched for among the other. Rows change often and leave
 * those indexes, so the space is reclaimed early.
 */
async function createDeliveries(runner: QueryRunner): Promise<void> {
  await runner.query(`CREATE SEQUENCE webhook_delivery_sequence`)
  await runner.query(`
    CREATE TABLE webhook_delivery (
      id uuid CONSTRAINT webhook_delivery_pkey PRIMARY KEY,
      event_id uuid NOT NULL CONSTRAINT webhook_delivery_event REFERENCES webhook_event,
      resource_id text NOT NULL,
      status text NOT NULL DEFAULT 'pending'
        CONSTRAINT webhook_delivery_status CHECK (status IN ('pending', 'delivered', 'dead')),
      attempts integer NOT NULL DEFAULT 0 CONSTRAINT webhook_delivery_attempts CHECK (attempts >= 0),
      last_status smallint,
      due_at timestamptz NOT NULL DEFAULT statement_timestamp(),
      lease uuid,
      created_at timestamptz NOT NULL,
      settled_at timestamptz,
      sequence bigint NOT NULL DEFAULT nextval('webhook_delivery_sequence'),
      CONSTRAINT webhook_delivery_lease CHECK (status = 'pending' OR lease IS NULL)
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)`)
  await runner.query(`ALTER SEQUENCE webhook_delivery_sequence OWNED BY webhook_delivery.sequence`)
  for (const index of [
    `INDEX webhook_delivery_created ON webhook_delivery (created_at, id)`,
    `INDEX webhook_delivery_status_created ON webhook_delivery (status, created_at, id)`,
    `INDEX webhook_delivery_of_event ON webhook_delivery (event_id, created_at, id)`,
    `UNIQUE INDEX webhook_delivery_open ON webhook_delivery (event_id) WHERE status = 'pending'`,
    `INDEX webhook_delivery_line ON webhook_delivery (resource_id, sequence) WHERE status = 'pending'`,
    `INDEX webhook_delivery_first ON webhook_delivery (due_at, sequence) WHERE status = 'pending' AND attempts = 0`,
    `INDEX webhook_delivery_again ON webhook_delivery (due_at, sequence) WHERE status = 'pending' AND attempts > 0`
  ]) {
    await runner.query(`CREATE ${index}`)
  }
}

async function createAttempts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE webhook_attempt (
      delivery_id uuid NOT NULL CONSTRAINT webhook_attempt_delivery REFERENCES webhook_delivery,
      number integer NOT NULL CONSTRAINT webhook_attempt_number CHECK (number > 0),
      started_at timestamptz NOT NULL,
      duration_milliseconds integer NOT NULL,
      status smallint,
      error text CONSTRAINT webhook_attempt_error
        CHECK (error IN ('status', 'timeout', 'connection', 'reset', 'protocol', 'internal')),
      CONSTRAINT webhook_attempt_pkey PRIMARY KEY (delivery_id, number)
    )`)
}

async function forbidChanges(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION webhook_event_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'a webhook event is never changed' USING ERRCODE = 'restrict_violation';
    END $$`)
  await runner.query(`
    CREATE TRIGGER webhook_event_is_final BEFORE UPDATE ON webhook_event
    FOR EACH STATEMENT EXECUTE FUNCTION webhook_event_refuse_change()`)
}

/** Whoever asks for a delivery wakes the workers with the commit; there is no way to forget it. */
async function notifyOfDeliveries(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION webhook_delivery_notify() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('webhook_delivery', '');
      RETURN NULL;
    END $$`)
  await runner.query(`
    CREATE TRIGGER webhook_delivery_wakes AFTER INSERT ON webhook_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION webhook_delivery_notify()`)
}
