/**
 * Markets that the source of exchange rates knows both sides of. They follow it; all others are the operator's
 * to set.
 */
import type { Reader } from '../../../database/reader'
import type { RequestContext } from '../../context'
import type { Ratio } from '../../rates/ratio'
import type { RatesService } from '../../rates/rates-service'
import { RATE_SCALE } from '../money'
import type { MarketRates } from './market-rates'

const USD = 'USD'
const FACTOR = 10n ** BigInt(RATE_SCALE)

const ANYBODY = {
  name: 'ramp_agent_is_there',
  text: 'SELECT EXISTS (SELECT 1 FROM ramp_agent) AS is_there',
  values: []
}

export class MarketFeed {
  constructor(
    private readonly reader: Reader,
    private readonly rates: RatesService,
    private readonly markets: MarketRates
  ) {}

  /** Takes over what the source says by now. Doing it twice, or in two instances, does no harm. */
  async follow({ logger, now }: Pick<RequestContext, 'logger' | 'now'>): Promise<void> {
    if (!(await this.isAnybodyThere())) return
    const sides = await this.rates.sides(logger, USD)
    for (const [code, { buy, sell }] of sides) {
      const market = { buy: nearest(buy), sell: nearest(sell) }
      const known = await this.markets.find(code)
      if (known && known.buy === market.buy && known.sell === market.sell) continue
      const answer = await this.markets.set(now(), code, market)
      if (!answer.done) logger.warn({ code }, 'the source of exchange rates has a market rate that cannot be used')
    }
  }

  /** A service without agents does not bother its source of rates. */
  private async isAnybodyThere(): Promise<boolean> {
    const [row] = await this.reader.rows<{ is_there: boolean }>(ANYBODY)
    return row?.is_there ?? false
  }
}

/** In micro-units, half up. */
function nearest({ numerator, denominator }: Ratio): bigint {
  return (2n * numerator * FACTOR + denominator) / (2n * denominator)
}
