/** The pages of orders of a service that was put together. */
import type { DependencyContainer } from 'tsyringe'
import type { RootLogger } from '../../logging'
import { HostedPages } from '../../services/ramp/hosted/hosted-pages'
import { RampClock } from '../../services/ramp/operator/ramp-clock'
import type { Route } from '../routes'
import { hostedRoutes } from './routes'

export interface HostedWiring {
  readonly hostedPath: string
  readonly hostedRequestsPerAddressMax: number
  readonly hostedCommandsPerOrderMax: number
  /** Takes plain HTTP from everywhere. */
  readonly rampTestMode: boolean
}

export function hostedPages(container: DependencyContainer, settings: HostedWiring, logger: RootLogger): Route[] {
  const { hostedPath, hostedRequestsPerAddressMax, hostedCommandsPerOrderMax, rampTestMode } = settings
  return hostedRoutes({
    path: hostedPath,
    pages: container.resolve(HostedPages),
    limits: { requestsPerAddress: hostedRequestsPerAddressMax, commandsPerOrder: hostedCommandsPerOrderMax },
    takesPlaintext: rampTestMode,
    logger,
    now: container.resolve(RampClock).now
  })
}
