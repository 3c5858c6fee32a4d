/**
 * The grants of this service's own authority, and their tokens. A token is 32 random bytes, shown once and stored
 * as its hash. Changing it for a new one is one compare-and-set: of two that try, one has the new token.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Loader, Reader } from '../../database/reader'
import type { UnitOfWork } from '../../database/unit-of-work'
import { AuthAccess, AuthGrant, AuthToken } from '../../entities'
import type { RequestContext } from '../context'
import { parseUuid } from '../identifiers'
import { limitsJson, parseAccess, type AccessItem } from './access'

/** How long a token is good for. */
export const TOKEN_SECONDS = 600
/** How long after that it can still be changed for a new one. */
const ROTATION_SECONDS = 2_592_000
const TOKEN_BYTES = 32
/** Grants removed in one go. */
const PURGE_MAX = 10_000

/** A token as it is handed out, the one time that anybody sees it. */
export interface IssuedToken {
  readonly value: string
  /** Names it to its management. */
  readonly id: string
  readonly expiresInSeconds: number
  readonly access: readonly AccessItem[]
}

export interface IssuedGrant {
  readonly id: string
  readonly token: IssuedToken
  /** Ends the grant. */
  readonly continueToken: string
}

/** What a token that is good says. */
export interface ActiveToken {
  readonly grantId: string
  readonly client: string
  readonly access: readonly AccessItem[]
}

interface TokenRow {
  readonly hash: string
  readonly grant_id: string
  readonly client: string
  readonly expires_at: Date
  readonly access: unknown
}

const GRANT_COLUMNS = `auth_grant.id AS grant_id, auth_grant.client, (
    SELECT json_agg(json_strip_nulls(json_build_object('type', type, 'actions', actions, 'identifier', identifier,
      'limits', limits)) ORDER BY position) FROM auth_access WHERE auth_access.grant_id = auth_grant.id) AS access`

/** Hashes travel as hexadecimal text, so that keys can be compared. */
const BY_HASH = `SELECT encode(auth_token.hash, 'hex') AS hash, auth_token.expires_at, ${GRANT_COLUMNS}
  FROM auth_token JOIN auth_grant ON auth_grant.id = auth_token.grant_id
  WHERE auth_token.hash = ANY(ARRAY(SELECT decode(key, 'hex') FROM unnest($1::text[]) AS key))
    AND auth_grant.revoked_at IS NULL`

const BY_ID = {
  name: 'auth_token_by_id',
  text: `SELECT encode(auth_token.hash, 'hex') AS hash, auth_token.expires_at, ${GRANT_COLUMNS}
    FROM auth_token JOIN auth_grant ON auth_grant.id = auth_token.grant_id
    WHERE auth_token.id = $1 AND auth_token.hash = $2 AND auth_grant.revoked_at IS NULL`
} as const

const GRANT = {
  name: 'auth_grant_by_continuation',
  text: 'SELECT client FROM auth_grant WHERE id = $1 AND continue_hash = $2 AND revoked_at IS NULL'
} as const

const ROTATE = `UPDATE auth_token SET hash = $3, expires_at = $4 WHERE id = $1 AND hash = $2`
const REVOKE = `DELETE FROM auth_token WHERE id = $1 AND hash = $2`
const END = `UPDATE auth_grant SET revoked_at = $3 WHERE id = $1 AND continue_hash = $2 AND revoked_at IS NULL`

/** Payments know their grant by their own record of it, so nothing refers to what goes here. */
const PURGE = `DELETE FROM auth_grant WHERE id = ANY(ARRAY(
    SELECT auth_grant.id FROM auth_grant WHERE auth_grant.created_at < $1 AND NOT EXISTS (
      SELECT FROM auth_token WHERE auth_token.grant_id = auth_grant.id AND auth_token.expires_at >= $1)
    LIMIT ${PURGE_MAX}))`

export class GrantService {
  private readonly byHash: Loader<string, TokenRow>

  constructor(
    private readonly reader: Reader,
    private readonly unitOfWork: UnitOfWork
  ) {
    this.byHash = reader.loader<string, TokenRow>('auth_token_by_hash', BY_HASH, ({ hash }) => hash)
  }

