import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { PaymentPointer } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import {
  PaymentPointerService,
  statusOf,
  type PaymentPointerStatus
} from '../../services/payment-pointers/payment-pointer-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { assetNode, AssetNode } from './asset-types'
import { PAYMENT_POINTER_FAILURES } from './failures'
import { respond } from './mutation'
import {
  CreatePaymentPointerInput,
  CreatePaymentPointerMutationResponse,
  paymentPointerNode,
  PaymentPointerNode,
  PaymentPointersConnection,
  PaymentPointerStatusEnum,
  UpdatePaymentPointerInput,
  UpdatePaymentPointerMutationResponse
} from './payment-pointer-types'

const CREATE = { code: '500', message: 'Error trying to create payment pointer' } as const
const UPDATE = { code: '500', message: 'Error trying to update payment pointer' } as const

@injectable()
@Resolver(() => PaymentPointerNode)
export class PaymentPointerResolver {
  constructor(
    private readonly service: PaymentPointerService,
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

  @Query(() => PaymentPointersConnection, { description: 'All payment pointers, a page at a time.' })
  async paymentPointers(@Args(() => PageArguments) page: PageArguments): Promise<Connection<PaymentPointerNode>> {
    return connectionOf(await this.service.page(pageRequestOf(page)), paymentPointerNode)
  }

  @Mutation(() => CreatePaymentPointerMutationResponse, {
    description: 'Create a payment pointer. `409` if another one has the URL.'
  })
  createPaymentPointer(
    @Arg('input', () => CreatePaymentPointerInput) input: CreatePaymentPointerInput,
    @Ctx() context: RequestContext
  ): Promise<CreatePaymentPointerMutationResponse> {
    return respond(context, CREATE, PAYMENT_POINTER_FAILURES, 'Created payment pointer', payloadOf, () =>
      this.service.create(context, input)
    )
  }

  @Mutation(() => UpdatePaymentPointerMutationResponse, {
    description: 'Change the public name or status of a payment pointer.'
  })
  updatePaymentPointer(
    @Arg('input', () => UpdatePaymentPointerInput) input: UpdatePaymentPointerInput,
    @Ctx() context: RequestContext
  ): Promise<UpdatePaymentPointerMutationResponse> {
    return respond(context, UPDATE, PAYMENT_POINTER_FAILURES, 'Updated payment pointer', payloadOf, () =>
      this.service.update(context, input)
    )
  }

  @FieldResolver(() => AssetNode, { description: "The asset of the payment pointer's payments." })
  async asset(@Root() pointer: PaymentPointerNode): Promise<AssetNode> {
    const asset = await this.assets.find(pointer.assetId)
    if (!asset) throw new Error(`asset ${pointer.assetId} of a payment pointer is gone`)
    return assetNode(asset)
  }

  @FieldResolver(() => PaymentPointerStatusEnum, {
    description: 'Whether the payment pointer takes part in new payments.'
  })
  status(@Root() pointer: PaymentPointerNode, @Ctx() context: RequestContext): PaymentPointerStatus {
    return statusOf(pointer, context.now())
  }
}

function payloadOf(pointer: PaymentPointer | undefined): { paymentPointer: PaymentPointerNode | null } {
  return { paymentPointer: pointer ? paymentPointerNode(pointer) : null }
}
