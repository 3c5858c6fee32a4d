/** Entities by id and by page, read through the pipelined connections. */
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm'
import { EntityTable } from './entity-table'
import { pageOf, pageStatement, type Page, type PageRequest, type PageRow, type Scope } from './keyset'
import type { Loader, Reader } from './reader'

type Row = Record<string, unknown> & { readonly id: string }

export class EntityReader {
  private readonly known = new Map<EntityTarget<ObjectLiteral>, EntityReads<ObjectLiteral>>()

  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: Reader
  ) {}

  of<Entity extends ObjectLiteral & { id: string }>(target: EntityTarget<Entity>): EntityReads<Entity> {
    let reads = this.known.get(target)
    if (!reads) {
      reads = new EntityReads(this.reader, new EntityTable<ObjectLiteral>(this.dataSource.getMetadata(target)))
      this.known.set(target, reads)
    }
    return reads as unknown as EntityReads<Entity>
  }
}

export class EntityReads<Entity extends ObjectLiteral> {
  private readonly byId: Loader<string, Row>

  constructor(
    private readonly reader: Reader,
    readonly table: EntityTable<Entity>
  ) {
    const text = `SELECT ${table.select()} FROM ${table.name} WHERE id = ANY($1::uuid[])`
    this.byId = reader.loader<string, Row>(`${table.name}_by_id`, text, (row) => row.id)
  }

  /** `id` is a UUID in canonical form. Merged with what else is asked for in the same turn. */
  async find(id: string): Promise<Entity | undefined> {
    const row = await this.byId.load(id)
    return row && this.table.entityOf(row)
  }

  /** A loader of this entity by something else than its id. */
  loader<Key extends string>(name: string, text: string, keyOf: (entity: Entity) => Key): Loader<Key, Entity> {
    const rows = this.reader.loader<Key, Row>(name, text, (row) => keyOf(this.table.entityOf(row)))
    return {
      load: async (key) => {
        const row = await rows.load(key)
        return row && this.table.entityOf(row)
      }
    }
  }

  /** `select`: the select list of the table, if it is not the plain one. */
  async page(request: PageRequest, scope?: Scope, select = this.table.select()): Promise<Page<Entity>> {
    const source = { table: this.table.name, select, scope }
    const rows = await this.reader.rows<Row & PageRow>(pageStatement(source, request))
    return pageOf(rows, request, (row) => this.table.entityOf(row))
  }
}
