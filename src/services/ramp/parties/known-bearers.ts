/**
 * Whose key it is that a request shows. What was looked up once is remembered as long as no key and no bearer has
 * changed, which the database is asked with each request: so what is revoked or restricted opens nothing from then on,
 * whichever instance did it. Whoever can take back what it begins need not wait for that answer before it begins.
 */
import { hash } from 'node:crypto'
import type { Loader, Reader } from '../../../database/reader'
import type { RampBearerKind } from '../../../entities/ramp/bearer-kind'
import type { Secrets } from '../../secrets'
import type { Principal } from '../principal'

const KEY = /^CSHRMP-(?:SECK|PUBK)_[0-9a-f]{32}$/

/** Most keys that are remembered. Beyond them it starts over. */
const KNOWN_MAX = 10_000

/** Changes with every change of what is remembered here, in the same transaction. */
const VERSION = {
  name: 'ramp_bearer_version',
  text: 'SELECT version FROM ramp_bearer_version WHERE is_only',
  values: []
}

/** Revoked ones are found too: a condition on them would let another index seem to do. */
const FIND_TEXT = `SELECT wanted.hash, key.id, key.bearer_kind, key.bearer_id, key.is_secret,
    key.revoked_at IS NOT NULL AS is_revoked, key.webhook_url IS NOT NULL AS is_told,
    coalesce(agent.is_restricted, merchant.is_restricted) AS is_restricted
  FROM unnest($1::text[]) AS wanted (hash) JOIN ramp_api_key AS key ON key.hash = decode(wanted.hash, 'hex')
  LEFT JOIN ramp_agent AS agent ON key.bearer_kind = 'agent' AND agent.id = key.bearer_id
  LEFT JOIN ramp_merchant AS merchant ON key.bearer_kind = 'merchant' AND merchant.id = key.bearer_id`

interface BearerRow {
  readonly hash: string
  readonly id: string
  readonly bearer_kind: RampBearerKind
  readonly bearer_id: string
  readonly is_secret: boolean
  readonly is_revoked: boolean
  readonly is_told: boolean
  /** Null where the bearer is gone. */
  readonly is_restricted: boolean | null
}

/** Whose key it was when that was last looked up. */
export interface Presumption {
  readonly principal: Principal
  /**
   * Whether it still is, by a version that was read after the question. It may be false also where the principal is right
   * after all. Rejects when the version cannot be read; nobody has to listen.
   */
  readonly isConfirmed: Promise<boolean>
}

export class KnownBearers {
  private readonly rows: Loader<string, BearerRow>
  private readonly currentVersion: () => Promise<readonly { readonly version: string }[]>
  /** Of what is known. */
  private version: string | undefined
  /** By a digest, so that no key stays in memory. */
  private readonly known = new Map<string, Principal>()

  constructor(
    reader: Reader,
    private readonly secrets: Secrets
  ) {
    this.rows = reader.loader<string, BearerRow>('ramp_api_key_bearer', FIND_TEXT, (row) => row.hash)
    this.currentVersion = reader.shared<{ readonly version: string }>(VERSION)
  }

  /** Undefined for a key that is malformed, unknown or revoked. */
  async find(key: string): Promise<Principal | undefined> {
    if (!KEY.test(key)) return undefined
    const version = this.renewed(await this.currentVersion())
    const digest = digestOf(key)
    // In the same turn as the comparison: later, what is known may be of another version again.
    return this.known.get(digest) ?? this.lookUp(key, digest, version)
  }

  /** At once, from memory; undefined where nothing is remembered of the key. The version is asked for meanwhile. */
  presume(key: string): Presumption | undefined {
    const principal = this.known.get(digestOf(key))
    if (!principal) return undefined
    const { version } = this
    const isConfirmed = this.currentVersion().then((rows) => this.renewed(rows) === version)
    isConfirmed.catch(() => undefined)
    return { principal, isConfirmed }
  }

  private async lookUp(key: string, digest: string, version: string | undefined): Promise<Principal | undefined> {
    const row = await this.rows.load((await this.secrets.hash('ramp key', key)).toString('hex'))
    if (!row || row.is_revoked) return undefined
    const principal: Principal = {
      kind: row.bearer_kind,
      id: row.bearer_id,
      keyId: row.id,
      isSecret: row.is_secret,
      isTold: row.is_told,
      isRestricted: row.is_restricted ?? true
    }
    // It is at least as new as the version that was read before it.
    if (version !== undefined && version === this.version) {
      if (this.known.size >= KNOWN_MAX) this.known.clear()
      this.known.set(digest, principal)
    }
    return principal
  }

  /** The version that was read. What is remembered under another one is forgotten. */
  private renewed(rows: readonly { readonly version: string }[]): string | undefined {
    const version = rows[0]?.version
    if (version !== this.version) {
      this.known.clear()
      this.version = version
    }
    return version
  }
}

function digestOf(key: string): string {
  return hash('sha256', key, 'base64')
}
