/**
 * Notifications of the database, on one connection of their own.
 *
 * They are a reason to look, never the truth: what was sent while the connection was down is lost. So every
 * listener is called once after each time the connection comes up, the first time included.
 */
import { Client } from 'pg'
import { giveUpOnSilence, KEEP_ALIVE_MILLISECONDS } from '../database/silence'
import type { Logger } from '../services/context'
import { backoffMilliseconds } from '../services/backoff'

export interface Notifications {
  /** Calls `wake` after each notification on the channel, and after each reconnection. Returns the way to stop. */
  listen(channel: string, wake: () => void): () => void
}

export interface NotificationListenerOptions {
  readonly url: string
  readonly logger: Logger
  /** How often the server is asked whether it is still there. */
  readonly checkMilliseconds?: number
  /** The longest wait for an answer; then the connection is given up for another. */
  readonly silenceMilliseconds?: number
}

const PAUSE_MILLISECONDS_MIN = 100
const PAUSE_MILLISECONDS_MAX = 10_000
const CONNECT_MILLISECONDS_MAX = 10_000
/** A connection that died without a word is found out by a question at this pace. */
const CHECK_MILLISECONDS = 15_000
const SILENCE_MILLISECONDS = 10_000
const NAME = 'hazina notifications'
const CHANNEL = /^[a-z_]+$/

export class NotificationListener implements Notifications {
  private readonly listeners = new Map<string, Set<() => void>>()
  private client: Client | undefined
  private failures = 0
  private closed = false
  private connecting: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  /** What the connection was asked last: it takes one question at a time. */
  private asked: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: NotificationListenerOptions) {}

  listen(channel: string, wake: () => void): () => void {
    if (!CHANNEL.test(channel)) throw new RangeError(`${channel} is no name for a channel`)
    const wakes = this.listeners.get(channel) ?? new Set()
    // A function of its own, so that one listener may ask twice and stop once.
    const own = (): void => wake()
    const isFirst = wakes.size === 0
    this.listeners.set(channel, wakes.add(own))
    if (!this.client) this.connect()
    else if (isFirst) this.subscribe(this.client, [channel])
    return () => wakes.delete(own)
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    await this.connecting
    await this.client?.end().catch(() => undefined)
  }

  private connect(): void {
    if (this.closed || this.connecting) return
    clearTimeout(this.timer)
    this.connecting = this.open()
      .catch((error: unknown) => this.retry(error))
      .finally(() => (this.connecting = undefined))
  }

  private async open(): Promise<void> {
    const client = new Client({
      connectionString: this.options.url,
      application_name: NAME,
      connectionTimeoutMillis: CONNECT_MILLISECONDS_MAX,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS
    })
    client.on('error', (error) => this.lost(client, error))
    client.on('end', () => this.lost(client, new Error('the connection was closed')))
    client.on('notification', ({ channel }) => this.wake(channel))
    try {
      await client.connect()
      giveUpOnSilence(client, NAME, this.options.silenceMilliseconds ?? SILENCE_MILLISECONDS)
      this.asked = Promise.resolve()
      await this.listenTo(client, [...this.listeners.keys()])
    } catch (error) {
      client.end().catch(() => undefined)
      throw error
    }
    this.client = client
    this.failures = 0
    // Channels that were asked for meanwhile; asking again for the others does nothing.
    this.subscribe(client, [...this.listeners.keys()])
    this.check(client)
  }

  /** Whoever listens looks once more when the channel is certainly open. */
  private subscribe(client: Client, channels: readonly string[]): void {
    this.listenTo(client, channels).then(
      () => channels.forEach((channel) => this.wake(channel)),
      (error: unknown) => this.lost(client, error)
    )
  }

  private wake(channel: string): void {
    for (const wake of this.listeners.get(channel) ?? []) wake()
  }

  private check(client: Client): void {
    this.timer = setTimeout(() => {
      this.ask(client, 'SELECT 1').then(
        () => this.client === client && !this.closed && this.check(client),
        (error: unknown) => this.lost(client, error)
      )
    }, this.options.checkMilliseconds ?? CHECK_MILLISECONDS)
    this.timer.unref()
  }

  private lost(client: Client, error: unknown): void {
    if (this.client !== client) return
    this.client = undefined
    client.end().catch(() => undefined)
    this.retry(error)
  }

  private retry(error: unknown): void {
    if (this.closed) return
    this.failures++
    const pause = backoffMilliseconds(this.failures, PAUSE_MILLISECONDS_MIN, PAUSE_MILLISECONDS_MAX)
    this.options.logger.warn({ error, failures: this.failures }, 'the connection for notifications was lost')
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.connect(), pause)
  }

  private async listenTo(client: Client, channels: readonly string[]): Promise<void> {
    if (channels.length > 0) await this.ask(client, channels.map((channel) => `LISTEN ${channel}`).join('; '))
  }

  private ask(client: Client, text: string): Promise<unknown> {
    const answered = this.asked.then(() => client.query(text))
    this.asked = answered.catch(() => undefined)
    return answered
  }
}
