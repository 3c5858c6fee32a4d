import { Column, Entity, PrimaryColumn, Unique } from 'typeorm'

/** What another server's authority lets this service do there. */
@Entity('remote_grant')
@Unique('remote_grant_key', ['authServer', 'accessType', 'actions'])
export class RemoteGrant {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'remote_grant_pkey' })
  id!: string

  /** URL at which the authority grants. */
  @Column('text', { name: 'auth_server' })
  authServer!: string

  /** Kind of resource: `incoming-payment`. */
  @Column('text', { name: 'access_type' })
  accessType!: string

  /** Sorted and separated by commas. */
  @Column('text')
  actions!: string

  /** The access token, sealed; null until there is one. */
  @Column('text', { nullable: true })
  token!: string | null

  /** Where the token is rotated. */
  @Column('text', { name: 'manage_url', nullable: true })
  manageUrl!: string | null

  /** Null: the token does not expire. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null

  /** Until then one instance is asking for a new token; the others wait. */
  @Column('timestamptz', { name: 'leased_until', nullable: true })
  leasedUntil!: Date | null

  /** Names the lease. */
  @Column('uuid', { nullable: true })
  lease!: string | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
