import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Asset, IncomingPayment } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import {
  CreateIncomingPaymentInput,
  IncomingPaymentConnection,
  incomingPaymentNode,
  IncomingPaymentNode,
  IncomingPaymentResponse
} from './incoming-payment-types'
import { INCOMING_PAYMENT_FAILURES } from './payment-failures'
import { PaymentPointerNode } from './payment-pointer-types'
import { respondQuietly } from './payment-response'
import { Amount, amountOf } from './payment-types'

const CREATE = { code: '500', message: 'Error trying to create incoming payment' } as const

@injectable()
@Resolver(() => IncomingPaymentNode)
export class IncomingPaymentResolver {
  constructor(
    private readonly service: IncomingPaymentService,
    private readonly assets: AssetService
  ) {}

  @Query(() => IncomingPaymentNode, {
    nullable: true,
    description:
      'An incoming payment. An error `payment does not exist` if there is none of this id, or if it expired without having received anything.'
  })
  async incomingPayment(
    @Arg('id', () => String, { description: 'Identifier of the payment.' }) id: string
  ): Promise<IncomingPaymentNode> {
    const payment = await this.service.find(id)
    if (!payment) throw notFound('payment does not exist')
    return incomingPaymentNode(payment)
  }

  @Mutation(() => IncomingPaymentResponse, { description: 'Expect money at a payment pointer.' })
  createIncomingPayment(
    @Arg('input', () => CreateIncomingPaymentInput) input: CreateIncomingPaymentInput,
    @Ctx() context: RequestContext
  ): Promise<IncomingPaymentResponse> {
    return respondQuietly(context, CREATE, INCOMING_PAYMENT_FAILURES, payloadOf, () =>
      this.service.create(context, input)
    )
  }

  @FieldResolver(() => Amount, {
    nullable: true,
    description: 'What the payment expects to receive; null: any amount is welcome.'
  })
  async incomingAmount(@Root() payment: IncomingPaymentNode): Promise<Amount | null> {
    const { incomingValue } = payment
    return incomingValue === null ? null : amountOf(incomingValue, await this.assetOf(payment))
  }

  @FieldResolver(() => Amount, {
    description: 'All that the payment ever received. Withdrawals do not make it less.'
  })
  async receivedAmount(@Root() payment: IncomingPaymentNode): Promise<Amount> {
    return amountOf(payment.receivedValue, await this.assetOf(payment))
  }

  private async assetOf({ id, assetId }: IncomingPaymentNode): Promise<Asset> {
    const asset = await this.assets.find(assetId)
    if (!asset) throw new Error(`the asset of payment ${id} is gone`)
    return asset
  }
}

@injectable()
@Resolver(() => PaymentPointerNode)
export class IncomingPaymentsOfPaymentPointerResolver {
  constructor(private readonly service: IncomingPaymentService) {}

  @FieldResolver(() => IncomingPaymentConnection, {
    nullable: true,
    description: 'Incoming payments of the payment pointer, a page at a time.'
  })
  async incomingPayments(
    @Root() pointer: PaymentPointerNode,
    @Args(() => PageArguments) page: PageArguments
  ): Promise<Connection<IncomingPaymentNode>> {
    return connectionOf(await this.service.page(pointer.id, pageRequestOf(page)), incomingPaymentNode)
  }
}

function payloadOf(payment: IncomingPayment | undefined): { payment: IncomingPaymentNode | null } {
  return { payment: payment ? incomingPaymentNode(payment) : null }
}
