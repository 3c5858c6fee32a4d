import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Disputes and reversals of completed deposits. */
export class RampChargeback1700000000018 implements MigrationInterface {
  name = 'RampChargeback1700000000018'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ramp_chargeback (
        id uuid CONSTRAINT ramp_chargeback_pkey PRIMARY KEY,
        request_id uuid NOT NULL CONSTRAINT ramp_chargeback_request REFERENCES ramp_request,
        merchant_id uuid NOT NULL CONSTRAINT ramp_chargeback_merchant REFERENCES ramp_merchant,
        agent_id uuid NOT NULL CONSTRAINT ramp_chargeback_agent REFERENCES ramp_agent,
        amount_usd numeric(20, 0) NOT NULL CONSTRAINT ramp_chargeback_amount CHECK (amount_usd > 0),
        reason text NOT NULL,
        status text NOT NULL CONSTRAINT ramp_chargeback_status CHECK (status IN ('pending', 'lost', 'won')),
        recovered_usd numeric(20, 0),
        created_at timestamptz NOT NULL,
        resolved_at timestamptz,
        CONSTRAINT ramp_chargeback_recovered CHECK (recovered_usd BETWEEN 0 AND amount_usd),
        CONSTRAINT ramp_chargeback_lost CHECK ((status = 'lost') = (recovered_usd IS NOT NULL)),
        CONSTRAINT ramp_chargeback_resolved CHECK ((status = 'pending') = (resolved_at IS NULL))
      )`)
    await runner.query(`CREATE INDEX ramp_chargeback_created ON ramp_chargeback (created_at, id)`)
    await runner.query(
      `CREATE UNIQUE INDEX ramp_chargeback_of_request ON ramp_chargeback (request_id) WHERE status <> 'won'`
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ramp_chargeback`)
  }
}
