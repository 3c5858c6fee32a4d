import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { Client } from './client'

/** A public key of a client. */
@Entity('client_key')
@Index('client_key_client', ['clientId', 'createdAt', 'id'])
@Check('client_key_jwk', `jsonb_typeof(jwk) = 'object'`)
export class ClientKey {
  /** Chosen by the caller. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'client_key_pkey' })
  id!: string

  @Column('uuid', { name: 'client_id' })
  @ForeignKey(() => Client, { name: 'client_key_client_id' })
  clientId!: string

  /** As it was given, with `revoked: true` once it is. */
  @Column('jsonb')
  jwk!: object

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
