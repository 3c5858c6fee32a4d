/**
 * Grants of other servers, one of a kind for all instances. Whoever wants a new token takes the grant's lease
 * first, so that two instances never rotate the same token: the second would rotate one that is dead already.
 * No transaction is open while the other server is being waited for.
 */
import { randomUUID } from 'node:crypto'
import type { EntityReader } from '../../database/entity-reader'
import type { EntityTable } from '../../database/entity-table'
import type { Reader } from '../../database/reader'
import type { UnitOfWork } from '../../database/unit-of-work'
import { RemoteGrant } from '../../entities/remote-grant'
import type { Identifiers } from '../identifiers'
import type { SecretBox } from '../secret-box'

/** Which grant is meant: there is one of each kind. */
export interface GrantKey {
  /** URL at which the authority grants. */
  readonly authServer: string
  readonly accessType: 'incoming-payment'
  readonly actions: readonly string[]
}

export interface StoredToken {
  readonly value: string
  readonly manageUrl: string
  /** Undefined: never. */
  readonly expiresAt: Date | undefined
}

/** The right to ask for a new token, while it lasts. */
export interface GrantLease {
  readonly grantId: string
  readonly lease: string
  /** What there is, expired or not. */
  readonly token: StoredToken | undefined
}

const TOKEN = 'grant token'

const KEY_CONDITION = 'auth_server = $1 AND access_type = $2 AND actions = $3'

const CLAIM = `
  INSERT INTO remote_grant AS held (id, auth_server, access_type, actions, leased_until, lease, created_at)
  VALUES ($4, $1, $2, $3, statement_timestamp() + $6::int * interval '1 millisecond', $5, statement_timestamp())
  ON CONFLICT ON CONSTRAINT remote_grant_key DO UPDATE
    SET leased_until = excluded.leased_until, lease = excluded.lease
    WHERE held.leased_until IS NULL OR held.leased_until < statement_timestamp()
  RETURNING`

const SAVE = `
  UPDATE remote_grant SET token = $3, manage_url = $4, expires_at = $5, leased_until = NULL, lease = NULL
  WHERE id = $1 AND lease = $2`

const RELEASE = `UPDATE remote_grant SET leased_until = NULL, lease = NULL WHERE id = $1 AND lease = $2`
/** What never had a token is as if it had never been asked for. */
const FORGET = `DELETE FROM remote_grant WHERE id = $1 AND lease = $2 AND token IS NULL`

export class RemoteGrantStore {
  private readonly table: EntityTable<RemoteGrant>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: SecretBox,
    private readonly identifiers: Identifiers,
    private readonly leaseMilliseconds: number
  ) {
    this.table = entities.of(RemoteGrant).table
  }

  async find(key: GrantKey): Promise<StoredToken | undefined> {
    const [row] = await this.reader.rows({
      name: 'remote_grant_find',
      text: `SELECT ${this.table.select()} FROM remote_grant WHERE ${KEY_CONDITION}`,
      values: valuesOf(key)
    })
    return row && this.tokenOf(this.table.entityOf(row))
  }

  /** Undefined while another instance has the lease. */
  async claim(key: GrantKey): Promise<GrantLease | undefined> {
    const lease = randomUUID()
    const values = [...valuesOf(key), this.identifiers.next(), lease, this.leaseMilliseconds]
    const rows = await this.unitOfWork.run((manager) =>
      manager.query<Record<string, unknown>[]>(`${CLAIM} ${this.table.select('held')}`, values)
    )
    const [row] = rows
    if (!row) return undefined
    const grant = this.table.entityOf(row)
    return { grantId: grant.id, lease, token: this.tokenOf(grant) }
  }

  /** Gives the lease back. Without effect once it has run out and somebody else took it. */
  async save({ grantId, lease }: GrantLease, { value, manageUrl, expiresAt }: StoredToken): Promise<void> {
    const sealed = this.secrets.seal(TOKEN, value)
    await this.unitOfWork.run((manager) => manager.query(SAVE, [grantId, lease, sealed, manageUrl, expiresAt ?? null]))
  }

  /** Gives the lease back with nothing new. */
  async release({ grantId, lease }: GrantLease): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      await manager.query(FORGET, [grantId, lease])
      await manager.query(RELEASE, [grantId, lease])
    })
  }

  private tokenOf({ token, manageUrl, expiresAt }: RemoteGrant): StoredToken | undefined {
    if (token === null || manageUrl === null) return undefined
    return { value: this.secrets.open(TOKEN, token), manageUrl, expiresAt: expiresAt ?? undefined }
  }
}

function valuesOf({ authServer, accessType, actions }: GrantKey): string[] {
  return [authServer, accessType, [...actions].sort().join(',')]
}
