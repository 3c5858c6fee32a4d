import type { GraphQLSchema } from 'graphql'
import type { DependencyContainer } from 'tsyringe'
import { buildSchemaSync } from 'type-graphql'
import { resolversFrom } from '../shared/resolvers'
import { HistoryResolver } from './history-resolver'
import { OrderResolver } from './order-resolver'
import { PaymentMethodResolver } from './payment-method-resolver'
import { ProfileResolver } from './profile-resolver'
import { RatesResolver } from './rates-resolver'
import { WithdrawalResolver } from './withdrawal-resolver'

/**
 * The schema of the Agent API, its resolvers made from the container when they are first needed. The context of
 * an operation is its `RampContext`.
 */
export function buildAgentSchema(container: DependencyContainer): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      HistoryResolver,
      OrderResolver,
      PaymentMethodResolver,
      ProfileResolver,
      RatesResolver,
      WithdrawalResolver
    ],
    orphanedTypes: [],
    container: resolversFrom(container),
    // Inputs are checked by their scalars and by the use cases.
    validate: false
  })
}
