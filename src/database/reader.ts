/**
 * Reads on the hot path: named statements on a few pipelined connections, and loaders that answer all
 * requests of one turn of the event loop with a single query.
 */
import DataLoader from 'dataloader'
import type { QueryResultRow } from 'pg'
import { Pipeline } from './pipeline'
import type { Statement } from './statement'

/** A planner that never trusts the statistics of a young table: an index is always the right choice here. */
export const HOT_READ_SETTINGS = {
  enable_seqscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  statement_timeout: '10000'
}

/** Most keys in one merged query. */
const MERGED_KEYS_MAX = 1_000
/** Most queries of one loader under way. What is asked for meanwhile makes the next one, as large as it gets. */
const UNDER_WAY_MAX = 2

export interface Loader<Key, Row> {
  /** The row of a key, or undefined. Never cached: each call sees what is committed when its query runs. */
  load(key: Key): Promise<Row | undefined>
}

export interface ListLoader<Key, Row> {
  /** All rows of a key, in the order of the query. Never cached either. */
  load(key: Key): Promise<readonly Row[]>
}

export class Reader {
  private readonly pipelines: Pipeline[]
  private next = 0

  constructor(options: {
    url: string
    connections?: number
    /** In place of some of those of hot reads. */
    settings?: Readonly<Record<string, string>>
    /** As of a pipeline. */
    silenceMilliseconds?: number
    onError?: (error: Error) => void
  }) {
    this.pipelines = Array.from(
      { length: options.connections ?? 2 },
      () =>
        new Pipeline({
          url: options.url,
          name: 'hazina read',
          settings: { ...HOT_READ_SETTINGS, ...options.settings },
          silenceMilliseconds: options.silenceMilliseconds,
          onError: options.onError
        })
    )
  }

  rows<Row extends QueryResultRow>(statement: Statement): Promise<Row[]> {
    this.next = (this.next + 1) % this.pipelines.length
    const pipeline = this.pipelines[this.next]
    if (!pipeline) throw new Error('a reader needs at least one connection')
    return pipeline.query<Row>(statement)
  }

  /** Executes a statement for all who ask before it is sent: each sees what is committed when it runs. */
  shared<Row extends QueryResultRow>(statement: Statement): () => Promise<readonly Row[]> {
    const gate = new Gate()
    let next: Promise<Row[]> | undefined
    const read = (): Promise<Row[]> => {
      next = undefined
      return gate.pass(() => this.rows<Row>(statement))
    }
    return () => (next ??= new Promise<void>((resolve) => gate.whenFree(resolve)).then(read))
  }

  /**
   * Merges the keys asked for in one turn of the event loop, or while earlier ones are being read, into one execution
   * of `text`, whose parameter `$1` is an array of keys. Each row is matched to its key by `keyOf`. Keys are compared
   * as text. `more` gives the further parameters, if any, when the query is sent.
   */
  loader<Key extends string | number | bigint, Row extends QueryResultRow>(
    name: string,
    text: string,
    keyOf: (row: Row) => Key,
    more: () => readonly unknown[] = () => []
  ): Loader<Key, Row> {
    const read = (keys: readonly Key[]): Promise<Row[]> => this.rows({ name, text, values: [keys, ...more()] })
    return merged(MERGED_KEYS_MAX, async (keys: readonly Key[]) => {
      const byKey = new Map((await read(keys)).map((row) => [String(keyOf(row)), row]))
      return (key) => byKey.get(key)
    })
  }

  /** The same for keys that have any number of rows each, so many keys at a time. */
  lists<Key extends string, Row extends QueryResultRow>(
    name: string,
    text: string,
    keyOf: (row: Row) => Key,
    keysMax: number
  ): ListLoader<Key, Row> {
    return merged(keysMax, async (keys: readonly Key[]) => {
      const byKey = new Map<string, Row[]>(keys.map((key) => [key, []]))
      for (const row of await this.rows<Row>({ name, text, values: [keys] })) byKey.get(keyOf(row))?.push(row)
      return (key) => byKey.get(key) ?? []
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.pipelines.map((pipeline) => pipeline.close()))
  }
}

/** Calls `read` with the keys that were asked for together, each once; it answers with what to find them by. */
function merged<Key, Found>(
  keysMax: number,
  read: (keys: readonly Key[]) => Promise<(key: string) => Found>
): DataLoader<Key, Found> {
  const gate = new Gate()
  return new DataLoader<Key, Found>(
    async (keys) => {
      const find = await gate.pass(() => read([...new Set(keys)]))
      return keys.map((key) => find(String(key)))
    },
    { cache: false, maxBatchSize: keysMax, batchScheduleFn: (dispatch) => gate.whenFree(dispatch) }
  )
}

/** Lets so many through at a time; nobody waits while there is room. */
class Gate {
  private underWay = 0
  private readonly waiting: (() => void)[] = []

  /** Calls back at the end of the turn in which there is room. */
  whenFree(callback: () => void): void {
    if (this.underWay < UNDER_WAY_MAX) setImmediate(callback)
    else this.waiting.push(callback)
  }

  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    this.underWay++
    try {
      return await work()
    } finally {
      this.underWay--
      const next = this.waiting.shift()
      if (next) setImmediate(next)
    }
  }
}
