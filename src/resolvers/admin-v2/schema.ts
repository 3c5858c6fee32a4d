import type { GraphQLSchema } from 'graphql'
import type { DependencyContainer } from 'tsyringe'
import { buildSchemaSync } from 'type-graphql'
import { changeSubscriptions } from '../shared/changes'
import { resolversFrom } from '../shared/resolvers'
import { AssetResolver } from './asset-resolver'
import {
  PaymentStateChangedResolver,
  WebhookDeliveryGivenUpResolver,
  WebhookEventCreatedResolver
} from './change-resolver'
import { EventLiquidityResolver } from './event-liquidity-resolver'
import { FeeResolver } from './fee-resolver'
import { IncomingPaymentResolver, IncomingPaymentsOfPaymentPointerResolver } from './incoming-payment-resolver'
import { TransferMutationResponse } from './interfaces'
import { LedgerAccountResolver } from './ledger-account-resolver'
import { LiquidityResolver } from './liquidity-resolver'
import { LostPacketResolver } from './lost-packet-resolver'
import { OutgoingPaymentResolver, OutgoingPaymentsOfPaymentPointerResolver } from './outgoing-payment-resolver'
import { PaymentPointerEventResolver } from './payment-pointer-event-resolver'
import { PaymentPointerKeyResolver } from './payment-pointer-key-resolver'
import { PaymentPointerResolver } from './payment-pointer-resolver'
import { PaymentResolver } from './payment-resolver'
import { PeerConnectionResolver } from './peer-connection-resolver'
import { PeerResolver } from './peer-resolver'
import { QuoteResolver, QuotesOfPaymentPointerResolver } from './quote-resolver'
import { ReceiverResolver } from './receiver-resolver'
import { WebhookMutationResolver } from './webhook-mutation-resolver'
import { WebhookDeliveryResolver, WebhookEventResolver } from './webhook-resolver'

/**
 * The schema of Admin API v2, its resolvers made from the container when they are first needed. The context
 * of an operation is its `RequestContext`.
 */
export function buildAdminV2Schema(container: DependencyContainer): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      AssetResolver,
      EventLiquidityResolver,
      FeeResolver,
      IncomingPaymentResolver,
      IncomingPaymentsOfPaymentPointerResolver,
      LedgerAccountResolver,
      LiquidityResolver,
      LostPacketResolver,
      OutgoingPaymentResolver,
      OutgoingPaymentsOfPaymentPointerResolver,
      PaymentPointerEventResolver,
      PaymentPointerKeyResolver,
      PaymentPointerResolver,
      PaymentResolver,
      PaymentStateChangedResolver,
      PeerConnectionResolver,
      PeerResolver,
      QuoteResolver,
      QuotesOfPaymentPointerResolver,
      ReceiverResolver,
      WebhookDeliveryGivenUpResolver,
      WebhookDeliveryResolver,
      WebhookEventCreatedResolver,
      WebhookEventResolver,
      WebhookMutationResolver
    ],
    orphanedTypes: [TransferMutationResponse],
    container: resolversFrom(container),
    pubSub: changeSubscriptions(container),
    // Inputs are checked by their scalars and by the use cases.
    validate: false
  })
}
