/**
 * Exchange rates, exact, and never older than their lifetime.
 *
 * Rates are kept in memory for each base. When less than half of their lifetime remains, a read is answered
 * from memory and starts a refresh. Reads that need the same base at the same time share one fetch. A fetch
 * that fails is forgotten with the reads that waited for it: the next read asks again.
 */
import type { Logger } from '../context'
import { ONE, powerOfTen, times, type Ratio } from './ratio'
import { RatesUnavailable, type RateSides, type RateTable } from './rate-table'
import type { RatesSource } from './rates-source'

export interface RatesOptions {
  readonly lifetimeMilliseconds: number
  /** Milliseconds on a clock that never goes back; by default the process's. */
  readonly now?: () => number
}

/** A unit of account, as far as conversions go. */
export interface Unit {
  readonly assetCode: string
  /** How many decimal places the smallest unit has. */
  readonly assetScale: number
}

export function unitOf({ code, scale }: { readonly code: string; readonly scale: number }): Unit {
  return { assetCode: code, assetScale: scale }
}

/** Told of a refresh that failed: the log of the request that caused it. */
type RatesLogger = Pick<Logger, 'warn'>

interface Cached {
  readonly table: RateTable
  readonly fetchedMilliseconds: number
}

/** Most bases that are kept; the one that was fetched first makes room. */
const BASES_MAX = 1_000

const NO_SIDES: ReadonlyMap<string, RateSides> = new Map()

export class RatesService {
  private readonly cache = new Map<string, Cached>()
  private readonly fetching = new Map<string, Promise<RateTable>>()
  private readonly lifetimeMilliseconds: number
  private readonly now: () => number

  constructor(
    /** Absent: only equal codes can be exchanged. */
    private readonly source: RatesSource | undefined,
    options: RatesOptions
  ) {
    this.lifetimeMilliseconds = options.lifetimeMilliseconds
    this.now = options.now ?? (() => performance.now())
  }

  /**
   * Smallest units of `destination` for one smallest unit of `source`. Undefined if there is no rate. Equal
   * codes differ in scale only and need no rates.
   *
   * @throws RatesUnavailable
   */
  async conversion(logger: RatesLogger, source: Unit, destination: Unit): Promise<Ratio | undefined> {
    const rate = await this.rate(logger, source.assetCode, destination.assetCode)
    return rate && times(rate, powerOfTen(destination.assetScale - source.assetScale))
  }

  /** Units of `destination` for one unit of `source`; undefined if there is no rate. @throws RatesUnavailable */
  async rate(logger: RatesLogger, source: string, destination: string): Promise<Ratio | undefined> {
    if (source === destination) return ONE
    if (!this.source) return undefined
    return (await this.table(logger, source, this.source)).rates.get(destination)
  }

  /** Markets against one unit of `base`, as far as the source knows both sides. @throws RatesUnavailable */
  async sides(logger: RatesLogger, base: string): Promise<ReadonlyMap<string, RateSides>> {
    if (!this.source) return NO_SIDES
    return (await this.table(logger, base, this.source)).sides ?? NO_SIDES
  }

  private async table(logger: RatesLogger, base: string, source: RatesSource): Promise<RateTable> {
    const cached = this.cache.get(base)
    const age = cached ? this.now() - cached.fetchedMilliseconds : Infinity
    if (!cached || age >= this.lifetimeMilliseconds) return this.fetch(base, source)
    if (age > this.lifetimeMilliseconds / 2) this.refresh(logger, base, source)
    return cached.table
  }

  private refresh(logger: RatesLogger, base: string, source: RatesSource): void {
    this.fetch(base, source).catch((error: unknown) => {
      logger.warn({ error, base }, 'Exchange rates could not be refreshed')
    })
  }

  private fetch(base: string, source: RatesSource): Promise<RateTable> {
    let fetching = this.fetching.get(base)
    if (!fetching) {
      fetching = this.fetchAndKeep(base, source).finally(() => this.fetching.delete(base))
      this.fetching.set(base, fetching)
    }
    return fetching
  }

  private async fetchAndKeep(base: string, source: RatesSource): Promise<RateTable> {
    // The rates are as old as the request for them, however long the answer took.
    const fetchedMilliseconds = this.now()
    const table = await source.fetch(base)
    if (this.now() - fetchedMilliseconds >= this.lifetimeMilliseconds) {
      throw new RatesUnavailable('the rates were out of date when they arrived')
    }
    this.cache.delete(base)
    this.cache.set(base, { table, fetchedMilliseconds })
    if (this.cache.size > BASES_MAX) this.cache.delete(this.cache.keys().next().value!)
    return table
  }
}
