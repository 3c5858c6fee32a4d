/** Agents set their own rates. */
import type { GroupWriter } from '../../../database/group-writer'
import type { Loader, Reader } from '../../../database/reader'
import type { MergedRow } from '../../../database/statement'
import { AttachmentRefused, WriterBusy } from '../../../database/write-errors'
import { done } from '../../answer'
import type { RampAnswer } from '../failures'
import { deriveRates, type DerivedRates, type Market, type RateWishes } from './derivation'

interface MarketRow {
  readonly id: string
  readonly currency_code: string
  /** Null where the currency has no market rate. */
  readonly buy: string | null
  readonly sell: string | null
}

/** The market of each agent's currency. */
const MARKET_TEXT = `SELECT agent.id, country.currency_code, market.buy, market.sell
  FROM ramp_agent AS agent JOIN ramp_country AS country ON country.id = agent.country_id
  LEFT JOIN ramp_market_rate AS market ON market.currency_code = country.currency_code
  WHERE agent.id = ANY($1::uuid[])`

/**
 * Stores rates only while the market is the one that they were derived from. Whoever moves the market waits
 * for this, and this for it, so no agent's rate is left behind. Agents are held in the order of their ids, as everywhere.
 */
const STORE_TEXT = `WITH fresh AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[],
      $7::numeric[], $8::numeric[])
      AS fresh (id, currency_code, buy, sell, deposit_rate, deposit_margin, withdrawal_rate, withdrawal_margin)
  ), market AS MATERIALIZED (
    SELECT currency_code, buy, sell FROM ramp_market_rate
    WHERE currency_code IN (SELECT currency_code FROM fresh) ORDER BY currency_code FOR SHARE
  ), valid AS MATERIALIZED (
    SELECT fresh.* FROM fresh JOIN market USING (currency_code, buy, sell)
  ), held AS MATERIALIZED (
    SELECT id FROM ramp_agent WHERE id IN (SELECT id FROM valid) ORDER BY id FOR NO KEY UPDATE
  )
  UPDATE ramp_agent AS agent SET
    deposit_rate = coalesce(valid.deposit_rate, agent.deposit_rate),
    deposit_margin = coalesce(valid.deposit_margin, agent.deposit_margin),
    withdrawal_rate = coalesce(valid.withdrawal_rate, agent.withdrawal_rate),
    withdrawal_margin = coalesce(valid.withdrawal_margin, agent.withdrawal_margin)
  FROM valid JOIN held USING (id) WHERE agent.id = valid.id`

/** How often rates are derived anew because the market moved meanwhile. */
const ATTEMPTS_MAX = 8

export class AgentRates {
  private readonly markets: Loader<string, MarketRow>

  constructor(
    reader: Reader,
    private readonly writer: GroupWriter
  ) {
    this.markets = reader.loader<string, MarketRow>('ramp_agent_market', MARKET_TEXT, ({ id }) => id)
  }

  /** Sets the rate and the margin of each side that is asked about. `agentId` is that of an agent that exists. */
  async update(agentId: string, wishes: RateWishes): Promise<RampAnswer<true>> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const row = await this.markets.load(agentId)
      if (!row) throw new Error(`there is no agent ${agentId}`)
      const derived = deriveRates(wishes, marketOf(row))
      if (!derived.done) return derived
      if (await this.store(row, derived.value)) return done(true)
    }
    throw new WriterBusy('the market moves faster than rates can be stored; try again later')
  }

  /** Whether it was stored: not when the market moved. */
  private async store({ id, currency_code: code, buy, sell }: MarketRow, derived: DerivedRates): Promise<boolean> {
    const { deposit, withdrawal } = derived
    const sides = [deposit?.rate, deposit?.margin, withdrawal?.rate, withdrawal?.margin].map((value) => value ?? null)
    const row: MergedRow = { name: 'ramp_agent_rates', text: STORE_TEXT, row: [id, code, buy, sell, ...sides] }
    try {
      await this.writer.write([row])
      return true
    } catch (error) {
      if (error instanceof AttachmentRefused && error.constraint === undefined) return false
      throw error
    }
  }
}

function marketOf({ buy, sell }: MarketRow): Market | undefined {
  return buy === null || sell === null ? undefined : { buy: BigInt(buy), sell: BigInt(sell) }
}
