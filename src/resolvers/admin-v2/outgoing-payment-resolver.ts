import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { OutgoingPaymentService, type QuotedPayment } from '../../services/payments/outgoing/outgoing-payment-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { OUTGOING_PAYMENT_FAILURES } from './outgoing-payment-failures'
import {
  CreateOutgoingPaymentInput,
  OutgoingPaymentConnection,
  outgoingPaymentNode,
  OutgoingPaymentNode,
  OutgoingPaymentResponse
} from './outgoing-payment-types'
import { PaymentPointerNode } from './payment-pointer-types'
import { respondQuietly } from './payment-response'

const CREATE = { code: '500', message: 'Error trying to create outgoing payment' } as const

@injectable()
@Resolver(() => OutgoingPaymentNode)
export class OutgoingPaymentResolver {
  constructor(private readonly service: OutgoingPaymentService) {}

  @Query(() => OutgoingPaymentNode, {
    nullable: true,
    description: 'An outgoing payment. An error `payment does not exist` if there is none of this id.'
  })
  async outgoingPayment(
    @Arg('id', () => String, { description: 'Identifier of the payment.' }) id: string
  ): Promise<OutgoingPaymentNode> {
    const found = await this.service.find(id)
    if (!found) throw notFound('payment does not exist')
    return outgoingPaymentNode(found)
  }

  @Mutation(() => OutgoingPaymentResponse, {
    description: 'Make a payment of a quote. It is sent once the operator has funded it.'
  })
  createOutgoingPayment(
    @Arg('input', () => CreateOutgoingPaymentInput) input: CreateOutgoingPaymentInput,
    @Ctx() context: RequestContext
  ): Promise<OutgoingPaymentResponse> {
    return respondQuietly(context, CREATE, OUTGOING_PAYMENT_FAILURES, payloadOf, () =>
      this.service.create(context, input)
    )
  }
}

@injectable()
@Resolver(() => PaymentPointerNode)
export class OutgoingPaymentsOfPaymentPointerResolver {
  constructor(private readonly service: OutgoingPaymentService) {}

  @FieldResolver(() => OutgoingPaymentConnection, {
    nullable: true,
    description: 'Outgoing payments of the payment pointer, a page at a time.'
  })
  async outgoingPayments(
    @Root() pointer: PaymentPointerNode,
    @Args(() => PageArguments) page: PageArguments
  ): Promise<Connection<OutgoingPaymentNode>> {
    return connectionOf(await this.service.page(pointer.id, pageRequestOf(page)), outgoingPaymentNode)
  }
}

function payloadOf(found: QuotedPayment | undefined): { payment: OutgoingPaymentNode | null } {
  return { payment: found ? outgoingPaymentNode(found) : null }
}
