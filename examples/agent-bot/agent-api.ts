/** What the bot asks of the Agent API: GraphQL over HTTP, and nothing that needs a library. */

export interface Order {
  /** Of this assignment: what commands name. */
  readonly id: string
  /** Of the order: the same for every agent it was assigned to. */
  readonly orderId: string
  readonly status: 'pending' | 'accepted' | 'paid' | 'completed' | 'canceled'
  readonly paymentType: 'deposit' | 'withdrawal'
  readonly amountLocal: string
  readonly currency: string
  /** Where a withdrawal is paid to. */
  readonly customerPaymentMethod: { readonly value: string } | null
  /** The agent's own method that a withdrawal is paid from, or a deposit came to. */
  readonly agentPaymentMethod: { readonly id: string } | null
}

/** The service understood and refused. */
export class ApiRefused extends Error {
  constructor(readonly code: string) {
    super(`the service refused: ${code}`)
  }
}

const ORDERS = `query ($page: Int!, $filter: OrderHistoryFilter) {
  orderHistory(page: $page, perPage: 100, filter: $filter) {
    data {
      id orderId status paymentType amountLocal currency
      customerPaymentMethod { value }
      agentPaymentMethod { id }
    }
    pagination { total perPage }
  }
}`

const TIMEOUT_MILLISECONDS = 10_000

type Command = 'acceptWithdrawal' | 'cancelWithdrawal' | 'markDepositAsReceived'

interface GraphqlBody {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

export class AgentApi {
  constructor(
    private readonly options: { readonly url: string; readonly key: string; readonly stopping: AbortSignal }
  ) {}

  /** Every assignment that fits, newest first. */
  async orders(filter: { orderId?: string; status?: Order['status'] }): Promise<Order[]> {
    const orders: Order[] = []
    for (let page = 1; ; page++) {
      const { orderHistory } = await this.send<{
        orderHistory: { data: Order[]; pagination: { total: number; perPage: number } }
      }>(ORDERS, { page, filter })
      orders.push(...orderHistory.data)
      if (page * orderHistory.pagination.perPage >= orderHistory.pagination.total) return orders
    }
  }

  /** Safe to repeat: what was done already is answered with true once more. */
  async command(name: Command, id: string): Promise<void> {
    await this.send(`mutation ($p2pPayment: ID!) { ${name}(p2pPayment: $p2pPayment) }`, { p2pPayment: id })
  }

  async markWithdrawalAsPaid(id: string, paymentMethod: string, receipt: string): Promise<void> {
    await this.send(
      `mutation ($p2pPayment: ID!, $paymentMethod: ID!, $receipt: String) {
        markWithdrawalAsPaid(p2pPayment: $p2pPayment, paymentMethod: $paymentMethod, receipt: $receipt)
      }`,
      { p2pPayment: id, paymentMethod, receipt }
    )
  }

  /** @throws ApiRefused, or whatever kept the answer away */
  async send<Data>(query: string, variables: Readonly<Record<string, unknown>>): Promise<Data> {
    const { url, key, stopping } = this.options
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT_MILLISECONDS)])
    })
    const body = (await response.json()) as GraphqlBody
    const refusal = body.errors?.[0]
    if (refusal) throw new ApiRefused(refusal.extensions?.code ?? refusal.message)
    if (!body.data) throw new Error(`the service answered ${response.status} and no data`)
    return body.data as Data
  }
}
