/** What the failures of webhook use cases are called in this API. */
import type { PingFailure } from '../../services/webhooks/ping'
import { REPLAY_LIMIT_MAX, type ReplayFailure, type ReplayRangeFailure } from '../../services/webhooks/replay'
import type { FailureLabel } from './failures'

export const REPLAY_FAILURES: Readonly<Record<ReplayFailure, FailureLabel>> = {
  unknown_event: { code: '404', message: 'unknown webhook event' },
  delivery_pending: { code: '409', message: 'the event is still being delivered' }
}

export const REPLAY_RANGE_FAILURES: Readonly<Record<ReplayRangeFailure, FailureLabel>> = {
  invalid_time: { code: '400', message: 'invalid time' },
  invalid_limit: { code: '400', message: `the limit must be between 1 and ${REPLAY_LIMIT_MAX}` },
  pending_status: { code: '400', message: 'pending deliveries need no replay' },
  unknown_cursor: { code: '404', message: 'unknown delivery to start after' }
}

export const PING_FAILURES: Readonly<Record<PingFailure, FailureLabel>> = {
  no_receiver: { code: '409', message: 'no webhook URL is set' },
  invalid_note: { code: '400', message: 'invalid note' }
}
