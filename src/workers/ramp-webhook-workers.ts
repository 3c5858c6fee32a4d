/** The workers that deliver webhooks to agents and merchants. */
import type { Logger } from '../services/context'
import { PublicTargets } from '../services/ramp/webhooks/public-targets'
import { HANDS_MAX, RAMP_DELIVERIES, type ClaimedRampDelivery } from '../services/ramp/webhooks/delivery-shape'
import { RampSender } from '../services/ramp/webhooks/sender'
import type { WebhookTargets } from '../services/webhooks/webhook-client'
import { DeliveryLoops } from './delivery-loops'
import type { Notifications } from './notification-listener'
import { LEASE_MARGIN_MILLISECONDS } from './webhook-workers'

/** What an operator can set of delivering. */
export interface RampWebhookWorkersSettings {
  /** Webhooks go anywhere, also to this machine and also by plain HTTP. */
  readonly rampTestMode: boolean
  readonly rampWebhookTimeoutMilliseconds: number
  /** Seconds before each further attempt; after the last one a delivery is dead. */
  readonly rampWebhookScheduleSeconds: readonly number[]
  /** Most first attempts under way at a time, and as many further ones; 0 leaves delivering to other instances. */
  readonly rampWebhookConcurrency: number
  readonly rampWebhookWorkerIdleMilliseconds: number
}

export interface RampWebhookWorkersOptions {
  readonly databaseUrl: string
  readonly notifications: Notifications
  readonly logger: Logger
  readonly now: () => Date
  /** How long a delivery stays in hand, past the timeout, before others may take it. */
  readonly leaseMarginMilliseconds?: number
  /** Where webhooks may go; by default what the settings say. */
  readonly targets?: WebhookTargets
}

export const RAMP_WEBHOOK_CHANNEL = 'ramp_webhook_delivery'

/** The workers that the settings ask for; undefined if this instance delivers nothing. */
export function rampWebhookWorkersOf(
  settings: RampWebhookWorkersSettings,
  options: RampWebhookWorkersOptions
): RampWebhookWorkers | undefined {
  return settings.rampWebhookConcurrency === 0 ? undefined : new RampWebhookWorkers(settings, options)
}

export class RampWebhookWorkers {
  private readonly loops: DeliveryLoops<ClaimedRampDelivery>
  private readonly sender: RampSender

  constructor(settings: RampWebhookWorkersSettings, options: RampWebhookWorkersOptions) {
    const { rampTestMode, rampWebhookTimeoutMilliseconds, rampWebhookConcurrency } = settings
    const { leaseMarginMilliseconds = LEASE_MARGIN_MILLISECONDS } = options
    this.sender = new RampSender({
      timeoutMilliseconds: rampWebhookTimeoutMilliseconds,
      // Several receivers may live on one host, so nothing waits for a connection here.
      connectionsMax: 2 * rampWebhookConcurrency,
      idleConnectionsMax: HANDS_MAX,
      targets: options.targets ?? (rampTestMode ? undefined : new PublicTargets()),
      now: options.now
    })
    this.loops = new DeliveryLoops({
      ...options,
      name: 'ramp webhook',
      shape: RAMP_DELIVERIES,
      concurrency: rampWebhookConcurrency,
      idleMilliseconds: settings.rampWebhookWorkerIdleMilliseconds,
      leaseMilliseconds: rampWebhookTimeoutMilliseconds + leaseMarginMilliseconds,
      wakeChannel: RAMP_WEBHOOK_CHANNEL,
      send: (delivery) => this.sender.send(delivery),
      pauseAfter: (attempts) => pauseOf(settings.rampWebhookScheduleSeconds[attempts - 1])
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

function pauseOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000
}
