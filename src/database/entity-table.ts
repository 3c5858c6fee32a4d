/**
 * A table as its entity describes it, for statements that do not go through the ORM: hot reads, and rows that
 * are written in a transaction of the ledger.
 */
import type { EntityMetadata, ObjectLiteral, ValueTransformer } from 'typeorm'
import type { MergedRow, Statement } from './statement'

interface Column {
  /** Of the table in the statement; absent: the one that the columns are selected from. */
  readonly alias?: string
  readonly property: string
  readonly name: string
  /** In SQL. */
  readonly type: string
  readonly transformer: ValueTransformer | undefined
}

/** What must hold for a row to be inserted; where it does not, the row is refused. */
export interface RowGuard {
  readonly name: string
  /** What the guard knows beside the row. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly values: readonly unknown[]
  /** SQL behind the rows, which are called `fresh` and have the table's columns and the guard's. */
  readonly clause: string
}

/** Columns of a table that are read together, and what rows of them become. */
export class EntityColumns<Entity extends ObjectLiteral> {
  /** An entity with nothing in it, and the names of the columns in rows, by prefix. */
  private readonly empty: Readonly<Record<string, unknown>>
  private readonly labels = new Map<string, readonly string[]>()

  constructor(
    private readonly columns: readonly Column[],
    private readonly prototype: object
  ) {
    // Made in one piece: an object that is given so many properties one by one is slow to make, read and copy.
    this.empty = JSON.parse(
      JSON.stringify(Object.fromEntries(columns.map(({ property }) => [property, null])))
    ) as Record<string, null>
  }

  /**
   * All of them, for a select list. A prefix tells them from those of other tables in the same list. `instead` is
   * SQL in place of columns, by their names.
   */
  select(alias: string, prefix = '', instead: Readonly<Record<string, string>> = {}): string {
    const label = (name: string): string => (prefix === '' && !instead[name] ? '' : ` AS ${prefix}${name}`)
    return this.columns
      .map(({ name, alias: own = alias }) => `${instead[name] ?? `${own}.${name}`}${label(name)}`)
      .join(', ')
  }

  /** Some of them, for reads where all would be most of the cost. */
  part<Property extends keyof Entity & string>(properties: readonly Property[]): EntityColumns<Pick<Entity, Property>> {
    const columns = this.columns.filter(({ property }) => (properties as readonly string[]).includes(property))
    return new EntityColumns<Pick<Entity, Property>>(columns, Object.prototype)
  }

  /** With those of another table that it is joined to under this alias. What both have is read of this one. */
  joined<Other extends ObjectLiteral>(other: EntityColumns<Other>, alias: string): EntityColumns<Entity & Other> {
    const own = new Set(this.columns.map(({ property }) => property))
    const more = other.columns.filter(({ property }) => !own.has(property)).map((column) => ({ ...column, alias }))
    return new EntityColumns<Entity & Other>([...this.columns, ...more], Object.prototype)
  }

  /** The entity of a row that was selected with `select` and the same prefix. */
  entityOf(row: Readonly<Record<string, unknown>>, prefix = ''): Entity {
    const entity: Record<string, unknown> = { ...this.empty }
    const labels = this.labelsOf(prefix)
    for (const [index, { property, transformer }] of this.columns.entries()) {
      const value = row[labels[index]!]
      entity[property] = transformer ? (transformer.from(value) as unknown) : value
    }
    return Object.setPrototypeOf(entity, this.prototype) as Entity
  }

  private labelsOf(prefix: string): readonly string[] {
    let labels = this.labels.get(prefix)
    if (!labels) {
      labels = this.columns.map(({ name }) => prefix + name)
      this.labels.set(prefix, labels)
    }
    return labels
  }
}

export class EntityTable<Entity extends ObjectLiteral> {
  readonly name: string
  /** All of them. */
  readonly all: EntityColumns<Entity>
  private readonly columns: readonly Column[]
  private readonly insertText: string
  private readonly mergedText: string

  constructor(metadata: EntityMetadata) {
    this.name = metadata.tableName
    this.columns = metadata.columns.map(({ propertyName, databaseName, type, transformer }) => {
      if (Array.isArray(transformer)) throw new Error(`${metadata.name}.${propertyName} has several transformers`)
      return {
        property: propertyName,
        name: databaseName,
        type: typeof type === 'string' ? type : type.name,
        transformer
      }
    })
    this.all = new EntityColumns(this.columns, Object.getPrototypeOf(metadata.create()) as object)
    const into = `INSERT INTO ${this.name} (${this.columns.map(({ name }) => name).join(', ')})`
    this.insertText = `${into} VALUES (${this.columns.map((_, index) => `$${index + 1}`).join(', ')})`
    this.mergedText = `${into} SELECT * FROM unnest(${this.columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})`
  }

  /** All columns, for a select list. */
  select(alias = this.name, prefix = '', instead?: Readonly<Record<string, string>>): string {
    return this.all.select(alias, prefix, instead)
  }

  /** The entity of a row that was selected with `select` and the same prefix. */
  entityOf(row: Readonly<Record<string, unknown>>, prefix = ''): Entity {
    return this.all.entityOf(row, prefix)
  }

  /** Named `<table>_insert`. */
  insert(entity: Entity): Statement {
    const values = this.columns.map((column) => {
      const value = storedValue(entity, column)
      // The driver would take a JSON list for an array of the database.
      return isJson(column) && Array.isArray(value) ? JSON.stringify(value) : value
    })
    return { name: `${this.name}_insert`, text: this.insertText, values, rowsExpected: 1 }
  }

  /**
   * The same as a row that shares its statement with others. Named `<table>_insert_rows`, and behind it the
   * guard's name.
   */
  row(entity: Entity, guard?: RowGuard): MergedRow {
    const row = this.columns.map((column) => {
      const value = storedValue(entity, column)
      // Inside an array of parameters the driver would take a JSON list for a further dimension.
      return isJson(column) && value != null ? JSON.stringify(value) : value
    })
    if (!guard) return { name: `${this.name}_insert_rows`, text: this.mergedText, row }
    return {
      name: `${this.name}_insert_rows_${guard.name}`,
      text: this.guardedText(guard),
      row: [...row, ...guard.values]
    }
  }

  private guardedText({ columns, clause }: RowGuard): string {
    const all = [...this.columns, ...columns]
    const names = this.columns.map(({ name }) => name)
    return `INSERT INTO ${this.name} (${names.join(', ')})
      SELECT ${names.map((name) => `fresh.${name}`).join(', ')}
      FROM unnest(${all.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})
        AS fresh (${all.map(({ name }) => name).join(', ')}) ${clause}`
  }
}

function isJson({ type }: Column): boolean {
  return type === 'json' || type === 'jsonb'
}

function storedValue(entity: ObjectLiteral, { property, transformer }: Column): unknown {
  const value = (entity as Record<string, unknown>)[property]
  return transformer ? (transformer.to(value) as unknown) : value
}
