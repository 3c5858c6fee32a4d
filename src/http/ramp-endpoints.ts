/** The Agent and the Merchant API of a service that was put together. */
import type { DependencyContainer } from 'tsyringe'
import { buildAgentSchema } from '../resolvers/agent/schema'
import { buildMerchantSchema, PUBLIC_FIELDS } from '../resolvers/merchant/schema'
import { RampClock } from '../services/ramp/operator/ramp-clock'
import { RampKeyService } from '../services/ramp/parties/ramp-key-service'
import { rampEndpoint, type RampEndpointOptions } from './ramp-endpoint'
import type { Route } from './routes'

export interface RampEndpointsOptions extends Pick<RampEndpointOptions, 'logger' | 'limits' | 'hasGraphiql'> {
  readonly agentPath: string
  readonly merchantPath: string
  /** Takes plain HTTP from everywhere. */
  readonly rampTestMode: boolean
}

export function rampEndpoints(container: DependencyContainer, options: RampEndpointsOptions): Route[] {
  const { agentPath, merchantPath, rampTestMode: takesPlaintext, logger, limits, hasGraphiql } = options
  const keys = container.resolve(RampKeyService)
  const { now } = container.resolve(RampClock)
  const endpoint = { keys, takesPlaintext, logger, limits, hasGraphiql, now }
  return [
    rampEndpoint({ ...endpoint, path: agentPath, kind: 'agent', schema: buildAgentSchema(container) }),
    rampEndpoint({
      ...endpoint,
      path: merchantPath,
      kind: 'merchant',
      schema: buildMerchantSchema(container),
      publicFields: PUBLIC_FIELDS
    })
  ]
}
