/**
 * The bot's HTTP side, on this machine only: one path that the service calls, and a few for its keeper.
 *
 *   POST /webhooks      what the service sends; answered with 401 unless both headers prove it
 *   POST /till/receive  {"orderId", "amount", "currency"}: a customer's money came in
 *   GET  /till          what the till holds, by currency
 *   GET  /readyz        whether it is there
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import type { AgentBot } from './bot'
import { parseLocal } from './money'
import { isGenuine, SIGNATURE_HEADER, TOKEN_HEADER } from './signature'
import type { Till } from './till'

export interface ServerOptions {
  readonly bot: AgentBot
  readonly till: Till
  /** 0 takes any free port. */
  readonly port: number
  /** The webhook token of the agent's key. */
  readonly webhookToken: string
}

export interface BotServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Lets what is under way finish. */
  close(): Promise<void>
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

export async function startBotServer(options: ServerOptions): Promise<BotServer> {
  const server = createServer((request, response) => {
    void answer(request, options).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, LOOPBACK, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the bot does not listen')
  return { url: `http://${LOOPBACK}:${address.port}`, close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}

async function answer(request: IncomingMessage, options: ServerOptions): Promise<{ status: number; body: unknown }> {
  try {
    return { status: 200, body: await route(request, options) }
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, body: { error: error.message } }
    if (error instanceof RangeError) return { status: 400, body: { error: error.message } }
    // Any other status than 2xx makes the service send the webhook again.
    return { status: 500, body: { error: String(error) } }
  }
}

async function route(request: IncomingMessage, options: ServerOptions): Promise<unknown> {
  const { bot, till } = options
  switch (`${request.method} ${(request.url ?? '').split('?')[0]}`) {
    case 'POST /webhooks':
      return receive(request, options)
    case 'POST /till/receive': {
      const fields = jsonOf(await bytesOf(request))
      // A page in a browser on this machine cannot send this type without being asked first.
      if (request.headers['content-type'] !== 'application/json') throw new Refused(415, 'send application/json')
      await bot.receive(textOf(fields, 'orderId'), parseLocal(textOf(fields, 'amount')), textOf(fields, 'currency'))
      return { balances: till.balances() }
    }
    case 'GET /till':
      return { balances: till.balances() }
    case 'GET /readyz':
      return { status: 'ok' }
    default:
      throw new Refused(404, 'not found')
  }
}

/** The body's bytes are proven before anything reads them. */
async function receive(request: IncomingMessage, { bot, webhookToken }: ServerOptions): Promise<unknown> {
  const bytes = await bytesOf(request)
  const proof = {
    token: headerOf(request.headers, TOKEN_HEADER),
    signature: headerOf(request.headers, SIGNATURE_HEADER)
  }
  if (!isGenuine(proof, bytes, webhookToken)) throw new Refused(401, 'the token or the signature is missing or wrong')
  const event = jsonOf(bytes)
  const data = event['data']
  if (typeof data !== 'object' || data === null) throw new Refused(400, 'data is missing or no object')
  bot.take(textOf(data as Fields, 'order_id'))
  return { received: true }
}

type Fields = Readonly<Record<string, unknown>>

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string' || value === '') throw new Refused(400, `${name} must be a text`)
  return value
}

function jsonOf(bytes: Buffer): Fields {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Fields
  } catch {
    // Answered below.
  }
  throw new Refused(400, 'the body is no JSON object')
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new Refused(413, 'the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
