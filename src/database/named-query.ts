import type { QueryResultRow } from 'pg'
import { SettledQuery } from './settled-query'
import type { Statement } from './statement'

interface Field {
  readonly name: string
  readonly dataTypeID: number
}

/** What the driver makes of the description of a statement's rows. */
interface RowShape {
  readonly fields: readonly Field[]
  readonly _parsers: unknown
  readonly _prebuiltEmptyResultObject: unknown
}

/** The parts of pg's query that its published types leave out. */
interface DescribedQuery {
  readonly name: string
  readonly _result: RowShape
  _accumulateRows: boolean
  handleRowDescription(message: { readonly fields: readonly Field[] }): void
}

/** By the names of statements, of which the service has a few hundred. */
const shapes = new Map<string, RowShape>()

/**
 * A statement that the server plans once, under its name. The server describes its rows each time, and to understand a
 * description takes the driver longer than to read a row: so that happens once, too.
 */
export class NamedQuery<Row extends QueryResultRow> extends SettledQuery<Row> {
  constructor({ name, text, values }: Statement) {
    super(text, values)
    Object.assign(this, { name })
  }

  handleRowDescription(message: { readonly fields: readonly Field[] }): void {
    const query = this as unknown as DescribedQuery
    const known = shapes.get(query.name)
    if (known && isSame(known.fields, message.fields)) {
      Object.assign(query._result, known)
      query._accumulateRows = true
      return
    }
    const driver = SettledQuery.prototype as unknown as DescribedQuery
    driver.handleRowDescription.call(query, message)
    const { fields, _parsers, _prebuiltEmptyResultObject } = query._result
    shapes.set(query.name, { fields, _parsers, _prebuiltEmptyResultObject })
  }
}

function isSame(known: readonly Field[], fields: readonly Field[]): boolean {
  if (known.length !== fields.length) return false
  return known.every(({ name, dataTypeID }, index) => {
    const field = fields[index]!
    return field.name === name && field.dataTypeID === dataTypeID
  })
}
