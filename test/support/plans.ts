/** How PostgreSQL carries statements out. */
import type { DataSource } from 'typeorm'
import { HOT_READ_SETTINGS } from '../../src/database/reader'
import type { Statement } from '../../src/database/statement'

export interface Plans {
  /** Tables that are read whole. */
  readonly whole: string[]
  /** Indexes that are used, in order of their names, once for each use. */
  readonly indexes: string[]
}

/** With the settings that the service sends its reads with. */
export async function plansOf(dataSource: DataSource, statements: readonly Statement[]): Promise<Plans> {
  const nodes: Record<string, unknown>[] = []
  await dataSource.transaction(async (manager) => {
    for (const [name, value] of Object.entries(HOT_READ_SETTINGS)) {
      await manager.query(`SELECT set_config($1, $2, true)`, [name, value])
    }
    for (const { text, values } of statements) {
      const [row] = (await manager.query(`EXPLAIN (FORMAT JSON) ${text}`, [...values])) as Record<string, unknown>[]
      collect((row!['QUERY PLAN'] as { Plan: Record<string, unknown> }[])[0]!.Plan, nodes)
    }
  })
  const of = (type: RegExp, property: string): string[] =>
    nodes.filter((node) => type.test(String(node['Node Type']))).map((node) => String(node[property]))
  return { whole: of(/^Seq Scan$/, 'Relation Name'), indexes: of(/Index/, 'Index Name').sort() }
}

function collect(plan: Record<string, unknown>, nodes: Record<string, unknown>[]): void {
  nodes.push(plan)
  for (const inner of (plan['Plans'] ?? []) as Record<string, unknown>[]) collect(inner, nodes)
}
