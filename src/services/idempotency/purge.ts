import type { IdempotencyRecords } from './records'

/** Records removed in one transaction. */
const STEP = 500
/** Steps of one purge; what remains waits for the next. */
const STEPS_MAX = 100

/** Removes expired records in small steps. Safe to run in several processes at once. Returns how many went. */
export async function purgeExpiredRecords(records: IdempotencyRecords, now: Date): Promise<number> {
  let total = 0
  for (let step = 0; step < STEPS_MAX; step++) {
    const removed = await records.purge(now, STEP)
    total += removed
    if (removed < STEP) break
  }
  return total
}
