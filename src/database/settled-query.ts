import { Query, type QueryResult, type QueryResultRow } from 'pg'

type Settle = (error: Error | null, result: unknown) => void

/**
 * A query of the driver's that is waited for by a promise. It is made straight from its parts: of an object of settings
 * the driver first makes a copy, property by property, which costs more than sending it.
 */
export class SettledQuery<Row extends QueryResultRow> extends Query<Row, unknown[]> {
  readonly done: Promise<QueryResult<Row>>

  constructor(text: string, values: readonly unknown[]) {
    super(text, values as unknown[])
    let callback: Settle = () => undefined
    this.done = new Promise<QueryResult<Row>>((resolve, reject) => {
      callback = (error, result) => (error ? reject(error) : resolve(result as QueryResult<Row>))
    })
    Object.assign(this, { callback })
  }
}
