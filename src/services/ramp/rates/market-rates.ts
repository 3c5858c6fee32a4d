/** What a USD costs and brings on the market of each currency, and what follows when that moves. */
import type { Loader, Reader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { done, refused } from '../../answer'
import type { RampAnswer } from '../failures'
import { isRate, RATE_LIMIT, type Market } from './derivation'

interface MarketRow {
  readonly currency_code: string
  readonly buy: string
  readonly sell: string
}

const FIND_TEXT = 'SELECT currency_code, buy, sell FROM ramp_market_rate WHERE currency_code = ANY($1::text[])'

const SET_TEXT = `INSERT INTO ramp_market_rate (currency_code, buy, sell, updated_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (currency_code) DO UPDATE SET buy = excluded.buy, sell = excluded.sell, updated_at = excluded.updated_at`

/**
 * Agents whose rates follow the market, in the order of their ids so that none of two markets waits for the
 * other. A side that was never set stays unset. A margin that leaves no rate ends the side's offers rather than
 * leave them at a rate of another market.
 */
const FOLLOW_TEXT = `WITH follower AS (
    SELECT agent.id FROM ramp_agent AS agent JOIN ramp_country AS country ON country.id = agent.country_id
    WHERE country.currency_code = $1 AND (agent.auto_update_deposit_rate OR agent.auto_update_withdrawal_rate)
    ORDER BY agent.id FOR NO KEY UPDATE OF agent
  )
  UPDATE ramp_agent AS agent SET
    deposit_rate = CASE
      WHEN NOT agent.auto_update_deposit_rate OR agent.deposit_rate IS NULL THEN agent.deposit_rate
      WHEN $2::numeric + agent.deposit_margin < $4::numeric THEN $2::numeric + agent.deposit_margin END,
    withdrawal_rate = CASE
      WHEN NOT agent.auto_update_withdrawal_rate OR agent.withdrawal_rate IS NULL THEN agent.withdrawal_rate
      WHEN $3::numeric > agent.withdrawal_margin THEN $3::numeric - agent.withdrawal_margin END
  FROM follower WHERE agent.id = follower.id`

export class MarketRates {
  private readonly markets: Loader<string, MarketRow>

  constructor(
    reader: Reader,
    private readonly unitOfWork: UnitOfWork
  ) {
    this.markets = reader.loader<string, MarketRow>('ramp_market_rate_of', FIND_TEXT, ({ currency_code: code }) => code)
  }

  /** The market of a currency, if it is known. */
  async find(currencyCode: string): Promise<Market | undefined> {
    const row = await this.markets.load(currencyCode)
    return row && { buy: BigInt(row.buy), sell: BigInt(row.sell) }
  }

  /** Moves the market of a currency and, with it, the rates of the agents who follow it. */
  async set(now: Date, currencyCode: string, { buy, sell }: Market): Promise<RampAnswer<Market>> {
    if (!isRate(buy) || !isRate(sell)) return refused('INVALID_RATE')
    await this.unitOfWork.run(async (manager) => {
      // The market's row comes first: agents who set their own rates meanwhile wait for it, or it for them.
      await manager.query(SET_TEXT, [currencyCode, buy, sell, now])
      await manager.query(FOLLOW_TEXT, [currencyCode, buy, sell, RATE_LIMIT])
    })
    return done({ buy, sell })
  }
}
