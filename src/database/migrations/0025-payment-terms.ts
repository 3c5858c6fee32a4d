import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What changes of a payment, and how it was declared before. */
const STATE: Readonly<Record<string, string>> = {
  status: `text CONSTRAINT ramp_payment_status
    CHECK (status IN ('pending', 'accepted', 'paid', 'completed', 'canceled'))`,
  agent_payment_method_id: `uuid CONSTRAINT ramp_payment_agent_payment_method REFERENCES ramp_payment_method`,
  receipt: 'text',
  cancel_reason: `text CONSTRAINT ramp_payment_cancel_reason
    CHECK (cancel_reason IN ('canceled', 'declined', 'expired', 'resolved'))`,
  expires_at: 'timestamptz',
  reassign_after: 'timestamptz',
  accepted_at: 'timestamptz',
  paid_at: 'timestamptz',
  completed_at: 'timestamptz',
  canceled_at: 'timestamptz',
  overdue_at: 'timestamptz',
  due_at: 'timestamptz',
  updated_at: 'timestamptz'
}
const REQUIRED = ['status', 'agent_payment_method_id', 'updated_at']
const CANCELED = `CONSTRAINT ramp_payment_canceled
  CHECK ((status = 'canceled') = (cancel_reason IS NOT NULL AND canceled_at IS NOT NULL))`

/** Constraints of what never changes, without the table's name. */
const TERMS = [
  ...['pkey', 'assignment', 'request', 'agent', 'customer', 'rail', 'customer_payment_method'],
  ...['payment_type', 'source', 'amounts', 'shares', 'held']
]
/** What the state repeats, so that its indexes have it beside the status. */
const REPEATED = 'agent_id, created_at, id, payment_type'

const STATE_INDEXES = [
  `ramp_payment_of_agent_status ON ramp_payment (agent_id, status, created_at, id)`,
  `ramp_payment_offered ON ramp_payment (agent_payment_method_id)
    WHERE status = 'pending' AND payment_type = 'withdrawal'`,
  `ramp_payment_due ON ramp_payment (due_at) WHERE due_at IS NOT NULL`,
  `ramp_payment_ended ON ramp_payment (updated_at) WHERE status IN ('completed', 'canceled')`,
  `ramp_payment_overdue ON ramp_payment (overdue_at, id)
    WHERE (status = 'accepted' OR (status = 'paid' AND payment_type = 'deposit')) AND overdue_at IS NOT NULL`
]

/**
 * The terms of a payment never change, and its state changes a few times within minutes. Kept apart, a change writes a
 * narrow row, enters the indexes of the state alone and is judged by the rules of the state alone.
 */
export class PaymentTerms1700000000025 implements MigrationInterface {
  name = 'PaymentTerms1700000000025'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ramp_payment RENAME TO ramp_payment_terms`)
    await renameTerms(runner, 'ramp_payment', 'ramp_payment_terms')
    await runner.query(`DROP INDEX ramp_payment_of_agent, ramp_payment_of_agent_status, ramp_payment_offered,
      ramp_payment_due, ramp_payment_ended, ramp_payment_overdue`)
    await createState(runner)
    const drops = Object.keys(STATE).map((name) => `DROP COLUMN ${name}`)
    await runner.query(`ALTER TABLE ramp_payment_terms ${drops.join(', ')}, SET (fillfactor = 100),
      ADD CONSTRAINT ramp_payment_terms_of_agent UNIQUE (${REPEATED})`)
    await runner.query(`ALTER TABLE ramp_payment ADD CONSTRAINT ramp_payment_terms
      FOREIGN KEY (${REPEATED}) REFERENCES ramp_payment_terms (${REPEATED})`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ramp_payment RENAME TO ramp_payment_state`)
    await runner.query(`ALTER TABLE ramp_payment_state DROP CONSTRAINT ramp_payment_terms`)
    await runner.query(`ALTER INDEX ramp_payment_pkey RENAME TO ramp_payment_state_pkey`)
    await runner.query(`ALTER TABLE ramp_payment_terms RENAME TO ramp_payment`)
    await runner.query(`ALTER TABLE ramp_payment DROP CONSTRAINT ramp_payment_terms_of_agent`)
    await renameTerms(runner, 'ramp_payment_terms', 'ramp_payment')
    const columns = Object.entries(STATE).map(([name, type]) => `ADD COLUMN ${name} ${type}`)
    await runner.query(`ALTER TABLE ramp_payment SET (fillfactor = 70), ${columns.join(', ')}`)
    const values = Object.keys(STATE).map((name) => `${name} = state.${name}`)
    await runner.query(`UPDATE ramp_payment AS payment SET ${values.join(', ')}
      FROM ramp_payment_state AS state WHERE state.id = payment.id`)
    await runner.query(`DROP TABLE ramp_payment_state`)
    await finishState(runner, [`ramp_payment_of_agent ON ramp_payment (agent_id, created_at, id)`, ...STATE_INDEXES])
  }
}

/**
 * A change enters each index anew, and in that of the ids beside the version before. So that has room for two: in pages
 * that are full the server first looks for entries that are dead, over and over.
 */
async function createState(runner: QueryRunner): Promise<void> {
  const columns = Object.entries(STATE).map(([name, type]) => `${name} ${type}`)
  await runner.query(`
    CREATE TABLE ramp_payment (
      id uuid CONSTRAINT ramp_payment_pkey PRIMARY KEY WITH (fillfactor = 50),
      agent_id uuid NOT NULL,
      payment_type text NOT NULL,
      created_at timestamptz NOT NULL,
      ${columns.join(', ')}
    ) WITH (fillfactor = 70)`)
  const names = ['id', 'agent_id', 'payment_type', 'created_at', ...Object.keys(STATE)].join(', ')
  await runner.query(`INSERT INTO ramp_payment (${names}) SELECT ${names} FROM ramp_payment_terms`)
  await finishState(runner, STATE_INDEXES)
}

/** What there is to say of columns once they have their values. */
async function finishState(runner: QueryRunner, indexes: readonly string[]): Promise<void> {
  for (const name of REQUIRED) await runner.query(`ALTER TABLE ramp_payment ALTER COLUMN ${name} SET NOT NULL`)
  await runner.query(`ALTER TABLE ramp_payment ADD ${CANCELED}`)
  for (const index of indexes) await runner.query(`CREATE INDEX ${index}`)
}

async function renameTerms(runner: QueryRunner, from: string, to: string): Promise<void> {
  for (const name of TERMS) await runner.query(`ALTER TABLE ${to} RENAME CONSTRAINT ${from}_${name} TO ${to}_${name}`)
}
