/** The use cases behind the operator routes. */
import type { DependencyContainer } from 'tsyringe'
import { ClockKeeper } from '../../services/ramp/operator/clock-keeper'
import { RampDeliveries } from '../../services/ramp/webhooks/deliveries'

export interface OperatorServices {
  readonly clock: ClockKeeper
  readonly deliveries: RampDeliveries
}

export function operatorServicesOf(container: DependencyContainer): OperatorServices {
  return {
    clock: container.resolve(ClockKeeper),
    deliveries: container.resolve(RampDeliveries)
  }
}
