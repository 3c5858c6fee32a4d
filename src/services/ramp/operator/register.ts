/** Puts together what the operator of the ramp uses, and what tells agents and merchants. */
import { EntityReader } from '../../../database/entity-reader'
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Ledger } from '../../../ledger/ledger'
import { Identifiers } from '../../identifiers'
import type { Registry } from '../../registry'
import { ChargebackService } from '../chargebacks/chargeback-service'
import { Payments } from '../payments'
import { RampDeliveries } from '../webhooks/deliveries'
import { RampOutbox } from '../webhooks/outbox'
import { ClockKeeper } from './clock-keeper'
import { CustomerDays } from './customer-days'
import { RampClock } from './ramp-clock'
import type { OperatorSettings } from './settings'

export function registerOperator({ register, get }: Registry, settings: OperatorSettings): void {
  register(RampOutbox, () => new RampOutbox(get(Identifiers)))
  register(RampDeliveries, () => new RampDeliveries(get(Reader), get(UnitOfWork)))
  register(RampClock, () => new RampClock())
  register(ClockKeeper, () => new ClockKeeper(get(RampClock), get(Reader), get(UnitOfWork), settings.rampTestMode))
  register(CustomerDays, () => new CustomerDays(get(UnitOfWork)))
  register(
    ChargebackService,
    () =>
      new ChargebackService(
        get(EntityReader),
        get(Payments),
        get(Ledger),
        get(UnitOfWork),
        get(RampOutbox),
        get(Identifiers)
      )
  )
}
