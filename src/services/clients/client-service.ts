import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { UnitOfWork } from '../../database/unit-of-work'
import { Client, ClientKey } from '../../entities'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import { orRefused } from '../storage-refusals'
import { isStorable } from '../text'

export type ClientFailure =
  /** A text is too long or cannot be stored. */
  | 'invalid_text'
  | 'unknown_client'
  /** The key's id is not a UUID. */
  | 'invalid_key_id'
  /** There is a key of this id. */
  | 'duplicate_key_id'
  /** The JWK is not a JSON object, or is too large. */
  | 'invalid_jwk'
  | 'unknown_key'

export interface CreateClient {
  readonly name: string
  readonly uri: string
  readonly image: string
  readonly email: string
}

export interface AddClientKey {
  /** UUID of the new key. */
  readonly id: string
  readonly clientId: string
  /** A JWK as JSON text. */
  readonly jwk: string
}

/** A client with its keys, newest first, revoked ones included. */
export interface ClientWithKeys {
  readonly client: Client
  readonly keys: readonly ClientKey[]
}

/** Characters of a JWK as text. */
const JWK_LENGTH_MAX = 4_096
/** Keys shown of one client, the newest. */
const KEYS_SHOWN_MAX = 1_000

export class ClientService {
  private readonly reads: EntityReads<Client>

  constructor(
    entities: EntityReader,
    private readonly unitOfWork: UnitOfWork,
    private readonly identifiers: Identifiers
  ) {
    this.reads = entities.of(Client)
  }

  async create(context: RequestContext, input: CreateClient): Promise<Answer<ClientWithKeys, 'invalid_text'>> {
    const { name, uri, image, email } = input
    if (![name, uri, image, email].every((text) => isStorable(text))) return refused('invalid_text')
    const client: Client = { id: this.identifiers.next(), name, uri, image, email, createdAt: context.now() }
    await this.unitOfWork.run((manager) => manager.insert(Client, client))
    return done({ client, keys: [] })
  }

  async find(id: string): Promise<ClientWithKeys | undefined> {
    const uuid = parseUuid(id)
    const client = uuid === undefined ? undefined : await this.reads.find(uuid)
    return client && { client, keys: await this.keysOf(client.id) }
  }

  async addKey(
    context: RequestContext,
    input: AddClientKey
  ): Promise<Answer<ClientWithKeys, Exclude<ClientFailure, 'invalid_text' | 'unknown_key'>>> {
    const clientId = parseUuid(input.clientId)
    const client = clientId === undefined ? undefined : await this.reads.find(clientId)
    if (!client) return refused('unknown_client')
    const id = parseUuid(input.id)
    if (id === undefined) return refused('invalid_key_id')
    const jwk = parseJwk(input.jwk)
    if (!jwk) return refused('invalid_jwk')
    const key: ClientKey = { id, clientId: client.id, jwk, createdAt: context.now() }
    return orRefused(['duplicate_key_id'], async () => {
      await this.unitOfWork.run((manager) => manager.insert(ClientKey, key))
      return done({ client, keys: await this.keysOf(client.id) })
    })
  }

  /** Marks the key as revoked, for ever. Doing so again changes nothing. */
  async revokeKey(_context: RequestContext, id: string): Promise<Answer<string, 'unknown_key'>> {
    const uuid = parseUuid(id)
    if (uuid === undefined) return refused('unknown_key')
    return this.unitOfWork.run(async (manager) => {
      const key = await manager.findOne(ClientKey, { where: { id: uuid }, lock: { mode: 'for_no_key_update' } })
      if (!key) return refused('unknown_key')
      await manager.update(ClientKey, { id: uuid }, { jwk: { ...key.jwk, revoked: true } })
      return done(uuid)
    })
  }

  /** A key with its client, for those who check signatures. */
  async findKey(id: string): Promise<{ key: ClientKey; client: Client } | undefined> {
    const uuid = parseUuid(id)
    if (uuid === undefined) return undefined
    return this.unitOfWork.run(async (manager) => {
      const key = await manager.findOneBy(ClientKey, { id: uuid })
      const client = key && (await manager.findOneBy(Client, { id: key.clientId }))
      return key && client ? { key, client } : undefined
    })
  }

  private keysOf(clientId: string): Promise<ClientKey[]> {
    return this.unitOfWork.run((manager) =>
      manager.find(ClientKey, { where: { clientId }, order: { createdAt: 'DESC', id: 'DESC' }, take: KEYS_SHOWN_MAX })
    )
  }
}

function parseJwk(text: string): object | undefined {
  if (!isStorable(text, JWK_LENGTH_MAX) || text.includes('\\u0000')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? value : undefined
  } catch {
    return undefined
  }
}
