import type { UnitOfWork } from '../../../database/unit-of-work'
import { dayOf } from '../orders/statements'

/** Longer than any day that a limit looks at, and than most orders take until they are canceled. */
const DAYS_KEPT = 7
/** Rows removed in one transaction. */
const STEP = 1_000

const REMOVE = `DELETE FROM ramp_customer_day WHERE (customer_id, day) IN (
    SELECT customer_id, day FROM ramp_customer_day WHERE day < $1 ORDER BY day LIMIT ${STEP} FOR UPDATE SKIP LOCKED)`

/** What customers' orders of each day came to. */
export class CustomerDays {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Removes days that no limit looks at any more. Safe to run in several processes at once. Returns how many went. */
  async purge(now: Date): Promise<number> {
    const values = [dayOf(now) - DAYS_KEPT]
    for (let total = 0; ;) {
      const [, count] = await this.unitOfWork.run((manager) => manager.query<[unknown, number]>(REMOVE, values))
      total += count
      if (count < STEP) return total
    }
  }
}
