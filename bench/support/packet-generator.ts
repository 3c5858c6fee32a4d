/**
 * A neighbour that sends packets as fast as they are answered: a number of keep-alive connections, each with one
 * packet under way. It writes prepared bytes on plain sockets, so that little of what is measured is its own
 * work. Started by `fork`, ordered by messages.
 */
import { connect, type Socket } from 'node:net'

export interface PacketOrder {
  readonly port: number
  readonly token: string
  readonly connections: number
  readonly seconds: number
  /** Serialized Prepares in base64, sent in turn. */
  readonly packets: readonly string[]
}

export interface PacketResult {
  readonly packets: number
  readonly seconds: number
  readonly medianMicroseconds: number
  readonly p99Microseconds: number
}

const FULFILL_TYPE = 13
const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = 'content-length: '

class Connection {
  readonly latencies: number[] = []
  private readonly socket: Socket
  private received: Buffer | undefined
  private startedAt = 0n

  constructor(
    port: number,
    private readonly next: () => Buffer | undefined,
    private readonly finish: (error?: Error) => void
  ) {
    this.socket = connect(port, '127.0.0.1', () => this.ask())
    this.socket.setNoDelay(true)
    this.socket.on('data', (chunk: Buffer) => this.receive(chunk))
    this.socket.on('error', (error) => finish(error))
  }

  private ask(): void {
    const request = this.next()
    if (!request) {
      this.socket.destroy()
      return this.finish()
    }
    this.startedAt = process.hrtime.bigint()
    this.socket.write(request)
  }

  private receive(chunk: Buffer): void {
    const received = this.received ? Buffer.concat([this.received, chunk]) : chunk
    this.received = received
    const headEnd = received.indexOf(HEAD_END)
    if (headEnd < 0) return
    const head = received.toString('latin1', 0, headEnd).toLowerCase()
    const bodyStart = headEnd + HEAD_END.length
    const length = parseInt(head.slice(head.indexOf(LENGTH) + LENGTH.length), 10)
    if (received.length < bodyStart + length) return
    this.received = undefined
    if (!head.startsWith('http/1.1 200') || received[bodyStart] !== FULFILL_TYPE) {
      return this.finish(new Error(`not fulfilled: ${received.toString('latin1')}`))
    }
    this.latencies.push(Number(process.hrtime.bigint() - this.startedAt) / 1_000)
    this.ask()
  }
}

function requestOf(token: string, packet: Buffer): Buffer {
  const head = ['POST / HTTP/1.1', 'host: localhost', `authorization: Bearer ${token}`]
  head.push('content-type: application/octet-stream', `content-length: ${packet.length}`, '', '')
  return Buffer.concat([Buffer.from(head.join('\r\n')), packet])
}

function send(order: PacketOrder): Promise<PacketResult> {
  const requests = order.packets.map((packet) => requestOf(order.token, Buffer.from(packet, 'base64')))
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint()
    const end = start + BigInt(Math.round(order.seconds * 1e9))
    let packets = 0
    let open = order.connections
    const next = (): Buffer | undefined =>
      process.hrtime.bigint() < end ? requests[packets++ % requests.length] : undefined
    const finish = (error?: Error): void => {
      if (error) return reject(error)
      if ((open -= 1) > 0) return
      const seconds = Number(process.hrtime.bigint() - start) / 1e9
      const latencies = connections.flatMap((one) => one.latencies).sort((one, other) => one - other)
      const [medianMicroseconds, p99Microseconds] = [0.5, 0.99].map(
        (share) => latencies[Math.floor(latencies.length * share)] ?? 0
      ) as [number, number]
      resolve({ packets, seconds, medianMicroseconds, p99Microseconds })
    }
    const connections = Array.from({ length: order.connections }, () => new Connection(order.port, next, finish))
  })
}

process.on('message', (order: PacketOrder) => {
  send(order).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) })
  )
})
