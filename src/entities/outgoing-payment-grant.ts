import { Entity, PrimaryColumn } from 'typeorm'

/** A grant under which payments were made. Whoever spends under it holds this row, so that limits are kept. */
@Entity('outgoing_payment_grant')
export class OutgoingPaymentGrant {
  /** As the authority names the grant. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'outgoing_payment_grant_pkey' })
  id!: string
}
