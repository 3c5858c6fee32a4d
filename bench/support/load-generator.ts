/**
 * A process that asks as fast as it is answered: a number of keep-alive connections, each with one request
 * under way. It writes prepared bytes on plain sockets and reads no more of an answer than it must, so that
 * little of what is measured is its own work. Started by `fork`, ordered by messages.
 */
import { connect, type Socket } from 'node:net'

export interface LoadOrder {
  readonly port: number
  readonly path: string
  readonly token: string
  readonly connections: number
  readonly seconds: number
  /** The body to send. Each `UNIQUE` in it becomes twelve hexadecimal digits that no other request has. */
  readonly body: string
  /**
   * In place of `body` and `token`: what each connection sends, in turn. With `isOnce` every call is sent once,
   * by whichever connection is free, and the load ends with the last of them.
   */
  readonly calls?: readonly Call[]
  readonly isOnce?: boolean
  /** What every good answer contains. */
  readonly expected: string
  /** Sets the digits of this run apart from those of other runs: 0 … 65535. */
  readonly run: number
}

export interface Call {
  readonly token: string
  readonly body: string
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** Microseconds at the median and at the 99th percentile. */
  readonly medianMicroseconds: number
  readonly p99Microseconds: number
  /** CPU of this process, microseconds a request. */
  readonly ownMicroseconds: number
}

/** Stands in a body for digits of its own; as long as the digits. */
export const UNIQUE = 'UNIQUE-12HEX'

const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = Buffer.from('content-length: ')
const GOOD = Buffer.from('HTTP/1.1 200 ')

/** The bytes of a call, and where in them the digits go. */
interface Request {
  readonly bytes: Buffer
  readonly slots: readonly number[]
}

function prepare({ path }: LoadOrder, { token, body }: Call): Request {
  const head = [`POST ${path} HTTP/1.1`, 'host: localhost', `authorization: Bearer ${token}`]
  head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, '', '')
  const bytes = Buffer.from(head.join('\r\n') + body)
  const slots: number[] = []
  for (let at = bytes.indexOf(UNIQUE); at >= 0; at = bytes.indexOf(UNIQUE, at + 1)) slots.push(at)
  return { bytes, slots }
}

class Connection {
  private readonly socket: Socket
  private received: Buffer | undefined
  private startedAt = 0n
  readonly latencies: number[] = []

  constructor(
    private readonly order: LoadOrder,
    private readonly next: () => number | undefined,
    private readonly requestOf: (number: number) => Request,
    private readonly finish: (error?: Error) => void
  ) {
    this.socket = connect(order.port, '127.0.0.1', () => this.ask())
    this.socket.setNoDelay(true)
    this.socket.on('data', (chunk: Buffer) => this.receive(chunk))
    this.socket.on('error', (error) => finish(error))
  }

  private ask(): void {
    const number = this.next()
    if (number === undefined) {
      this.socket.destroy()
      return this.finish()
    }
    const { bytes, slots } = this.requestOf(number)
    if (slots.length > 0) {
      const digits = this.order.run.toString(16).padStart(4, '0') + number.toString(16).padStart(8, '0')
      for (const at of slots) bytes.write(digits, at, 'latin1')
    }
    this.startedAt = process.hrtime.bigint()
    this.socket.write(bytes)
  }

  private receive(chunk: Buffer): void {
    const received = this.received ? Buffer.concat([this.received, chunk]) : chunk
    const headEnd = received.indexOf(HEAD_END)
    const lengthAt = received.indexOf(LENGTH)
    const isHeadHere = headEnd >= 0 && lengthAt >= 0
    const end = isHeadHere
      ? headEnd + 4 + parseInt(received.toString('latin1', lengthAt + LENGTH.length, headEnd), 10)
      : Infinity
    if (received.length < end) {
      this.received = received
      return
    }
    this.received = undefined
    if (!received.subarray(0, GOOD.length).equals(GOOD) || !received.includes(this.order.expected, headEnd)) {
      return this.finish(new Error(`a bad answer: ${received.toString()}`))
    }
    this.latencies.push(Number(process.hrtime.bigint() - this.startedAt) / 1_000)
    this.ask()
  }
}

function load(order: LoadOrder): Promise<LoadResult> {
  const { calls = [order], connections: count, isOnce } = order
  // A buffer that is being written must not be another connection's: each has its own, unless all are sent once.
  const requests = Array.from({ length: isOnce ? calls.length : count }, (_, index) =>
    prepare(order, calls[index % calls.length] ?? order)
  )
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint()
    const end = start + BigInt(Math.round(order.seconds * 1e9))
    const cpu = process.cpuUsage()
    let sent = 0
    let open = count
    const isOver = (): boolean => (isOnce ? sent >= calls.length : process.hrtime.bigint() >= end)
    const next = (): number | undefined => (isOver() ? undefined : sent++)
    const finish = (error?: Error): void => {
      if (error) return reject(error)
      if ((open -= 1) > 0) return
      const { user, system } = process.cpuUsage(cpu)
      const latencies = connections.flatMap((connection) => connection.latencies).sort((one, other) => one - other)
      resolve({
        requests: sent,
        seconds: Number(process.hrtime.bigint() - start) / 1e9,
        medianMicroseconds: latencies[Math.floor(latencies.length / 2)] ?? 0,
        p99Microseconds: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
        ownMicroseconds: (user + system) / sent
      })
    }
    const connections = Array.from(
      { length: count },
      (_, index) => new Connection(order, next, (number) => requests[isOnce ? number : index]!, finish)
    )
  })
}

if (process.send) {
  process.on('message', (order: LoadOrder) => {
    load(order).then(
      (result) => process.send?.(result),
      (error: unknown) => process.send?.({ error: String(error) })
    )
  })
}
