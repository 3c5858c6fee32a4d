/** A receiver of webhooks on loopback that behaves as badly as a test wants. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Received {
  readonly id: string
  readonly body: string
  readonly headers: IncomingHttpHeaders
  readonly socket: Socket
  /** From 1: how many times this event has come by now. */
  readonly time: number
}

/** A status, or a misbehaviour. */
export type Answer = number | 'hang' | 'reset' | 'endless' | 'garbage'

export class Receiver {
  readonly received: Received[] = []
  answer: (received: Received) => Answer | Promise<Answer> = () => 200
  private server: Server | undefined
  private port = 0
  private readonly sockets = new Set<Socket>()
  private readonly watchers = new Set<() => void>()

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await receiver.open()
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/webhook?for=test`
  }

  /** On the same port as before, if it was open before. */
  async open(): Promise<void> {
    const server = createServer((request, response) => void this.handle(request, response))
    server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
    this.server = server
  }

  async close(): Promise<void> {
    const { server } = this
    this.server = undefined
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  times(id: string): number {
    return this.received.filter((received) => received.id === id).length
  }

  /** Resolves once it is so; looked at when a request has come. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        const watch = (): void => {
          this.watchers.delete(watch)
          resolve()
        }
        this.watchers.add(watch)
      })
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    request.setEncoding('utf8')
    request.on('error', () => undefined)
    for await (const piece of request) body += String(piece)
    const named = request.headers['x-cashramp-event-id']
    const id = typeof named === 'string' ? named : (JSON.parse(body) as { id: string }).id
    const received = { id, body, headers: request.headers, socket: request.socket, time: this.times(id) + 1 }
    this.received.push(received)
    for (const watch of [...this.watchers]) watch()
    behave(await this.answer(received), request, response)
  }
}

function behave(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  switch (answer) {
    case 'hang':
      return
    case 'reset':
      request.socket.destroy()
      return
    case 'garbage':
      request.socket.end('this is not HTTP\r\n\r\n')
      return
    case 'endless': {
      const piece = Buffer.alloc(16_384)
      const write = (): void => {
        while (!response.destroyed && response.write(piece));
      }
      response.on('drain', write)
      response.writeHead(200)
      write()
      return
    }
    default:
      response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end('thank you')
  }
}
