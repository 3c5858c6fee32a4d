import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Quotes, orders, their assignments to agents, and what a customer's orders of a day come to. */
export class RampOrder1700000000010 implements MigrationInterface {
  name = 'RampOrder1700000000010'

  async up(runner: QueryRunner): Promise<void> {
    await createQuotes(runner)
    await createRequests(runner)
    await createPayments(runner)
    await runner.query(`
      CREATE TABLE ramp_customer_day (
        customer_id uuid NOT NULL CONSTRAINT ramp_customer_day_customer REFERENCES ramp_customer,
        day integer NOT NULL,
        amount_usd numeric(39, 0) NOT NULL CONSTRAINT ramp_customer_day_amount CHECK (amount_usd >= 0),
        CONSTRAINT ramp_customer_day_pkey PRIMARY KEY (customer_id, day)
      ) WITH (fillfactor = 80)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ramp_customer_day, ramp_payment, ramp_request, ramp_quote`)
  }
}

/** A row changes when the quote is refreshed and when it is used. */
async function createQuotes(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_quote (
      id uuid CONSTRAINT ramp_quote_pkey PRIMARY KEY,
      merchant_id uuid NOT NULL CONSTRAINT ramp_quote_merchant REFERENCES ramp_merchant,
      customer_id uuid NOT NULL CONSTRAINT ramp_quote_customer REFERENCES ramp_customer,
      rail_id uuid NOT NULL CONSTRAINT ramp_quote_rail REFERENCES ramp_rail,
      payment_type text NOT NULL
        CONSTRAINT ramp_quote_payment_type CHECK (payment_type IN ('deposit', 'withdrawal')),
      currency text NOT NULL CONSTRAINT ramp_quote_currency CHECK (currency IN ('usd', 'local_currency')),
      amount numeric(20, 0) NOT NULL,
      agent_id uuid NOT NULL CONSTRAINT ramp_quote_agent REFERENCES ramp_agent,
      agent_payment_method_id uuid NOT NULL
        CONSTRAINT ramp_quote_agent_payment_method REFERENCES ramp_payment_method,
      agent_rate numeric(20, 0) NOT NULL,
      exchange_rate numeric(20, 0) NOT NULL,
      amount_usd numeric(20, 0) NOT NULL,
      amount_local numeric(20, 0) NOT NULL,
      expires_at timestamptz NOT NULL,
      version integer NOT NULL,
      request_id uuid,
      created_at timestamptz NOT NULL,
      CONSTRAINT ramp_quote_amounts CHECK (amount > 0 AND amount_usd > 0 AND amount_local > 0),
      CONSTRAINT ramp_quote_rates CHECK (agent_rate > 0 AND exchange_rate > 0)
    ) WITH (fillfactor = 80)`)
  await runner.query(`CREATE INDEX ramp_quote_unused ON ramp_quote (expires_at) WHERE request_id IS NULL`)
}

async function createRequests(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_request (
      id uuid CONSTRAINT ramp_request_pkey PRIMARY KEY,
      merchant_id uuid NOT NULL CONSTRAINT ramp_request_merchant REFERENCES ramp_merchant,
      customer_id uuid NOT NULL CONSTRAINT ramp_request_customer REFERENCES ramp_customer,
      country_id uuid NOT NULL CONSTRAINT ramp_request_country REFERENCES ramp_country,
      order_id text NOT NULL CONSTRAINT ramp_request_order_id UNIQUE,
      payment_type text NOT NULL
        CONSTRAINT ramp_request_payment_type CHECK (payment_type IN ('deposit', 'withdrawal')),
      source text NOT NULL CONSTRAINT ramp_request_source CHECK (source IN ('hosted', 'direct', 'onchain')),
      status text NOT NULL
        CONSTRAINT ramp_request_status CHECK (status IN ('created', 'picked_up', 'completed', 'canceled')),
      currency text NOT NULL CONSTRAINT ramp_request_currency CHECK (currency IN ('usd', 'local_currency')),
      amount numeric(20, 0) NOT NULL,
      amount_usd numeric(20, 0),
      fee numeric(20, 0),
      reference text NOT NULL,
      arguments_hash bytea NOT NULL,
      metadata json,
      redirect_url text,
      funding_account_id bigint,
      payment_id uuid,
      onchain_address text,
      onchain_cryptocurrency text,
      onchain_network text,
      onchain_fee numeric(20, 0),
      counted_day integer,
      cancel_reason text,
      due_at timestamptz,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT ramp_request_reference UNIQUE (merchant_id, reference),
      CONSTRAINT ramp_request_amounts CHECK (amount > 0 AND amount_usd > 0 AND fee >= 0),
      CONSTRAINT ramp_request_assigned CHECK (status IN ('created', 'canceled') OR payment_id IS NOT NULL),
      CONSTRAINT ramp_request_funded CHECK ((payment_type = 'withdrawal') = (funding_account_id IS NOT NULL)),
      CONSTRAINT ramp_request_due_while_created CHECK ((status = 'created') = (due_at IS NOT NULL))
    ) WITH (fillfactor = 80)`)
  await createIndexes(runner, [
    `ramp_request_created ON ramp_request (created_at, id)`,
    `ramp_request_of_customer ON ramp_request (customer_id, created_at, id)`,
    `ramp_request_due ON ramp_request (due_at) WHERE due_at IS NOT NULL`
  ])
}

