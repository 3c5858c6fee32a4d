/** Agents set their own rates. */
import type { GroupWriter } from '../../../database/group-writer'
import type { Loader, Reader } from '../../../database/reader'
import type { MergedRow } from '../../../database/statement'
import { done } from '../../answer'
import type { RampAnswer } from '../failures'
import { OVERTAKEN, unlessOvertaken, untilNotOvertaken } from '../parties/overtaken'
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

const STORE = 'ramp_agent_rates'

/**
 * Stores rates only while the market is the one that they were derived from. Whoever moves the market waits
 * for this, and this for it, so no agent's rate is left behind. Agents are held in the
 * order of their ids, as everywhere.
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

export class AgentRates {
  private readonly markets: Loader<string, MarketRow>

  constructor(
    reader: Reader,
    private readonly writer: GroupWriter
  ) {
    this.markets = reader.loader<string, MarketRow>('ramp_agent_market', MARKET_TEXT, ({ id }) => id)
  }

  /** Sets the rate and the margin of each side that is asked about. `agentId` is that of an agent that exists. */
  update(agentId: string, wishes: RateWishes): Promise<RampAnswer<true>> {
    return untilNotOvertaken(async () => {
      const row = await this.markets.load(agentId)
      if (!row) throw new Error(`there is no agent ${agentId}`)
      const derived = deriveRates(wishes, marketOf(row))
      if (!derived.done) return derived
      const stored = await unlessOvertaken([STORE], this.writer.write([storeRow(row, derived.value)]))
      return stored === OVERTAKEN ? OVERTAKEN : done(true)
    })
  }
}

function storeRow({ id, currency_code: code, buy, sell }: MarketRow, { deposit, withdrawal }: DerivedRates): MergedRow {
  const sides = [deposit?.rate, deposit?.margin, withdrawal?.rate, withdrawal?.margin].map((value) => value ?? null)
  return { name: STORE, text: STORE_TEXT, row: [id, code, buy, sell, ...sides] }
}

function marketOf({ buy, sell }: MarketRow): Market | undefined {
  return buy === null || sell === null ? undefined : { buy: BigInt(buy), sell: BigInt(sell) }
}
