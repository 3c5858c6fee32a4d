/** Puts together what the operator of the ramp uses, and what tells agents and merchants. */
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Identifiers } from '../../identifiers'
import type { Registry } from '../../registry'
import { RampDeliveries } from '../webhooks/deliveries'
import { RampOutbox } from '../webhooks/outbox'
import { ClockKeeper } from './clock-keeper'
import { RampClock } from './ramp-clock'
import type { OperatorSettings } from './settings'

export function registerOperator({ register, get }: Registry, settings: OperatorSettings): void {
  register(RampOutbox, () => new RampOutbox(get(Identifiers)))
  register(RampDeliveries, () => new RampDeliveries(get(Reader), get(UnitOfWork)))
  register(RampClock, () => new RampClock())
  register(ClockKeeper, () => new ClockKeeper(get(RampClock), get(Reader), get(UnitOfWork), settings.rampTestMode))
}
