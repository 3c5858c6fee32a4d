/** How many requests came, by what they asked for and how they were answered. */
import { Counts, type PacketFamilyValue } from '../connector/figures'
import type { OpenPaymentsAnswer, OpenPaymentsRequest } from './messages'

interface Handler {
  handle(request: OpenPaymentsRequest): Promise<OpenPaymentsAnswer>
}

/** What asks for nothing that there is. */
const NO_ROUTE = 'none'
const FAILED = 500

export class RequestCounts {
  readonly name = 'op_requests_total'
  readonly help = 'Requests of Open Payments, by operation and status of the answer'
  readonly type = 'counter'
  private readonly counts = new Counts()

  /** Counts what a handler answers. Operations and statuses are few. */
  of(handler: Handler): Handler {
    return {
      handle: async (request) => {
        let route = NO_ROUTE
        let status = FAILED
        try {
          const answer = await handler.handle(request)
          route = answer.route ?? NO_ROUTE
          status = answer.status
          return answer
        } finally {
          this.counts.add({ route, status })
        }
      }
    }
  }

  read(): readonly PacketFamilyValue[] {
    return this.counts.values
  }
}
