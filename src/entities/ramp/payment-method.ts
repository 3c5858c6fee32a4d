import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import { RampRail } from './rail'

export const METHOD_OWNER_KINDS = ['agent', 'customer'] as const
export type MethodOwnerKind = (typeof METHOD_OWNER_KINDS)[number]

/** Whose account it is: that of whoever registered it, or of somebody else. */
export const METHOD_OWNERSHIPS = ['first_party', 'third_party'] as const
export type MethodOwnership = (typeof METHOD_OWNERSHIPS)[number]

/** Which orders it serves. */
export const METHOD_DESIGNATIONS = ['deposit', 'withdrawal', 'both'] as const
export type MethodDesignation = (typeof METHOD_DESIGNATIONS)[number]

export interface MethodField {
  readonly identifier: string
  readonly value: string
}

const oneOf = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ')

/** An account on a rail, of an agent or of a customer. */
@Entity('ramp_payment_method')
@Index('ramp_payment_method_of_owner', ['ownerId', 'createdAt', 'id'])
@Index('ramp_payment_method_of_rail', ['railId'], { where: `owner_kind = 'agent' AND deleted_at IS NULL` })
@Index('ramp_payment_method_same', ['ownerId', 'railId', 'fingerprint'], {
  unique: true,
  where: `owner_kind = 'customer' AND deleted_at IS NULL`
})
@Check('ramp_payment_method_owner_kind', `owner_kind IN (${oneOf(METHOD_OWNER_KINDS)})`)
@Check('ramp_payment_method_ownership', `ownership IN (${oneOf(METHOD_OWNERSHIPS)})`)
@Check('ramp_payment_method_designation', `designation IN (${oneOf(METHOD_DESIGNATIONS)})`)
@Check('ramp_payment_method_liquidity', `(owner_kind = 'agent') = (liquidity_account_id IS NOT NULL)`)
export class RampPaymentMethod {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_payment_method_pkey' })
  id!: string

  @Column('text', { name: 'owner_kind' })
  ownerKind!: MethodOwnerKind

  @Column('uuid', { name: 'owner_id' })
  ownerId!: string

  @Column('uuid', { name: 'rail_id' })
  @ForeignKey(() => RampRail, { name: 'ramp_payment_method_rail' })
  railId!: string

  /** In the order of the rail. */
  @Column('jsonb')
  fields!: MethodField[]

  /** SHA-256 of the fields: a customer's account is known by it. */
  @Column('bytea')
  fingerprint!: Buffer

  /** A friendly label: whose account it is, and its number. */
  @Column('text')
  value!: string

  @Column('text', { nullable: true })
  ownership!: MethodOwnership | null

  @Column('text')
  designation!: MethodDesignation

  /** Money arrives at once. */
  @Column('boolean', { name: 'is_instant' })
  isInstant!: boolean

  /** The ledger account of the fiat that an agent declared to have there; null for a customer's. */
  @Column('bigint', { name: 'liquidity_account_id', nullable: true, transformer: wholeNumber })
  liquidityAccountId!: bigint | null

  /** Counts the declarations, so that none is worked out from what another one has changed. */
  @Column('integer', { name: 'liquidity_version' })
  liquidityVersion!: number

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null
}
