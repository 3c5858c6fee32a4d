import { specifiedDirectives, type GraphQLSchema } from 'graphql'
import type { DependencyContainer } from 'tsyringe'
import { buildSchemaSync } from 'type-graphql'
import { resolversFrom } from '../shared/resolvers'
import { ApiKeyResolver } from './api-key-resolver'
import { AssetResolver } from './asset-resolver'
import { ClientResolver } from './client-resolver'
import { attachDirectives, DIRECTIVES, type Attached } from './directives'
import { EventLiquidityResolver } from './event-liquidity-resolver'
import { IncomingPaymentResolver } from './incoming-payment-resolver'
import { TransferMutationResponse } from './interfaces'
import { LiquidityResolver } from './liquidity-resolver'
import { OutgoingPaymentResolver } from './outgoing-payment-resolver'
import { PaymentPointerResolver, PaymentsOfPaymentPointerResolver } from './payment-pointer-resolver'
import { PeerResolver } from './peer-resolver'
import { QuoteResolver } from './quote-resolver'

/**
 * The schema of Admin API v1, its resolvers made from the container when they are first needed. The context
 * of an operation is its `V1Context`.
 */
export function buildAdminV1Schema(container: DependencyContainer, attached: Attached = {}): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      ApiKeyResolver,
      AssetResolver,
      ClientResolver,
      EventLiquidityResolver,
      IncomingPaymentResolver,
      LiquidityResolver,
      OutgoingPaymentResolver,
      PaymentPointerResolver,
      PaymentsOfPaymentPointerResolver,
      PeerResolver,
      QuoteResolver
    ],
    orphanedTypes: [TransferMutationResponse],
    directives: [...specifiedDirectives, ...DIRECTIVES],
    container: resolversFrom(container),
    // Inputs are checked by their scalars and by the use cases.
    validate: false
  })
  return attachDirectives(schema, attached)
}
