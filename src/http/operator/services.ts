/** The use cases behind the operator routes. */
import type { ClockKeeper } from '../../services/ramp/operator/clock-keeper'
import type { RampDeliveries } from '../../services/ramp/webhooks/deliveries'

export interface OperatorServices {
  readonly clock: ClockKeeper
  readonly deliveries: RampDeliveries
}
