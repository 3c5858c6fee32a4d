/**
 * A statement as a query of the driver's, made straight from its parts: what the driver does with an object of
 * settings, it copies property by property first, which costs more than sending it.
 */
import { Query, type QueryResult, type QueryResultRow } from 'pg'
import type { Statement } from './statement'

type Settle = (error: Error | null, result: unknown) => void

export class NamedQuery<Row extends QueryResultRow> extends Query<Row, unknown[]> {
  readonly done: Promise<QueryResult<Row>>

  constructor({ name, text, values }: Statement) {
    super(text, values as unknown[])
    let callback: Settle = () => undefined
    this.done = new Promise<QueryResult<Row>>((resolve, reject) => {
      callback = (error, result) => (error ? reject(error) : resolve(result as QueryResult<Row>))
    })
    Object.assign(this, { name, callback })
  }
}
