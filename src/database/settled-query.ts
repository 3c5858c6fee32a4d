import { Query, type QueryResult, type QueryResultRow } from 'pg'

type Settle = (error: Error | null, result: unknown) => void

/**
 * A query of the driver's that is waited for by a promise. It is made straight from its parts: of an object of settings
 * the driver first makes a copy, property by property, which costs more than sending it.
 */
export class SettledQuery<Row extends QueryResultRow> extends Query<Row, unknown[]> {
  readonly done: Promise<QueryResult<Row>>
  isSettled = false
  protected readonly settle: Settle

  constructor(text: string, values: readonly unknown[]) {
    super(text, values as unknown[])
    let settle: Settle = () => undefined
    this.done = new Promise<QueryResult<Row>>((resolve, reject) => {
      settle = (error, result) => {
        this.isSettled = true
        if (error) reject(error)
        else resolve(result as QueryResult<Row>)
      }
    })
    this.settle = settle
    // Where the driver looks for it.
    Object.assign(this, { callback: settle })
  }
}
