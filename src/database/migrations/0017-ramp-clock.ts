import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How far the ramp's clock is ahead, for all instances; of use in test mode only. */
export class RampClock1700000000017 implements MigrationInterface {
  name = 'RampClock1700000000017'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ramp_clock (
        is_only boolean CONSTRAINT ramp_clock_pkey PRIMARY KEY DEFAULT true CONSTRAINT ramp_clock_is_only CHECK (is_only),
        offset_milliseconds bigint NOT NULL
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ramp_clock`)
  }
}
