/**
 * API keys of agents and merchants. A key is shown once and known afterwards by a keyed hash. Of each kind, secret
 * and public, a bearer has at most one that works: a new one takes the place of the old one at once.
 */
import { IsNull, Not, type EntityManager } from 'typeorm'
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Reader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { Agent, Merchant, RampApiKey } from '../../../entities'
import type { RampBearerKind } from '../../../entities/ramp/bearer-kind'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import type { Secrets } from '../../secrets'
import { isStorable, LONG_TEXT_LENGTH_MAX } from '../../text'
import type { Principal } from '../principal'
import { KnownBearers, type Presumption } from './known-bearers'

export interface Bearer {
  readonly kind: RampBearerKind
  readonly id: string
}

export interface KeyOptions {
  /** Secret unless said otherwise. */
  readonly isSecret?: boolean
  /** Absent keeps what the key before had, also if it is revoked; null ends webhooks. */
  readonly webhookUrl?: string | null
  /** Absent keeps what the key before had, or makes one where there is none. */
  readonly webhookToken?: string
}

/** A new key with its text, which cannot be had again. */
export interface IssuedKey {
  readonly record: RampApiKey
  readonly key: string
}

export interface WebhookTarget {
  readonly url: string | null
  /** What webhooks are signed with. */
  readonly token: string | null
}

const SECRET_PREFIX = 'CSHRMP-SECK_'
const PUBLIC_PREFIX = 'CSHRMP-PUBK_'
/** How much of each end of a key stays readable. */
const SHOWN = 4

export class RampKeyService {
  private readonly reads: EntityReads<RampApiKey>
  private readonly bearers: KnownBearers

  constructor(
    entities: EntityReader,
    reader: Reader,
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: Secrets,
    private readonly identifiers: Identifiers
  ) {
    this.reads = entities.of(RampApiKey)
    this.bearers = new KnownBearers(reader, secrets)
  }

  /** Whose key it is; undefined for one that is malformed, unknown or revoked. */
  findBearer(key: string): Promise<Principal | undefined> {
    return this.bearers.find(key)
  }

  /** Whose key it should be, as far as that is remembered, and whether it is. */
  presumeBearer(key: string): Presumption | undefined {
    return this.bearers.presume(key)
  }

  /** A key as it may be shown: its prefix, its first four characters and its last four. */
  async masked(keyId: string): Promise<string> {
    const record = await this.reads.find(keyId)
    if (!record) throw new Error(`there is no key ${keyId}`)
    return record.masked
  }

  /** Gives a bearer a key of a kind, and revokes the one that it had. Both happen, or neither. */
  async issue(
    context: RequestContext,
    bearer: Bearer,
    options: KeyOptions = {}
  ): Promise<Answer<IssuedKey, 'NOT_FOUND' | 'INVALID_ADDRESS'>> {
    if (!isTarget(options)) return refused('INVALID_ADDRESS')
    const isSecret = options.isSecret ?? true
    const key = `${isSecret ? SECRET_PREFIX : PUBLIC_PREFIX}${this.secrets.create().replaceAll('-', '')}`
    const hash = await this.secrets.hash('ramp key', key)
    return this.unitOfWork.run(async (manager) => {
      if (!(await holdBearer(manager, bearer))) return refused('NOT_FOUND')
      const current = await revokeCurrent(manager, bearer, isSecret, context.now())
      const before = current ?? (await findRevoked(manager, bearer, isSecret))
      const record: RampApiKey = {
        id: this.identifiers.next(),
        bearerKind: bearer.kind,
        bearerId: bearer.id,
        isSecret,
        hash,
        masked: maskedKey(key),
        ...this.targetOf(options, before),
        createdAt: context.now(),
        revokedAt: null
      }
      await manager.insert(RampApiKey, record)
      return done({ record, key })
    })
  }

  /** A new key in the place of the one that there is, which has to be there. */
  async rotate(
    context: RequestContext,
    bearer: Bearer,
    options: KeyOptions = {}
  ): Promise<Answer<IssuedKey, 'NOT_FOUND' | 'INVALID_ADDRESS'>> {
    const current = await this.current(bearer, options.isSecret ?? true)
    return current ? this.issue(context, bearer, options) : refused('NOT_FOUND')
  }

