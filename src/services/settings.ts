import type { IncomingSettings } from './payments/incoming/settings'
import type { CredentialSettings } from './api-keys/settings'
import type { HostedLinkSettings } from './ramp/hosted/hosted-links'
import type { OnchainSettings } from './ramp/onchain/settings'
import type { OperatorSettings } from './ramp/operator/settings'
import type { OrderSettings } from './ramp/orders/settings'
import type { WebhookSettings } from './webhooks/settings'
import type { PaymentPointerSearchSettings } from './payment-pointers/payment-pointer-search'
import type { OutgoingSettings } from './payments/outgoing/settings'
import type { SecretBoxSettings } from './secret-box'

/** What an operator can set of the use cases. */
export interface ServiceSettings
  extends
    CredentialSettings,
    IncomingSettings,
    OutgoingSettings,
    PaymentPointerSearchSettings,
    SecretBoxSettings,
    WebhookSettings,
    OperatorSettings,
    HostedLinkSettings,
    OnchainSettings,
    OrderSettings {
  /** How long a request waits for another one with its idempotency key, 1 … 60000. */
  readonly idempotencyKeyLockMilliseconds: number
  /** How long an answer is kept under its key. */
  readonly idempotencyKeyLifetimeMilliseconds: number
  /** How long a withdrawal waits to be posted or voided; 0: for ever. */
  readonly withdrawalHoldSeconds: number
}
