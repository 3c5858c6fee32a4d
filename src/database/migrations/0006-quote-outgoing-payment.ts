import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Quotes, and the payments that are made of them. */
export class QuoteOutgoingPayment1700000000006 implements MigrationInterface {
  name = 'QuoteOutgoingPayment1700000000006'

  async up(runner: QueryRunner): Promise<void> {
    await createQuotes(runner)
    await createOutgoingPayments(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE outgoing_payment, quote`)
  }
}

async function createQuotes(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE quote (
      id uuid CONSTRAINT quote_pkey PRIMARY KEY,
      payment_pointer_id uuid NOT NULL CONSTRAINT quote_payment_pointer REFERENCES payment_pointer,
      receiver text NOT NULL,
      send_asset_id uuid NOT NULL CONSTRAINT quote_send_asset REFERENCES asset,
      send_asset_code text NOT NULL,
      send_asset_scale smallint NOT NULL,
      receive_asset_code text NOT NULL,
      receive_asset_scale smallint NOT NULL,
      send_amount numeric(20, 0) NOT NULL,
      principal numeric(20, 0) NOT NULL,
      receive_amount numeric(20, 0) NOT NULL,
      rate_numerator numeric NOT NULL,
      rate_denominator numeric NOT NULL,
      expires_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL,
      CONSTRAINT quote_amounts CHECK (principal BETWEEN 1 AND send_amount AND receive_amount >= 1),
      CONSTRAINT quote_rate CHECK (rate_numerator > 0 AND rate_denominator > 0)
    )`)
  await runner.query(`CREATE INDEX quote_of_payment_pointer ON quote (payment_pointer_id, created_at, id)`)
}

/** A row changes a few times in its first moments and never again; a little room keeps those changes near. */
async function createOutgoingPayments(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE outgoing_payment (
      id uuid CONSTRAINT outgoing_payment_pkey PRIMARY KEY CONSTRAINT outgoing_payment_quote REFERENCES quote,
      payment_pointer_id uuid NOT NULL
        CONSTRAINT outgoing_payment_payment_pointer REFERENCES payment_pointer,
      state text NOT NULL
        CONSTRAINT outgoing_payment_state CHECK (state IN ('FUNDING', 'SENDING', 'COMPLETED', 'FAILED')),
      state_attempts smallint NOT NULL,
      error text,
      metadata json,
      sent_amount numeric(20, 0) NOT NULL CONSTRAINT outgoing_payment_sent_amount CHECK (sent_amount >= 0),
      liquidity_account_id bigint,
      due_at timestamptz,
      lease uuid,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT outgoing_payment_due_while_sending CHECK ((state = 'SENDING') = (due_at IS NOT NULL)),
      CONSTRAINT outgoing_payment_funded CHECK (state IN ('FUNDING', 'FAILED') OR liquidity_account_id IS NOT NULL)
    ) WITH (fillfactor = 80)`)
  await runner.query(`CREATE INDEX outgoing_payment_created ON outgoing_payment (created_at, id)`)
  await runner.query(
    `CREATE INDEX outgoing_payment_of_payment_pointer ON outgoing_payment (payment_pointer_id, created_at, id)`
  )
  await runner.query(`CREATE INDEX outgoing_payment_due ON outgoing_payment (due_at) WHERE due_at IS NOT NULL`)
}
