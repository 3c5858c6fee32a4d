/** What all APIs of the ramp say alike where too much waits to be done. */
import { WriterBusy } from '../../database/write-errors'

export const BUSY = 'OVERLOADED'
export const BUSY_DETAIL = 'Too much work is queued and nothing was done; try again later.'

/** Whether nothing was done because too much waits to be done: by the ledger, or by any other writer. */
export function isBusy(error: unknown): boolean {
  return error instanceof WriterBusy
}
