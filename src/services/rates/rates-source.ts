/** Where rates come from: the operator's rates URL, or a file. */
import { readFile } from 'node:fs/promises'
import { readBody } from './response-body'
import { dividedBy, ONE } from './ratio'
import { parseRateTable, RatesUnavailable, type RateTable } from './rate-table'

export interface RatesSource {
  /** The rates from one asset code. @throws RatesUnavailable */
  fetch(base: string): Promise<RateTable>
}

/** Largest answer that is read, in bytes. */
const BODY_BYTES_MAX = 1_048_576

/** `GET <url>?base=<code>`, answered with 200 and a table of that very base. */
export class HttpRatesSource implements RatesSource {
  constructor(
    private readonly url: string,
    /** For the whole exchange. */
    private readonly timeoutMilliseconds: number
  ) {}

  async fetch(base: string): Promise<RateTable> {
    const table = parseRateTable(await this.request(base))
    if (table.base !== base) throw new RatesUnavailable('the rates are of another base than was asked for')
    return table
  }

  private async request(base: string): Promise<string> {
    const url = new URL(this.url)
    url.searchParams.set('base', base)
    try {
      const signal = AbortSignal.timeout(this.timeoutMilliseconds)
      const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error', signal })
      const body = await readBody(response, BODY_BYTES_MAX)
      if (response.status === 200) return body
      throw new RatesUnavailable(`the rates URL answered ${response.status}`)
    } catch (error) {
      throw error instanceof RatesUnavailable ? error : new RatesUnavailable('the rates URL gave no answer', error)
    }
  }
}

/**
 * One table in a file, which is read again whenever rates are asked for. Rates from other codes than its base
 * follow from it: when one USD is two EUR and three CHF, then one EUR is three halves of a CHF.
 * Markets have no such relation to each other, so they are known from the base only.
 */
export class FileRatesSource implements RatesSource {
  constructor(private readonly path: string) {}

  async fetch(base: string): Promise<RateTable> {
    const table = parseRateTable(await this.read())
    const all = new Map(table.rates).set(table.base, ONE)
    const own = all.get(base)
    const rates = own ? [...all].map(([code, rate]) => [code, dividedBy(rate, own)] as const) : []
    return { base, rates: new Map(rates), ...(base === table.base && table.sides ? { sides: table.sides } : {}) }
  }

  private async read(): Promise<string> {
    try {
      return await readFile(this.path, 'utf8')
    } catch (error) {
      throw new RatesUnavailable('the file of rates cannot be read', error)
    }
  }
}