  /** From then on the bearer has no key of that kind. Doing it again changes nothing. */
  async revoke(context: RequestContext, bearer: Bearer, isSecret: boolean): Promise<Answer<null, 'NOT_FOUND'>> {
    return this.unitOfWork.run(async (manager) => {
      if (!(await holdBearer(manager, bearer))) return refused('NOT_FOUND')
      await revokeCurrent(manager, bearer, isSecret, context.now())
      return done(null)
    })
  }

  /** The key of a kind that works. */
  async current(bearer: Bearer, isSecret = true): Promise<RampApiKey | undefined> {
    return this.unitOfWork.run(async (manager) => (await findCurrent(manager, bearer, isSecret)) ?? undefined)
  }

  /** Where a bearer is told what happens to its orders: at the URL of its secret key. */
  async setWebhook(
    _context: RequestContext,
    bearer: Bearer,
    options: Pick<KeyOptions, 'webhookUrl' | 'webhookToken'>
  ): Promise<Answer<WebhookTarget, 'NOT_FOUND' | 'INVALID_ADDRESS'>> {
    if (!isTarget(options)) return refused('INVALID_ADDRESS')
    return this.unitOfWork.run(async (manager) => {
      if (!(await holdBearer(manager, bearer))) return refused('NOT_FOUND')
      const current = await findCurrent(manager, bearer, true)
      if (!current) return refused('NOT_FOUND')
      const target = this.targetOf(options, current)
      await manager.update(RampApiKey, { id: current.id }, target)
      return done({ url: target.webhookUrl, token: target.webhookToken })
    })
  }

  private targetOf(
    { webhookUrl, webhookToken }: KeyOptions,
    before: RampApiKey | null
  ): Pick<RampApiKey, 'webhookUrl' | 'webhookToken'> {
    const url = webhookUrl === undefined ? (before?.webhookUrl ?? null) : webhookUrl
    const token = webhookToken ?? before?.webhookToken ?? null
    return { webhookUrl: url, webhookToken: token ?? (url === null ? null : this.secrets.create()) }
  }
}

/** Whoever changes the keys of a bearer has the bearer's row, so that one waits for the other. */
async function holdBearer(manager: EntityManager, { kind, id }: Bearer): Promise<boolean> {
  const found = await manager.findOne<Agent | Merchant>(kind === 'agent' ? Agent : Merchant, {
    where: { id },
    lock: { mode: 'for_no_key_update' }
  })
  return found !== null
}

function findCurrent(manager: EntityManager, { kind, id }: Bearer, isSecret: boolean): Promise<RampApiKey | null> {
  return manager.findOneBy(RampApiKey, { bearerKind: kind, bearerId: id, isSecret, revokedAt: IsNull() })
}

/** Of those that do not work any more, the last that did. */
function findRevoked(manager: EntityManager, { kind, id }: Bearer, isSecret: boolean): Promise<RampApiKey | null> {
  return manager.findOne(RampApiKey, {
    where: { bearerKind: kind, bearerId: id, isSecret, revokedAt: Not(IsNull()) },
    order: { revokedAt: 'DESC', id: 'DESC' }
  })
}

async function revokeCurrent(
  manager: EntityManager,
  bearer: Bearer,
  isSecret: boolean,
  revokedAt: Date
): Promise<RampApiKey | null> {
  const current = await findCurrent(manager, bearer, isSecret)
  if (current) await manager.update(RampApiKey, { id: current.id }, { revokedAt })
  return current
}

function maskedKey(key: string): string {
  const prefix = key.slice(0, SECRET_PREFIX.length)
  return `${prefix}${key.slice(prefix.length, prefix.length + SHOWN)}…${key.slice(-SHOWN)}`
}

/** Whether webhooks can be sent there at all; where they may go is decided when they do. */
function isTarget({ webhookUrl, webhookToken }: KeyOptions): boolean {
  if (webhookToken !== undefined && (webhookToken === '' || !isStorable(webhookToken))) return false
  if (webhookUrl == null) return true
  if (!isStorable(webhookUrl, LONG_TEXT_LENGTH_MAX) || !URL.canParse(webhookUrl)) return false
  const { protocol, username, password } = new URL(webhookUrl)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
