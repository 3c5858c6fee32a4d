import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'

/** What a client may do at the payment pointers of this service, as this service's own authority granted it. */
@Entity('auth_grant')
@Unique('auth_grant_continue_hash', ['continueHash'])
@Check('auth_grant_continue_hash_length', 'length(continue_hash) = 32')
export class AuthGrant {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'auth_grant_pkey' })
  id!: string

  /** URL of the client's payment pointer, whose keys sign the client's requests. */
  @Column('text')
  client!: string

  /** SHA-256 of the token that ends the grant. */
  @Column('bytea', { name: 'continue_hash' })
  continueHash!: Buffer

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null
}

/** One right of a grant. */
@Entity('auth_access')
@Check('auth_access_type', `type IN ('incoming-payment', 'outgoing-payment', 'quote')`)
@Check('auth_access_outgoing', `type <> 'outgoing-payment' OR identifier IS NOT NULL`)
export class AuthAccess {
  @PrimaryColumn('uuid', { name: 'grant_id', primaryKeyConstraintName: 'auth_access_pkey' })
  @ForeignKey(() => AuthGrant, { name: 'auth_access_grant', onDelete: 'CASCADE' })
  grantId!: string

  /** Place among the rights of the grant, from 0. */
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'auth_access_pkey' })
  position!: number

  @Column('text')
  type!: string

  @Column('text', { array: true })
  actions!: string[]

  /** The payment pointer that the right is bound to; null: any. */
  @Column('text', { nullable: true })
  identifier!: string | null

  /** Limits of what may be spent. */
  @Column('json', { nullable: true })
  limits!: Record<string, unknown> | null
}

/** What a client shows to use its grant. */
@Entity('auth_token')
@Unique('auth_token_hash', ['hash'])
@Index('auth_token_of_grant', ['grantId'])
@Index('auth_token_expires', ['expiresAt'])
@Check('auth_token_hash_length', 'length(hash) = 32')
export class AuthToken {
  /** Names the token to its management; stays the same when the token is exchanged for another one. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'auth_token_pkey' })
  id!: string

  @Column('uuid', { name: 'grant_id' })
  @ForeignKey(() => AuthGrant, { name: 'auth_token_grant', onDelete: 'CASCADE' })
  grantId!: string

  /** SHA-256 of the token. */
  @Column('bytea')
  hash!: Buffer

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date
}
