import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What agents and merchants are told, which never changes, and what became of its deliveries. */
export class RampWebhook1700000000011 implements MigrationInterface {
  name = 'RampWebhook1700000000011'

  async up(runner: QueryRunner): Promise<void> {
    await createEvents(runner)
    await createDeliveries(runner)
    await createAttempts(runner)
    await notifyOfDeliveries(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ramp_webhook_attempt, ramp_webhook_delivery, ramp_webhook_event`)
    await runner.query(`DROP FUNCTION ramp_webhook_delivery_notify()`)
  }
}

async function createEvents(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_webhook_event (
      id uuid CONSTRAINT ramp_webhook_event_pkey PRIMARY KEY,
      bearer_kind text NOT NULL CONSTRAINT ramp_webhook_event_bearer CHECK (bearer_kind IN ('agent', 'merchant')),
      bearer_id uuid NOT NULL,
      type text NOT NULL CONSTRAINT ramp_webhook_event_type CHECK (type IN (
        'payment.assigned', 'payment.paid', 'payment.canceled', 'p2p_payment.status.updated',
        'payment_request.updated', 'onchain_tx.updated', 'chargeback.initiated', 'onchain_payment.received')),
      order_id text NOT NULL CONSTRAINT ramp_webhook_event_order CHECK (octet_length(order_id) BETWEEN 1 AND 64),
      data json NOT NULL,
      created_at timestamptz NOT NULL
    )`)
  await runner.query(`CREATE INDEX ramp_webhook_event_created ON ramp_webhook_event (created_at, id)`)
  await runner.query(`
    CREATE TRIGGER ramp_webhook_event_is_final BEFORE UPDATE ON ramp_webhook_event
    FOR EACH STATEMENT EXECUTE FUNCTION webhook_event_refuse_change()`)
}

/**
 * What is due is found receiver by receiver, so that each gets its share however much another one has waiting;
 * deliveries that were never sent are found apart from those that are sent again.
 */
async function createDeliveries(runner: QueryRunner): Promise<void> {
  await runner.query(`CREATE SEQUENCE ramp_webhook_delivery_sequence`)
  await runner.query(`
    CREATE TABLE ramp_webhook_delivery (
      id uuid CONSTRAINT ramp_webhook_delivery_pkey PRIMARY KEY,
      event_id uuid NOT NULL CONSTRAINT ramp_webhook_delivery_event REFERENCES ramp_webhook_event,
      bearer_id uuid NOT NULL,
      resource_id text NOT NULL,
      status text NOT NULL DEFAULT 'pending'
        CONSTRAINT ramp_webhook_delivery_status CHECK (status IN ('pending', 'delivered', 'dead')),
      attempts integer NOT NULL DEFAULT 0 CONSTRAINT ramp_webhook_delivery_attempts CHECK (attempts >= 0),
      last_status smallint,
      due_at timestamptz NOT NULL DEFAULT statement_timestamp(),
      lease uuid,
      created_at timestamptz NOT NULL,
      settled_at timestamptz,
      sequence bigint NOT NULL DEFAULT nextval('ramp_webhook_delivery_sequence'),
      CONSTRAINT ramp_webhook_delivery_lease CHECK (status = 'pending' OR lease IS NULL)
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)`)
  await runner.query(`ALTER SEQUENCE ramp_webhook_delivery_sequence OWNED BY ramp_webhook_delivery.sequence`)
  const neverSent = `status = 'pending' AND attempts = 0`
  for (const index of [
    `INDEX ramp_webhook_delivery_status_created ON ramp_webhook_delivery (status, created_at, id)`,
    `INDEX ramp_webhook_delivery_of_event ON ramp_webhook_delivery (event_id, created_at, id)`,
    `UNIQUE INDEX ramp_webhook_delivery_open ON ramp_webhook_delivery (event_id) WHERE status = 'pending'`,
    `INDEX ramp_webhook_delivery_line ON ramp_webhook_delivery (resource_id, sequence) WHERE ${neverSent}`,
    `INDEX ramp_webhook_delivery_first ON ramp_webhook_delivery (bearer_id, due_at, sequence) WHERE ${neverSent}`,
    `INDEX ramp_webhook_delivery_again ON ramp_webhook_delivery (bearer_id, due_at, sequence)
      WHERE status = 'pending' AND attempts > 0`,
    `INDEX ramp_webhook_delivery_in_hand ON ramp_webhook_delivery (bearer_id) WHERE lease IS NOT NULL`
  ]) {
    await runner.query(`CREATE ${index}`)
  }
}

async function createAttempts(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_webhook_attempt (
      delivery_id uuid NOT NULL CONSTRAINT ramp_webhook_attempt_delivery REFERENCES ramp_webhook_delivery,
      number integer NOT NULL CONSTRAINT ramp_webhook_attempt_number CHECK (number > 0),
      started_at timestamptz NOT NULL,
      duration_milliseconds integer NOT NULL,
      status smallint,
      error text CONSTRAINT ramp_webhook_attempt_error CHECK (error IN (
        'status', 'timeout', 'connection', 'reset', 'protocol', 'internal', 'refused', 'no_receiver')),
      CONSTRAINT ramp_webhook_attempt_pkey PRIMARY KEY (delivery_id, number)
    )`)
}

/** Whoever asks for a delivery wakes the workers with the commit; there is no way to forget it. */
async function notifyOfDeliveries(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE FUNCTION ramp_webhook_delivery_notify() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('ramp_webhook_delivery', '');
      RETURN NULL;
    END $$`)
  await runner.query(`
    CREATE TRIGGER ramp_webhook_delivery_wakes AFTER INSERT ON ramp_webhook_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION ramp_webhook_delivery_notify()`)
}
