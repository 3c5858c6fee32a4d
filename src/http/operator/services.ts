/** The use cases behind the operator routes. */
import type { DependencyContainer } from 'tsyringe'
import { Balances } from '../../services/liquidity/balances'
import { ChargebackService } from '../../services/ramp/chargebacks/chargeback-service'
import { OnchainSettlement } from '../../services/ramp/onchain/onchain-settlement'
import { ClockKeeper } from '../../services/ramp/operator/clock-keeper'
import { LedgerReport } from '../../services/ramp/operator/ledger-report'
import { OrderService } from '../../services/ramp/orders/order-service'
import { AgentService } from '../../services/ramp/parties/agent-service'
import { CountryService } from '../../services/ramp/parties/country-service'
import { FloatService } from '../../services/ramp/parties/float-service'
import { MerchantService } from '../../services/ramp/parties/merchant-service'
import { PaymentMethodService } from '../../services/ramp/parties/payment-method-service'
import { RampKeyService } from '../../services/ramp/parties/ramp-key-service'
import { ProfileService } from '../../services/ramp/profile/profile-service'
import { MarketRates } from '../../services/ramp/rates/market-rates'
import { VirtualAccountSettlement } from '../../services/ramp/virtual-accounts/virtual-account-settlement'
import { RampDeliveries } from '../../services/ramp/webhooks/deliveries'

export interface OperatorServices {
  readonly agents: AgentService
  readonly balances: Balances
  readonly chargebacks: ChargebackService
  readonly clock: ClockKeeper
  readonly countries: CountryService
  readonly deliveries: RampDeliveries
  readonly floats: FloatService
  readonly keys: RampKeyService
  readonly markets: MarketRates
  readonly merchants: MerchantService
  readonly orders: OrderService
  readonly paymentMethods: PaymentMethodService
  readonly profiles: ProfileService
  readonly report: LedgerReport
  readonly settlement: OnchainSettlement
  readonly virtualAccounts: VirtualAccountSettlement
}

export function operatorServicesOf(container: DependencyContainer): OperatorServices {
  return {
    agents: container.resolve(AgentService),
    balances: container.resolve(Balances),
    chargebacks: container.resolve(ChargebackService),
    clock: container.resolve(ClockKeeper),
    countries: container.resolve(CountryService),
    deliveries: container.resolve(RampDeliveries),
    floats: container.resolve(FloatService),
    keys: container.resolve(RampKeyService),
    markets: container.resolve(MarketRates),
    merchants: container.resolve(MerchantService),
    orders: container.resolve(OrderService),
    paymentMethods: container.resolve(PaymentMethodService),
    profiles: container.resolve(ProfileService),
    report: container.resolve(LedgerReport),
    settlement: container.resolve(OnchainSettlement),
    virtualAccounts: container.resolve(VirtualAccountSettlement)
  }
}
