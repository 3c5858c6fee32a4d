/** Puts together agents, merchants, customers, their keys and payment methods, and the ramp's own accounts. */
import { EntityReader } from '../../../database/entity-reader'
import { GroupWriter } from '../../../database/group-writer'
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Ledger } from '../../../ledger/ledger'
import { Identifiers } from '../../identifiers'
import type { Registry } from '../../registry'
import { Secrets } from '../../secrets'
import { RampOutbox } from '../webhooks/outbox'
import { AgentLiquidity } from './agent-liquidity'
import { AgentService } from './agent-service'
import { CountryService } from './country-service'
import { CustomerService } from './customer-service'
import { FloatService } from './float-service'
import { MerchantService } from './merchant-service'
import { PaymentMethodService } from './payment-method-service'
import { RampAccounts } from './ramp-accounts'
import { RampKeyService } from './ramp-key-service'

/** `RampOutbox` is registered with the webhooks. */
export function registerParties({ register, get }: Registry): void {
  register(CountryService, () => new CountryService(get(EntityReader), get(Reader), get(UnitOfWork)))
  register(RampAccounts, () => new RampAccounts(get(Reader), get(Ledger), get(Identifiers)))
  register(
    PaymentMethodService,
    () =>
      new PaymentMethodService(
        get(EntityReader),
        get(Reader),
        get(GroupWriter),
        get(UnitOfWork),
        get(Ledger),
        get(Identifiers),
        get(CountryService),
        get(RampAccounts)
      )
  )
  register(
    AgentLiquidity,
    () =>
      new AgentLiquidity(
        get(Ledger),
        get(Identifiers),
        get(CountryService),
        get(PaymentMethodService),
        get(RampAccounts)
      )
  )
  register(
    AgentService,
    () =>
      new AgentService(
        get(EntityReader),
        get(Ledger),
        get(UnitOfWork),
        get(Identifiers),
        get(CountryService),
        get(RampAccounts),
        get(AgentLiquidity)
      )
  )
  register(
    MerchantService,
    () => new MerchantService(get(EntityReader), get(Ledger), get(UnitOfWork), get(Identifiers), get(RampAccounts))
  )
  register(
    CustomerService,
    () => new CustomerService(get(EntityReader), get(Reader), get(GroupWriter), get(Identifiers), get(CountryService))
  )
  register(
    RampKeyService,
    () => new RampKeyService(get(EntityReader), get(Reader), get(UnitOfWork), get(Secrets), get(Identifiers))
  )
  register(
    FloatService,
    () => new FloatService(get(Ledger), get(AgentService), get(MerchantService), get(RampAccounts), get(RampOutbox))
  )
}
