/** Every operator route. */
import type { OperatorOperation } from '../operation'
import { readClock, setClock } from './clock'
import { listWebhooks, replayWebhook, replayWebhooks } from './webhooks'

export const OPERATIONS: readonly OperatorOperation[] = [
  listWebhooks,
  replayWebhook,
  replayWebhooks,
  readClock,
  setClock
]
