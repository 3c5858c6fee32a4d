/**
 * A wallet and its customers in one process: it funds each payment as soon as the webhook asks for it, and knows
 * when a payment has arrived by the webhook that says so. It keeps its connections and reads no more than it
 * must, so that little of what is measured is its own work.
 */
import { randomUUID } from 'node:crypto'
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where the service is asked. */
export interface Endpoint {
  readonly port: number
  readonly path: string
  readonly token: string
}

interface WebhookBody {
  readonly id: string
  readonly type: string
  readonly data: { readonly payment?: { readonly id: string; readonly updatedAt: string } }
}

interface Fields {
  readonly [name: string]: unknown
}

export interface Customer {
  readonly paymentPointerId: string
  readonly url: string
}

const DEPOSIT = `mutation Deposit($input: DepositEventLiquidityInput!) {
  depositEventLiquidity(input: $input) { code success message error } }`
const INCOMING = `mutation Incoming($input: CreateIncomingPaymentInput!) {
  createIncomingPayment(input: $input) { code success message payment { id } } }`
const QUOTE = `mutation Quote($input: CreateQuoteInput!) {
  createQuote(input: $input) { code success message quote { id } } }`
const OUTGOING = `mutation Outgoing($input: CreateOutgoingPaymentInput!) {
  createOutgoingPayment(input: $input) { code success message payment { id } } }`

export class PaymentWallet {
  /** Milliseconds from the moment an event was made to its arrival. */
  readonly webhookMilliseconds: number[] = []
  endpoint: Endpoint | undefined
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 512 })
  private readonly waiting = new Map<string, () => void>()
  /** Payments that arrived before anybody waited for them. */
  private readonly arrived = new Set<string>()

  private constructor(private readonly server: Server) {}

  static async open(): Promise<PaymentWallet> {
    const server = createServer((incoming, response) => {
      void textOf(incoming).then((body) => {
        response.writeHead(200).end()
        wallet.receive(JSON.parse(body) as WebhookBody)
      })
    })
    server.keepAliveTimeout = 60_000
    const wallet = new PaymentWallet(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return wallet
  }

  get webhookUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`
  }

  /** A payment from the receiver's wish to the news of its completion. */
  async pay(sender: Customer, receiver: Customer, receiveAmount: object): Promise<void> {
    const incoming = await this.mutate(INCOMING, 'createIncomingPayment', {
      paymentPointerId: receiver.paymentPointerId,
      incomingAmount: receiveAmount,
      idempotencyKey: randomUUID()
    })
    const { id } = incoming.payment as { id: string }
    const quote = await this.mutate(QUOTE, 'createQuote', {
      paymentPointerId: sender.paymentPointerId,
      receiver: `${receiver.url}/incoming-payments/${id}`,
      idempotencyKey: randomUUID()
    })
    const { id: quoteId } = quote.quote as { id: string }
    const { paymentPointerId } = sender
    await this.mutate(OUTGOING, 'createOutgoingPayment', { paymentPointerId, quoteId, idempotencyKey: randomUUID() })
    if (this.arrived.delete(quoteId)) return
    await new Promise<void>((resolve) => this.waiting.set(quoteId, resolve))
  }

  /** Asks for one mutation, which must succeed. */
  async mutate(query: string, name: string, input: object): Promise<Fields> {
    const { data, errors } = (await this.ask({ query, variables: { input } })) as {
      data?: Record<string, Fields | undefined>
      errors?: unknown
    }
    const answer = data?.[name]
    if (answer?.success !== true) throw new Error(`${name}: ${JSON.stringify(errors ?? answer)}`)
    return answer
  }

  async close(): Promise<void> {
    this.agent.destroy()
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private receive({ id, type, data }: WebhookBody): void {
    if (!data.payment) return
    this.webhookMilliseconds.push(Date.now() - Date.parse(data.payment.updatedAt))
    if (type === 'outgoing_payment.created') {
      void this.mutate(DEPOSIT, 'depositEventLiquidity', { eventId: id, idempotencyKey: id })
    } else if (type === 'outgoing_payment.completed') {
      const resolve = this.waiting.get(data.payment.id)
      if (resolve) resolve()
      else this.arrived.add(data.payment.id)
      this.waiting.delete(data.payment.id)
    } else throw new Error(`${type} of payment ${data.payment.id}`)
  }

  private ask(body: object): Promise<unknown> {
    const { port, path, token } = this.endpoint!
    const text = Buffer.from(JSON.stringify(body))
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': text.length,
        authorization: `Bearer ${token}`
      }
      const options = { agent: this.agent, port, host: '127.0.0.1', path, method: 'POST', headers }
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
