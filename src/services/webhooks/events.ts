/** Reads webhook events by id and by page. */
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import { pageOf, type Page, type PageRequest, type PageRow } from '../../database/keyset'
import type { Reader } from '../../database/reader'
import type { Statement } from '../../database/statement'
import { WebhookEvent } from '../../entities/webhook-event'
import { parseUuid } from '../identifiers'

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
    const statement = typedPageStatement(this.reads.table.select('event'), request, types)
    const rows = await this.reader.rows<Record<string, unknown> & PageRow>(statement)
    return pageOf(rows, request, (row) => this.reads.table.entityOf(row))
  }
}

/**
 * A page of some types. Each type contributes its own next rows from the index of that type, so a rare type
 * among many events costs no more than a frequent one.
 */
function typedPageStatement(select: string, request: PageRequest, types: readonly string[]): Statement {
  const forward = request.direction === 'forward'
  const [ahead, behind, order] = forward ? ['>', '<', 'ASC'] : ['<', '>', 'DESC']
  const fromCursor = `(event.created_at, event.id) ${ahead}
    ((SELECT created_at FROM webhook_event WHERE id = $2), $2::uuid)`
  const where = request.cursor === undefined ? '$2::uuid IS NULL' : fromCursor
  const probe = (condition: string): string => `
    FROM unnest($3::text[]) AS wanted (type) CROSS JOIN LATERAL (
      SELECT ${select} FROM webhook_event AS event WHERE event.type = wanted.type AND ${condition}
      ORDER BY event.created_at ${order}, event.id ${order} LIMIT $1::int) AS event`
  const sorted = `ORDER BY created_at ${order}, id ${order}`
  return {
    name: `webhook_event_of_types_${request.direction}_${request.cursor === undefined ? 'edge' : 'cursor'}`,
    text: `WITH page AS MATERIALIZED (SELECT event.* ${probe(where)} ${sorted} LIMIT $1::int)
      SELECT page.*, EXISTS (
        SELECT FROM unnest($3::text[]) AS wanted (type) CROSS JOIN LATERAL (
          SELECT FROM webhook_event AS event WHERE event.type = wanted.type
          AND (event.created_at, event.id) ${behind} (SELECT created_at, id FROM page ${sorted} LIMIT 1)
          LIMIT 1) AS near) AS beyond
      FROM page ${sorted}`,
    values: [request.limit + 1, request.cursor ?? null, [...new Set(types)]]
  }
}
