import type { GraphQLSchema } from 'graphql'
import type { DependencyContainer } from 'tsyringe'
import { buildSchemaSync } from 'type-graphql'
import { resolversFrom } from '../shared/resolvers'
import { AccountResolver } from './account-resolver'
import { CustomerResolver } from './customer-resolver'
import { DirectResolver } from './direct-resolver'
import { HostedResolver } from './hosted-resolver'
import { NodeResolver } from './node-resolver'
import { OnchainResolver } from './onchain-resolver'
import { PaymentMethodResolver } from './payment-method-resolver'
import { PaymentRequestResolver } from './payment-request-resolver'
import { QuoteResolver } from './quote-resolver'
import { ReferenceResolver } from './reference-resolver'
import { VirtualAccountResolver } from './virtual-account-resolver'

/** Root fields that change and tell nothing of an account: a public key opens them. */
export const PUBLIC_FIELDS: readonly string[] = [
  'availableCountries',
  'p2pPaymentMethodTypes',
  'marketRate',
  'rampableAssets',
  'rampLimits',
  'confirmTransaction'
]

/**
 * The schema of the Merchant API, its resolvers made from the container when they are first needed. The context
 * of an operation is its `RampContext`.
 */
export function buildMerchantSchema(container: DependencyContainer): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      AccountResolver,
      CustomerResolver,
      DirectResolver,
      HostedResolver,
      NodeResolver,
      OnchainResolver,
      PaymentMethodResolver,
      PaymentRequestResolver,
      QuoteResolver,
      ReferenceResolver,
      VirtualAccountResolver
    ],
    container: resolversFrom(container),
    // Inputs are checked by their scalars and by the use cases.
    validate: false
  })
}
