/** Another Open Payments server, as far as this service asks it, which a test makes behave as it likes. */
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown> | undefined
  readonly text: string
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
}

type Rule = (asked: Asked) => Reply | 'hang' | 'garbage' | undefined

interface Payment {
  readonly id: string
  incomingAmount?: unknown
  receivedAmount: unknown
  completed: boolean
  expiresAt: string
  metadata?: unknown
}

export class RemoteServer {
  readonly asked: Asked[] = []
  readonly payments = new Map<string, Payment>()
  /** Tokens that are good at present. */
  readonly tokens = new Set<string>()
  /** Asked first; what it does not answer is answered as a server should. */
  rule: Rule = () => undefined
  expiresIn: number | undefined = 600
  readonly unit = { assetCode: 'EUR', assetScale: 2 }

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RemoteServer> {
    const server = createServer()
    const remote = new RemoteServer(server)
    server.on('request', (request: IncomingMessage, response) => {
      void (async () => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        const text = Buffer.concat(chunks).toString()
        const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
        const asked = { method: request.method!, path: request.url!, headers: request.headers, body, text }
        remote.asked.push(asked)
        const reply = remote.rule(asked) ?? remote.answer(asked)
        if (reply === 'hang') return
        if (reply === 'garbage') return void response.end('<html>')
        response.writeHead(reply.status, { 'content-type': 'application/json' })
        response.end(reply.body === undefined ? '' : JSON.stringify(reply.body))
      })()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return remote
  }

  /** As the rest of the world writes it. */
  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  get pointer(): string {
    return `${this.url}/alice`
  }

  /** What was asked since the last time, a line each. */
  takeAsked(): string[] {
    return this.asked
      .splice(0)
      .map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID')}`)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }

  addPayment(incomingAmount?: string, receivedAmount = '0'): Payment {
    const payment: Payment = {
      id: randomUUID(),
      ...(incomingAmount !== undefined && { incomingAmount: { value: incomingAmount, ...this.unit } }),
      receivedAmount: { value: receivedAmount, ...this.unit },
      completed: incomingAmount !== undefined && incomingAmount === receivedAmount,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString()
    }
    this.payments.set(payment.id, payment)
    return payment
  }

  shown(payment: Payment): Record<string, unknown> {
    const instant = new Date().toISOString()
    return {
      ...payment,
      id: `${this.pointer}/incoming-payments/${payment.id}`,
      paymentPointer: this.pointer,
      createdAt: instant,
      updatedAt: instant,
      ...(!payment.completed && { ilpStreamConnection: this.connection() })
    }
  }

  connection(): Record<string, unknown> {
    const sharedSecret = randomBytes(32).toString('base64url')
    return { id: `${this.url}/connections/${randomUUID()}`, ilpAddress: 'test.remote.abc', sharedSecret, ...this.unit }
  }

  private answer({ method, path, headers, body }: Asked): Reply {
    if (method === 'GET' && path === '/alice') {
      return { status: 200, body: { id: this.pointer, ...this.unit, authServer: `${this.url}/auth` } }
    }
    if (method === 'POST' && path === '/auth') return { status: 200, body: this.grant(randomUUID()) }
    const token = headers.authorization?.replace('GNAP ', '')
    const [, rotated] = /^\/auth\/token\/(.+)$/.exec(path) ?? []
    if (rotated) {
      if (token) this.tokens.delete(token)
      return { status: 200, body: { access_token: this.token(rotated) } }
    }
    if (path.startsWith('/alice/incoming-payments') && !(token && this.tokens.has(token))) return { status: 403 }
    if (method === 'POST' && path === '/alice/incoming-payments') {
      const amount = body?.incomingAmount as { value: string } | undefined
      return { status: 201, body: this.shown({ ...this.addPayment(amount?.value), metadata: body?.metadata ?? {} }) }
    }
    const [, id = ''] = /^\/alice\/incoming-payments\/(.+)$/.exec(path) ?? []
    const payment = this.payments.get(id)
    return payment ? { status: 200, body: this.shown(payment) } : { status: 404 }
  }

  private grant(id: string): Record<string, unknown> {
    const uri = `${this.url}/auth/continue/${id}`
    return { access_token: this.token(id), continue: { access_token: { value: 'c' }, uri } }
  }

  private token(id: string): Record<string, unknown> {
    const value = randomBytes(16).toString('hex')
    this.tokens.add(value)
    const expiry = this.expiresIn === undefined ? {} : { expires_in: this.expiresIn }
    return { value, manage: `${this.url}/auth/token/${id}`, ...expiry, access: [] }
  }
}