  /** Grants these rights to a client. Whether it may have them, the caller has decided. */
  async issue(context: RequestContext, client: string, access: readonly AccessItem[]): Promise<IssuedGrant> {
    const id = randomUUID()
    const continueToken = newToken()
    const value = newToken()
    const tokenId = randomUUID()
    const createdAt = context.now()
    await this.unitOfWork.run(async (manager) => {
      await manager.insert(AuthGrant, { id, client, continueHash: hashOf(continueToken), createdAt, revokedAt: null })
      for (const [position, { type, actions, identifier = null, limits }] of access.entries()) {
        const row = { grantId: id, position, type, actions: [...actions], identifier }
        await manager.insert(AuthAccess, { ...row, limits: limits ? (limitsJson(limits) as object) : null })
      }
      await manager.insert(AuthToken, { id: tokenId, grantId: id, hash: hashOf(value), expiresAt: expiryOf(createdAt) })
    })
    return { id, continueToken, token: { value, id: tokenId, expiresInSeconds: TOKEN_SECONDS, access } }
  }

  /** What a token allows now; undefined when it is unknown, expired or revoked. */
  async introspect(token: string, now: Date): Promise<ActiveToken | undefined> {
    const row = await this.byHash.load(hashOf(token).toString('hex'))
    return row && row.expires_at > now ? activeOf(row) : undefined
  }

  /** Whose token it is, expired or not; undefined when the management id and the token do not belong together. */
  async owner(id: string, token: string): Promise<ActiveToken | undefined> {
    const uuid = parseUuid(id)
    if (uuid === undefined) return undefined
    const [row] = await this.reader.rows<TokenRow & Record<string, unknown>>({
      ...BY_ID,
      values: [uuid, hashOf(token)]
    })
    return row && activeOf(row)
  }

  /** Changes the token for a new one, whether it has expired or not. The old one is worth nothing from then on. */
  async rotate(context: RequestContext, id: string, token: string): Promise<IssuedToken | undefined> {
    const owner = await this.owner(id, token)
    if (!owner) return undefined
    const value = newToken()
    const values = [id.toLowerCase(), hashOf(token), hashOf(value), expiryOf(context.now())]
    if (!(await this.touches(ROTATE, values))) return undefined
    return { value, id: id.toLowerCase(), expiresInSeconds: TOKEN_SECONDS, access: owner.access }
  }

  /** False when there is no such token. */
  async revoke(id: string, token: string): Promise<boolean> {
    const uuid = parseUuid(id)
    return uuid !== undefined && this.touches(REVOKE, [uuid, hashOf(token)])
  }

  /** The client of a grant, as far as the token is the one that ends it. */
  async clientOf(grantId: string, continueToken: string): Promise<string | undefined> {
    const uuid = parseUuid(grantId)
    if (uuid === undefined) return undefined
    const [row] = await this.reader.rows<{ client: string }>({ ...GRANT, values: [uuid, hashOf(continueToken)] })
    return row?.client
  }

  /** Ends a grant with all its tokens. False when there is none. */
  async end(context: RequestContext, grantId: string, continueToken: string): Promise<boolean> {
    const uuid = parseUuid(grantId)
    return uuid !== undefined && this.touches(END, [uuid, hashOf(continueToken), context.now()])
  }

  /** Removes grants whose tokens cannot even be changed for new ones any more. */
  async purge(now: Date): Promise<void> {
    const before = new Date(now.getTime() - ROTATION_SECONDS * 1_000)
    await this.unitOfWork.run((manager) => manager.query(PURGE, [before]))
  }

  private async touches(text: string, values: unknown[]): Promise<boolean> {
    const [, count] = await this.unitOfWork.run((manager) => manager.query<[unknown, number]>(text, values))
    return count === 1
  }
}

function activeOf({ grant_id: grantId, client, access }: TokenRow): ActiveToken {
  const items = parseAccess(access)
  if (!items) throw new Error(`the rights of grant ${grantId} cannot be read`)
  return { grantId, client, access: items }
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function expiryOf(now: Date): Date {
  return new Date(now.getTime() + TOKEN_SECONDS * 1_000)
}
