/** Orders in the hands of agents, read and stored in their two parts: the state, and the terms that never change. */
import type { EntityReader } from '../../database/entity-reader'
import type { EntityColumns, EntityTable } from '../../database/entity-table'
import type { Loader, Reader } from '../../database/reader'
import type { MergedRow } from '../../database/statement'
import type { RampPayment } from '../../entities'
import { RampPaymentState } from '../../entities/ramp/payment'
import { RampPaymentTerms } from '../../entities/ramp/payment-terms'

/** Both parts, for statements that select `columns` of `payment`. */
export const FROM_PAYMENTS = 'FROM ramp_payment AS payment JOIN ramp_payment_terms AS terms ON terms.id = payment.id'

export class Payments {
  /** Of the state as `payment`, and of the terms as `terms`. */
  readonly columns: EntityColumns<RampPayment>
  private readonly state: EntityTable<RampPaymentState>
  private readonly terms: EntityTable<RampPaymentTerms>
  private readonly byId: Loader<string, Readonly<Record<string, unknown>> & { readonly id: string }>

  constructor(entities: EntityReader, reader: Reader) {
    this.state = entities.of(RampPaymentState).table
    this.terms = entities.of(RampPaymentTerms).table
    this.columns = this.state.all.joined(this.terms.all, 'terms')
    const text = `SELECT ${this.columns.select('payment')} ${FROM_PAYMENTS} WHERE payment.id = ANY($1::uuid[])`
    this.byId = reader.loader('ramp_payment_by_id', text, (row) => row.id)
  }

  /** `id` is a UUID in canonical form. */
  async find(id: string): Promise<RampPayment | undefined> {
    const row = await this.byId.load(id)
    return row && this.columns.entityOf(row)
  }

  /** What stores a new one. The state refers to the terms, so they come first. */
  rows(payment: RampPayment): MergedRow[] {
    return [this.terms.row(payment), this.state.row(payment)]
  }
}
