import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm'
import { RAMP_BEARER_KINDS, type RampBearerKind } from './bearer-kind'

/** A credential of an agent or a merchant. Of each kind of key a bearer has one that works. */
@Entity('ramp_api_key')
@Unique('ramp_api_key_hash', ['hash'])
@Index('ramp_api_key_current', ['bearerKind', 'bearerId', 'isSecret'], { unique: true, where: 'revoked_at IS NULL' })
@Index('ramp_api_key_revoked', ['bearerKind', 'bearerId', 'isSecret', 'revokedAt', 'id'], {
  where: 'revoked_at IS NOT NULL'
})
@Check('ramp_api_key_bearer', `bearer_kind IN (${RAMP_BEARER_KINDS.map((kind) => `'${kind}'`).join(', ')})`)
@Check('ramp_api_key_webhook', 'webhook_url IS NULL OR webhook_token IS NOT NULL')
export class RampApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_api_key_pkey' })
  id!: string

  @Column('text', { name: 'bearer_kind' })
  bearerKind!: RampBearerKind

  @Column('uuid', { name: 'bearer_id' })
  bearerId!: string

  /** A public key may be shown to customers and reads little. */
  @Column('boolean', { name: 'is_secret' })
  isSecret!: boolean

  /** Keyed hash; the key itself is not kept. */
  @Column('bytea')
  hash!: Buffer

  /** Prefix, first four, an ellipsis, last four. */
  @Column('text')
  masked!: string

  /** Where the bearer is told what happens; null to be told nothing. */
  @Column('text', { name: 'webhook_url', nullable: true })
  webhookUrl!: string | null

  /** Sent with each webhook, and the key of its signature. */
  @Column('text', { name: 'webhook_token', nullable: true })
  webhookToken!: string | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null
}
