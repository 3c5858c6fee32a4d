/** The workers that deliver the operator's webhooks. */
import { backoffMilliseconds } from '../services/backoff'
import type { Logger } from '../services/context'
import { bodyOf } from '../services/webhooks/delivery'
import { OPERATOR_DELIVERIES, type ClaimedDelivery } from '../services/webhooks/delivery-queue'
import { OperatorSender, senderSettingsOf, type OperatorSenderOptions } from '../services/webhooks/operator-sender'
import { DeliveryLoops } from './delivery-loops'
import type { Notifications } from './notification-listener'

export interface WebhookWorkersOptions extends Omit<OperatorSenderOptions, 'connectionsMax'> {
  readonly databaseUrl: string
  /** Most requests under way at a time, for first attempts and for further ones each. */
  readonly concurrency: number
  readonly idleMilliseconds: number
  /** How long a delivery stays in hand, past the timeout, before others may take it. */
  readonly leaseMarginMilliseconds?: number
  /** Attempts after which a delivery is dead, at least 1. */
  readonly attemptsMax: number
  /** Pause after the first failure; twice as long after each further one. */
  readonly retryMillisecondsMin: number
  readonly retryMillisecondsMax: number
  readonly notifications: Notifications
  readonly logger: Logger
}

/** What an operator can set of delivering. */
export interface WebhookWorkersSettings {
  /** Absent: nothing is delivered. */
  readonly webhookUrl?: string
  readonly webhookTimeoutMilliseconds: number
  readonly webhookAcceptsAny2xx: boolean
  /** Loops; 0 leaves delivering to other instances. */
  readonly webhookWorkers: number
  /** Most first attempts that a loop has under way at a time, and as many further ones. */
  readonly webhookConcurrency: number
  readonly webhookWorkerIdleMilliseconds: number
  readonly webhookAttemptsMax: number
  readonly webhookRetryMillisecondsMin: number
  readonly webhookRetryMillisecondsMax: number
  /** Absent: webhooks are not signed. */
  readonly signatureSecret?: string
  readonly signatureVersion: number
}

/** The workers that the settings ask for; undefined if this instance delivers nothing. */
export function webhookWorkersOf(
  settings: WebhookWorkersSettings,
  surroundings: Pick<WebhookWorkersOptions, 'databaseUrl' | 'notifications' | 'logger' | 'now'>
): WebhookWorkers | undefined {
  const sender = senderSettingsOf(settings)
  if (!sender || settings.webhookWorkers === 0) return undefined
  return new WebhookWorkers({
    ...surroundings,
    ...sender,
    timeoutMilliseconds: settings.webhookTimeoutMilliseconds,
    acceptsAny2xx: settings.webhookAcceptsAny2xx,
    // Loops of one process would only share what one loop does as well.
    concurrency: settings.webhookWorkers * settings.webhookConcurrency,
    idleMilliseconds: settings.webhookWorkerIdleMilliseconds,
    attemptsMax: settings.webhookAttemptsMax,
    retryMillisecondsMin: settings.webhookRetryMillisecondsMin,
    retryMillisecondsMax: settings.webhookRetryMillisecondsMax
  })
}

export const WEBHOOK_CHANNEL = 'webhook_delivery'
export const LEASE_MARGIN_MILLISECONDS = 5_000

export class WebhookWorkers {
  private readonly loops: DeliveryLoops<ClaimedDelivery>
  private readonly sender: OperatorSender

  constructor(options: WebhookWorkersOptions) {
    const { leaseMarginMilliseconds = LEASE_MARGIN_MILLISECONDS, timeoutMilliseconds, concurrency } = options
    const { attemptsMax, retryMillisecondsMin, retryMillisecondsMax } = options
    this.sender = new OperatorSender({ ...options, connectionsMax: 2 * concurrency })
    this.loops = new DeliveryLoops({
      ...options,
      name: 'webhook',
      shape: OPERATOR_DELIVERIES,
      leaseMilliseconds: timeoutMilliseconds + leaseMarginMilliseconds,
      wakeChannel: WEBHOOK_CHANNEL,
      send: ({ eventId, type, data }) => this.sender.send(bodyOf(eventId, type, data)),
      pauseAfter: (attempts) =>
        attempts >= attemptsMax ? undefined : backoffMilliseconds(attempts, retryMillisecondsMin, retryMillisecondsMax)
    })
  }

  start(): void {
    this.loops.start()
  }

  /** Sends nothing more, and records what was under way. */
  async stop(): Promise<void> {
    await this.loops.stop()
    this.sender.close()
  }
}
