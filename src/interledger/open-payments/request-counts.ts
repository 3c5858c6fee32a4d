/** How many requests came, by what they asked for and how they were answered. */
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
  private readonly counts = new Map<string, { readonly labels: { route: string; status: number }; value: number }>()

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
          this.add(route, status)
        }
      }
    }
  }

  read(): readonly { readonly labels: { route: string; status: number }; readonly value: number }[] {
    return [...this.counts.values()]
  }

  private add(route: string, status: number): void {
    const key = `${route} ${status}`
    const known = this.counts.get(key)
    if (known) known.value++
    else this.counts.set(key, { labels: { route, status }, value: 1 })
  }
}
