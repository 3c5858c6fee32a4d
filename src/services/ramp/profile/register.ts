/** Puts together what agents see and set of themselves, and the market that they are measured against. */
import { EntityReader } from '../../../database/entity-reader'
import { GroupWriter } from '../../../database/group-writer'
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Ledger } from '../../../ledger/ledger'
import { RatesService } from '../../rates/rates-service'
import type { Registry } from '../../registry'
import { OrderHistory } from '../history/order-history'
import { Payments } from '../payments'
import { AgentRates } from '../rates/agent-rates'
import { MarketFeed } from '../rates/market-feed'
import { MarketRates } from '../rates/market-rates'
import { ProfileService } from './profile-service'

export function registerAgentViews({ register, get }: Registry): void {
  register(MarketRates, () => new MarketRates(get(Reader), get(UnitOfWork)))
  register(MarketFeed, () => new MarketFeed(get(Reader), get(RatesService), get(MarketRates)))
  register(AgentRates, () => new AgentRates(get(Reader), get(GroupWriter)))
  register(ProfileService, () => new ProfileService(get(EntityReader), get(Ledger)))
  register(OrderHistory, () => new OrderHistory(get(Payments), get(Reader)))
}
