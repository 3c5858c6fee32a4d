/**
 * A table as its entity describes it, for statements that do not go through the ORM: hot reads, and rows that
 * are written in a transaction of the ledger.
 */
import type { EntityMetadata, ObjectLiteral, ValueTransformer } from 'typeorm'
import type { Statement } from './statement'

interface Column {
  readonly property: string
  readonly name: string
  readonly transformer: ValueTransformer | undefined
}

export class EntityTable<Entity extends ObjectLiteral> {
  readonly name: string
  private readonly columns: readonly Column[]
  private readonly insertText: string

  constructor(private readonly metadata: EntityMetadata) {
    this.name = metadata.tableName
    this.columns = metadata.columns.map(({ propertyName, databaseName, transformer }) => {
      if (Array.isArray(transformer)) throw new Error(`${metadata.name}.${propertyName} has several transformers`)
      return { property: propertyName, name: databaseName, transformer }
    })
    const names = this.columns.map((column) => column.name)
    this.insertText = `INSERT INTO ${this.name} (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`
  }

  /** All columns, for a select list. A prefix tells them from those of other tables in the same list. */
  select(alias = this.name, prefix = ''): string {
    const label = (name: string): string => (prefix === '' ? '' : ` AS ${prefix}${name}`)
    return this.columns.map(({ name }) => `${alias}.${name}${label(name)}`).join(', ')
  }

  /** The entity of a row that was selected with `select` and the same prefix. */
  entityOf(row: Readonly<Record<string, unknown>>, prefix = ''): Entity {
    const entity = this.metadata.create() as Record<string, unknown>
    for (const { property, name, transformer } of this.columns) {
      const value = row[prefix + name]
      entity[property] = transformer ? (transformer.from(value) as unknown) : value
    }
    return entity as Entity
  }

  /** Named `<table>_insert`. */
  insert(entity: Entity): Statement {
    const values = this.columns.map(({ property, transformer }) => {
      const value = (entity as Record<string, unknown>)[property]
      return transformer ? (transformer.to(value) as unknown) : value
    })
    return { name: `${this.name}_insert`, text: this.insertText, values, rowsExpected: 1 }
  }
}
