/** Reads webhook events by id and by page. */
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import { pageOf, type Page, type PageRequest, type PageRow } from '../../database/keyset'
import type { Reader } from '../../database/reader'
import { WebhookEvent } from '../../entities/webhook-event'
import { parseUuid } from '../identifiers'
import { isStorable } from '../text'
import { choicePageStatement } from './choice-page'

export class WebhookEvents {
  private readonly reads: EntityReads<WebhookEvent>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader
  ) {
    this.reads = entities.of(WebhookEvent)
  }

  /** Undefined also for an id that is no UUID. */
  async find(id: string): Promise<WebhookEvent | undefined> {
    const uuid = parseUuid(id)
    return uuid === undefined ? undefined : this.reads.find(uuid)
  }

  /** In the order of (created_at, id). `types`: only events of these; absent or empty: all. */
  async page(request: PageRequest, types: readonly string[] = []): Promise<Page<WebhookEvent>> {
    if (types.length === 0) return this.reads.page(request)
    const { table } = this.reads
    const source = { table: table.name, select: table.select('entry'), column: 'type' }
    // No event has a type that no column takes.
    const statement = choicePageStatement(
      source,
      request,
      types.filter((type) => isStorable(type))
    )
    const rows = await this.reader.rows<Record<string, unknown> & PageRow>(statement)
    return pageOf(rows, request, (row) => table.entityOf(row))
  }
}
