import type { RampBearerKind } from '../../entities/ramp/bearer-kind'

/** On whose behalf a request of the Agent or the Merchant API is served: the bearer of an API key. */
export interface Principal {
  readonly kind: RampBearerKind
  /** UUID of the agent or merchant. */
  readonly id: string
  readonly keyId: string
  readonly isSecret: boolean
  /** Whether the key has a webhook URL. Of the bearer's keys only the secret one counts, which is one at a time. */
  readonly isTold: boolean
  /** The operator has restricted the account: it is refused everything. */
  readonly isRestricted: boolean
}
