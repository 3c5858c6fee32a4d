import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The indexes of a payment by what never changes of it. */
const INDEXES = ['ramp_payment_pkey', 'ramp_payment_assignment', 'ramp_payment_of_agent']

/**
 * A payment changes a few times within minutes, and its state is in other indexes, so each change enters all of them
 * anew. In pages that are full the server first looks for entries that are dead, over and over; with room for a second
 * version of each payment it does so once for many. Pages that are there already stay as they are.
 */
export class PaymentVersions1700000000025 implements MigrationInterface {
  name = 'PaymentVersions1700000000025'

  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX ${index} SET (fillfactor = 50)`)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX ${index} RESET (fillfactor)`)
  }
}
