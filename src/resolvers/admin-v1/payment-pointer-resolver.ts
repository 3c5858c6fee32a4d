import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { PaymentPointer } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { PaymentPointerEvents, TRIGGERED_MAX } from '../../services/payment-pointers/events'
import { PaymentPointerService } from '../../services/payment-pointers/payment-pointer-service'
import { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import { OutgoingPaymentService } from '../../services/payments/outgoing/outgoing-payment-service'
import { QuoteService } from '../../services/payments/quotes/quote-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { assetNode, AssetNode, checkScale } from './asset-types'
import { CATCH_ALL, PAYMENT_POINTER_FAILURES, type FailureTable } from './failures'
import { IncomingPaymentConnection, incomingPaymentNode, type IncomingPaymentNode } from './incoming-payment-types'
import { respond } from './mutation'
import { OutgoingPaymentConnection, outgoingPaymentNode, type OutgoingPaymentNode } from './outgoing-payment-types'
import {
  CreatePaymentPointerInput,
  CreatePaymentPointerMutationResponse,
  paymentPointerNode,
  PaymentPointerNode,
  TriggerPaymentPointerEventsMutationResponse
} from './payment-pointer-types'
import { QuoteConnection, quoteNode, type QuoteNode } from './quote-types'

const CREATE = {
  catchAll: { code: '500', message: 'Error trying to create payment pointer' },
  failures: PAYMENT_POINTER_FAILURES
}
const TRIGGER_FAILURES: FailureTable<'invalid_limit'> = { invalid_limit: CATCH_ALL }
const TRIGGER = {
  catchAll: { code: '500', message: 'Error trying to trigger payment pointer events' },
  failures: TRIGGER_FAILURES
}

@injectable()
@Resolver(() => PaymentPointerNode)
export class PaymentPointerResolver {
  constructor(
    private readonly service: PaymentPointerService,
    private readonly events: PaymentPointerEvents,
    private readonly assets: AssetService
  ) {}

  @Query(() => PaymentPointerNode, {
    nullable: true,
    description: 'A payment pointer. An error `No payment pointer` if there is none of this id.'
  })
  async paymentPointer(
    @Arg('id', () => String, { description: 'Identifier of the payment pointer.' }) id: string
  ): Promise<PaymentPointerNode> {
    const pointer = await this.service.find(id)
    if (!pointer) throw notFound('No payment pointer')
    return paymentPointerNode(pointer)
  }

  @Mutation(() => CreatePaymentPointerMutationResponse, {
    description: 'Create a payment pointer, and its asset if there is none.'
  })
  async createPaymentPointer(
    @Arg('input', () => CreatePaymentPointerInput) input: CreatePaymentPointerInput,
    @Ctx() context: RequestContext
  ): Promise<CreatePaymentPointerMutationResponse> {
    checkScale(input.asset)
    return respond(context, CREATE, 'Created payment pointer', payloadOf, () =>
      this.service.createInUnit(context, input)
    )
  }

  @Mutation(() => TriggerPaymentPointerEventsMutationResponse, {
    description: 'Announce what payment pointers received themselves, as far as its announcement is due.'
  })
  triggerPaymentPointerEvents(
    @Arg('limit', () => Int, {
      description: `Most payment pointers to process, 0 or more; more than ${TRIGGERED_MAX} counts as that.`
    })
    limit: number,
    @Ctx() context: RequestContext
  ): Promise<TriggerPaymentPointerEventsMutationResponse> {
    const countOf = (count: number | undefined): { count: number | null } => ({ count: count ?? null })
    return respond(context, TRIGGER, 'Triggered Payment Pointer Events', countOf, () =>
      this.events.trigger(context, { limit })
    )
  }

  @FieldResolver(() => AssetNode, { description: "The asset of the payment pointer's payments." })
  async asset(@Root() pointer: PaymentPointerNode): Promise<AssetNode> {
    const asset = await this.assets.find(pointer.assetId)
    if (!asset) throw new Error(`asset ${pointer.assetId} of a payment pointer is gone`)
    return assetNode(asset)
  }
}

@injectable()
@Resolver(() => PaymentPointerNode)
export class PaymentsOfPaymentPointerResolver {
  constructor(
    private readonly incoming: IncomingPaymentService,
    private readonly quoting: QuoteService,
    private readonly outgoing: OutgoingPaymentService
  ) {}

  @FieldResolver(() => IncomingPaymentConnection, {
    nullable: true,
    description: 'Incoming payments of the payment pointer, a page at a time.'
  })
  async incomingPayments(
    @Root() pointer: PaymentPointerNode,
    @Args(() => PageArguments) page: PageArguments
  ): Promise<Connection<IncomingPaymentNode>> {
    return connectionOf(await this.incoming.page(pointer.id, pageRequestOf(page)), incomingPaymentNode)
  }

  @FieldResolver(() => QuoteConnection, {
    nullable: true,
    description: 'Quotes of the payment pointer, a page at a time.'
  })
  async quotes(
    @Root() pointer: PaymentPointerNode,
    @Args(() => PageArguments) page: PageArguments
  ): Promise<Connection<QuoteNode>> {
    return connectionOf(await this.quoting.page(pointer.id, pageRequestOf(page)), quoteNode)
  }

  @FieldResolver(() => OutgoingPaymentConnection, {
    nullable: true,
    description: 'Outgoing payments of the payment pointer, a page at a time.'
  })
  async outgoingPayments(
    @Root() pointer: PaymentPointerNode,
    @Args(() => PageArguments) page: PageArguments
  ): Promise<Connection<OutgoingPaymentNode>> {
    return connectionOf(await this.outgoing.page(pointer.id, pageRequestOf(page)), outgoingPaymentNode)
  }
}

function payloadOf(pointer: PaymentPointer | undefined): { paymentPointer: PaymentPointerNode | null } {
  return { paymentPointer: pointer ? paymentPointerNode(pointer) : null }
}
