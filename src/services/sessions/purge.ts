import type { SessionService } from './session-service'

/** Sessions removed in one transaction. */
const STEP = 500
/** Steps of one purge; what remains waits for the next. */
const STEPS_MAX = 100

/** Removes expired sessions in small steps. Safe to run in several processes at once. */
export async function purgeExpiredSessions(sessions: SessionService, now: Date): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step++) {
    if ((await sessions.purge(now, STEP)) < STEP) return
  }
}
