import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { refused, type Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import type { OutgoingPaymentFailure } from '../../services/payments/outgoing/outgoing-payment-failures'
import {
  OutgoingPaymentService,
  type CreateOutgoingPayment,
  type QuotedPayment
} from '../../services/payments/outgoing/outgoing-payment-service'
import { QuoteService } from '../../services/payments/quotes/quote-service'
import { notFound } from '../shared/errors'
import { OUTGOING_PAYMENT_FAILURES } from './failures'
import {
  CreateOutgoingPaymentInput,
  outgoingPaymentNode,
  OutgoingPaymentNode,
  OutgoingPaymentResponse
} from './outgoing-payment-types'
import { respondQuietly, withMetadata } from './payment-types'

const CREATE = {
  catchAll: { code: '500', message: 'Error trying to create outgoing payment' },
  failures: OUTGOING_PAYMENT_FAILURES
}

@injectable()
@Resolver(() => OutgoingPaymentNode)
export class OutgoingPaymentResolver {
  constructor(
    private readonly service: OutgoingPaymentService,
    private readonly quotes: QuoteService
  ) {}

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
    const operation = { ...CREATE, ids: [input.paymentPointerId, input.quoteId] }
    return respondQuietly(context, operation, payloadOf, async () => this.create(context, withMetadata(input)))
  }

  /** Where neither the quote nor the payment pointer is known, clients of this API are told of the quote. */
  private async create(
    context: RequestContext,
    input: CreateOutgoingPayment
  ): Promise<Answer<QuotedPayment, OutgoingPaymentFailure>> {
    const answer = await this.service.create(context, input)
    if (answer.done || answer.failure !== 'unknown_payment_pointer') return answer
    return (await this.quotes.find(input.quoteId)) ? answer : refused('unknown_quote')
  }
}

function payloadOf(found: QuotedPayment | undefined): { payment: OutgoingPaymentNode | null } {
  return { payment: found ? outgoingPaymentNode(found) : null }
}
