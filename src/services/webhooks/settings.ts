import type { WebhookPayload } from './payload'

/** What an operator can set of webhooks, as far as use cases need to know. */
export interface WebhookSettings {
  /** Which generation of events is written. Absent: the second. */
  readonly webhookPayload?: WebhookPayload
  /** Where webhooks go, `http` or `https`. Absent: events are stored and not delivered. */
  readonly webhookUrl?: string
  /** How long the receiver has to answer, connecting included. */
  readonly webhookTimeoutMilliseconds?: number
  /** Counts every status from 200 to 299 as a success; otherwise only 200 is one. */
  readonly webhookAcceptsAny2xx?: boolean
  /** Absent: webhooks are not signed. */
  readonly signatureSecret?: string
  readonly signatureVersion?: number
}

export const WEBHOOK_TIMEOUT_MILLISECONDS = 2_000
export const SIGNATURE_VERSION = 1
