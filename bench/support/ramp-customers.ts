/**
 * Merchants, their customers and agents in one process: customers pay at once, agents confirm as soon as they are
 * told so, and a deposit is over when its merchant hears of it. It keeps its connections and reads no more than it
 * must, so that little of what is measured is its own work.
 */
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SceneAgent, SceneMerchant } from './ramp-scene'

export interface RampPaths {
  readonly port: number
  readonly agentPath: string
  readonly merchantPath: string
}

interface WebhookBody {
  readonly event_type: string
  readonly data: { readonly id: string; readonly status: string }
}

const QUOTE = `query ($customer: ID!, $amount: Decimal!, $currency: P2PPaymentCurrency!, $paymentType: PaymentTypeType,
  $paymentMethodType: String!) { rampQuote(customer: $customer, amount: $amount, currency: $currency,
  paymentType: $paymentType, paymentMethodType: $paymentMethodType) { id exchangeRate paymentType } }`
const INITIATE = `mutation ($rampQuote: ID!) { initiateRampQuoteDeposit(rampQuote: $rampQuote) {
  id status agent paymentDetails exchangeRate amountLocal amountUsd expiresAt } }`
const PAID = 'mutation ($paymentRequest: ID!) { markDepositAsPaid(paymentRequest: $paymentRequest) }'
const RECEIVED = 'mutation ($p2pPayment: ID!) { markDepositAsReceived(p2pPayment: $p2pPayment) }'

export class RampCustomers {
  paths: RampPaths | undefined
  agents: readonly SceneAgent[] = []
  private readonly connections = new Agent({ keepAlive: true, maxSockets: 512 })
  private readonly waiting = new Map<string, () => void>()
  /** Orders that were over before anybody waited for them. */
  private readonly over = new Set<string>()

  /** A port for each receiver, as receivers are strangers to each other. */
  private readonly servers: Server[] = []

  static async open(receivers: number): Promise<RampCustomers> {
    const customers = new RampCustomers()
    for (let number = 0; number < receivers; number++) {
      const server = createServer((incoming, response) => {
        void textOf(incoming).then((body) => {
          response.writeHead(200).end()
          customers.receive(incoming.url ?? '', JSON.parse(body) as WebhookBody)
        })
      })
      server.keepAliveTimeout = 60_000
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      customers.servers.push(server)
    }
    return customers
  }

  /** The path tells whose webhooks come there. */
  webhookUrlOf(receiver: number, path: string): string {
    return `http://127.0.0.1:${(this.servers[receiver]!.address() as AddressInfo).port}${path}`
  }

  /** A deposit from its quote to the news of its completion. */
  async deposit(merchant: SceneMerchant, customer: string, amount: string): Promise<void> {
    const variables = { customer, amount, currency: 'usd', paymentType: 'deposit', paymentMethodType: 'bank_transfer' }
    const quote = (await this.ask(merchant, QUOTE, variables)) as { id: string }
    const { id } = (await this.ask(merchant, INITIATE, { rampQuote: quote.id })) as { id: string }
    await this.ask(merchant, PAID, { paymentRequest: id })
    if (this.over.delete(id)) return
    await new Promise<void>((resolve) => this.waiting.set(id, resolve))
  }

  async close(): Promise<void> {
    this.connections.destroy()
    for (const server of this.servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  private receive(path: string, { event_type: type, data }: WebhookBody): void {
    if (path === '/merchant') {
      if (type === 'payment_request.updated' && data.status === 'completed') this.finish(data.id)
      else if (data.status === 'canceled') throw new Error(`order ${data.id} was canceled`)
    } else if (type === 'payment.paid') {
      const agent = this.agents[Number(path.slice('/agent/'.length))]!
      void this.call(this.paths!.agentPath, agent.key, RECEIVED, { p2pPayment: data.id })
    }
  }

  private finish(id: string): void {
    const resolve = this.waiting.get(id)
    if (resolve) resolve()
    else this.over.add(id)
    this.waiting.delete(id)
  }

  private ask(merchant: SceneMerchant, query: string, variables: object): Promise<unknown> {
    return this.call(this.paths!.merchantPath, merchant.key, query, variables)
  }

  /** The value of the one root field, which must be there. */
  private async call(path: string, key: string, query: string, variables: object): Promise<unknown> {
    const { data, errors } = (await this.post(path, key, { query, variables })) as {
      data?: Record<string, unknown>
      errors?: unknown
    }
    const [value] = Object.values(data ?? {})
    if (errors || value == null) throw new Error(`${query}: ${JSON.stringify(errors)}`)
    return value
  }

  private post(path: string, key: string, body: object): Promise<unknown> {
    const text = Buffer.from(JSON.stringify(body))
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': text.length,
        authorization: `Bearer ${key}`
      }
      const options = {
        agent: this.connections,
        port: this.paths!.port,
        host: '127.0.0.1',
        path,
        method: 'POST',
        headers
      }
      const asking = request(options, (response) => {
        textOf(response).then((answer) => resolve(JSON.parse(answer)), reject)
      })
      asking.on('error', reject)
      asking.end(text)
    })
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
