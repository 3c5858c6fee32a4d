/**
 * The wallet's HTTP side, on this machine only: one path that the service calls, and a few for its keeper.
 *
 *   POST /webhooks     what the service sends; answered with 200 once it is written down, and with nothing else
 *   POST /accounts     {"customer", "paymentPointerId"}
 *   POST /top-ups      {"id", "paymentPointerId", "amount"}
 *   GET  /balances     every account of the wallet's books
 *   GET  /reconcile    the books against the service's ledger
 *   GET  /events/<id>  what became of an event
 *   GET  /readyz       whether it is there
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { HazinaClient } from '../../clients/typescript'
import { MalformedEvent, parseEvent } from './events'
import { reconcile } from './reconcile'
import { isSigned, SIGNATURE_HEADER } from './signature'
import type { Wallet } from './wallet'

export interface ServerOptions {
  readonly wallet: Wallet
  readonly client: HazinaClient
  /** 0 takes any free port. */
  readonly port: number
  /** Without the right signature nothing is believed. */
  readonly signatureSecret: string
  readonly now?: () => Date
}

export interface WalletServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Lets what is under way finish. */
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

const BODY_BYTES_MAX = 1_048_576
const LOOPBACK = '127.0.0.1'

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message)
  }
}

export async function startWalletServer(options: ServerOptions): Promise<WalletServer> {
  const server = createServer((request, response) => {
    void answer(request, options).then(({ status, body }) => {
      // Amounts are whole numbers of any size, which JSON only holds as text.
      const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${text}\n`)
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, LOOPBACK, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the wallet does not listen')
  return { url: `http://${LOOPBACK}:${address.port}`, close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}

async function answer(request: IncomingMessage, options: ServerOptions): Promise<Answer> {
  try {
    return { status: 200, body: await route(request, options) }
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, body: { error: error.message } }
    if (error instanceof MalformedEvent || error instanceof RangeError) {
      return { status: 400, body: { error: error.message } }
    }
    // Any other status than 200 makes the service send the event again, so a wallet in trouble loses nothing.
    return { status: 500, body: { error: String(error) } }
  }
}

async function route(request: IncomingMessage, options: ServerOptions): Promise<unknown> {
  const { wallet, client } = options
  const path = (request.url ?? '').split('?')[0]!
  switch (`${request.method} ${path}`) {
    case 'POST /webhooks':
      return receive(request, options)
    case 'POST /accounts': {
      const { customer, paymentPointerId } = await fieldsOf(request, 'customer', 'paymentPointerId')
      return wallet.addAccount(customer, paymentPointerId)
    }
    case 'POST /top-ups': {
      const { id, paymentPointerId, amount } = await fieldsOf(request, 'id', 'paymentPointerId', 'amount')
      if (!/^\d{1,20}$/.test(amount)) throw new Refused(400, 'amount must be a whole number of the smallest unit')
      await wallet.topUp(id, paymentPointerId, BigInt(amount))
      return { balance: wallet.balanceOf(paymentPointerId) }
    }
    case 'GET /balances':
      return { balances: wallet.books.all(), unsettled: wallet.unsettled }
    case 'GET /reconcile':
      return reconcile(wallet, client)
    case 'GET /readyz':
      return { status: 'ok' }
    default:
      return outcomeOf(wallet, path)
  }
}

function outcomeOf(wallet: Wallet, path: string): unknown {
  const id = /^\/events\/([0-9a-f-]{36})$/.exec(path)?.[1]
  if (id === undefined) throw new Refused(404, 'not found')
  return { id, outcome: wallet.outcomeOf(id) ?? null }
}

async function receive(request: IncomingMessage, { wallet, signatureSecret, now }: ServerOptions): Promise<unknown> {
  const header = request.headers[SIGNATURE_HEADER]
  const body = await jsonOf(request)
  const isGenuine = isSigned(String(header), body, signatureSecret, now?.() ?? new Date())
  if (!isGenuine) throw new Refused(401, 'the signature is missing, wrong or too old')
  await wallet.receive(parseEvent(body))
  return { received: true }
}

async function fieldsOf<Name extends string>(
  request: IncomingMessage,
  ...names: Name[]
): Promise<Record<Name, string>> {
  // A page in a browser on this machine cannot send this type without being asked first.
  if (request.headers['content-type'] !== 'application/json') throw new Refused(415, 'send application/json')
  const body = (await jsonOf(request)) as Record<string, unknown> | null
  const fields = names.map((name) => {
    const value = body?.[name]
    if (typeof value !== 'string' || value === '') throw new Refused(400, `${name} must be a text`)
    return [name, value] as const
  })
  return Object.fromEntries(fields) as Record<Name, string>
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new Refused(413, 'the body is too large')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new Refused(400, 'the body is no JSON')
  }
}