/** A row changes a few times within minutes and never again; a little room keeps those changes near. */
async function createPayments(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ramp_payment (
      id uuid CONSTRAINT ramp_payment_pkey PRIMARY KEY,
      request_id uuid NOT NULL CONSTRAINT ramp_payment_request REFERENCES ramp_request,
      assignment integer NOT NULL,
      order_id text NOT NULL,
      agent_id uuid NOT NULL CONSTRAINT ramp_payment_agent REFERENCES ramp_agent,
      customer_id uuid NOT NULL CONSTRAINT ramp_payment_customer REFERENCES ramp_customer,
      rail_id uuid NOT NULL CONSTRAINT ramp_payment_rail REFERENCES ramp_rail,
      payment_type text NOT NULL
        CONSTRAINT ramp_payment_payment_type CHECK (payment_type IN ('deposit', 'withdrawal')),
      source text NOT NULL CONSTRAINT ramp_payment_source CHECK (source IN ('hosted', 'direct', 'onchain')),
      status text NOT NULL CONSTRAINT ramp_payment_status
        CHECK (status IN ('pending', 'accepted', 'paid', 'completed', 'canceled')),
      agent_payment_method_id uuid NOT NULL
        CONSTRAINT ramp_payment_agent_payment_method REFERENCES ramp_payment_method,
      customer_payment_method_id uuid
        CONSTRAINT ramp_payment_customer_payment_method REFERENCES ramp_payment_method,
      instant boolean NOT NULL,
      exchange_rate numeric(20, 0) NOT NULL,
      agent_rate numeric(20, 0) NOT NULL,
      amount_usd numeric(20, 0) NOT NULL,
      amount_local numeric(20, 0) NOT NULL,
      agent_amount_usd numeric(20, 0) NOT NULL,
      fee numeric(20, 0) NOT NULL,
      agent_cut_of_fees numeric(20, 0) NOT NULL,
      fx_spread_revenue numeric(20, 0) NOT NULL,
      currency text NOT NULL,
      held_balance numeric(20, 0) NOT NULL,
      held_credit numeric(20, 0) NOT NULL,
      payer_phone_number text,
      payer_bank_account_number text,
      receipt text,
      cancel_reason text CONSTRAINT ramp_payment_cancel_reason
        CHECK (cancel_reason IN ('canceled', 'declined', 'expired', 'resolved')),
      expires_at timestamptz,
      reassign_after timestamptz,
      accepted_at timestamptz,
      paid_at timestamptz,
      completed_at timestamptz,
      canceled_at timestamptz,
      overdue_at timestamptz,
      due_at timestamptz,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      CONSTRAINT ramp_payment_assignment UNIQUE (request_id, assignment),
      CONSTRAINT ramp_payment_canceled
        CHECK ((status = 'canceled') = (cancel_reason IS NOT NULL AND canceled_at IS NOT NULL)),
      CONSTRAINT ramp_payment_amounts CHECK (amount_usd > 0 AND amount_local > 0 AND agent_amount_usd > 0),
      CONSTRAINT ramp_payment_shares
        CHECK (fee >= agent_cut_of_fees AND agent_cut_of_fees >= 0 AND fx_spread_revenue >= 0),
      CONSTRAINT ramp_payment_held CHECK (held_balance >= 0 AND held_credit >= 0
        AND held_balance + held_credit = CASE payment_type WHEN 'deposit' THEN agent_amount_usd ELSE 0 END)
    ) WITH (fillfactor = 70)`)
  await createIndexes(runner, [
    `ramp_payment_of_agent ON ramp_payment (agent_id, created_at, id)`,
    `ramp_payment_of_agent_status ON ramp_payment (agent_id, status, created_at, id)`,
    `ramp_payment_of_order ON ramp_payment (order_id)`,
    `ramp_payment_offered ON ramp_payment (agent_payment_method_id)
      WHERE status = 'pending' AND payment_type = 'withdrawal'`,
    `ramp_payment_due ON ramp_payment (due_at) WHERE due_at IS NOT NULL`,
    `ramp_payment_overdue ON ramp_payment (overdue_at, id) WHERE status = 'accepted' AND overdue_at IS NOT NULL`
  ])
}

async function createIndexes(runner: QueryRunner, indexes: readonly string[]): Promise<void> {
  for (const index of indexes) await runner.query(`CREATE INDEX ${index}`)
}
