import type { QueryResultRow } from 'pg'
import { SettledQuery } from './settled-query'
import type { Statement } from './statement'

/** A statement that the server plans once, under its name. */
export class NamedQuery<Row extends QueryResultRow> extends SettledQuery<Row> {
  constructor({ name, text, values }: Statement) {
    super(text, values)
    Object.assign(this, { name })
  }
}
