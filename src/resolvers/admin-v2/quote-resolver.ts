import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Quote } from '../../entities'
import type { RequestContext } from '../../services/context'
import { QuoteService } from '../../services/payments/quotes/quote-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { QUOTE_FAILURES } from './outgoing-payment-failures'
import { PaymentPointerNode } from './payment-pointer-types'
import { respondQuietly } from './payment-response'
import { CreateQuoteInput, QuoteConnection, quoteNode, QuoteNode, QuoteResponse } from './quote-types'

const CREATE = { code: '500', message: 'Error trying to create quote' } as const

@injectable()
@Resolver(() => QuoteNode)
export class QuoteResolver {
  constructor(private readonly service: QuoteService) {}

  @Query(() => QuoteNode, {
    nullable: true,
    description: 'A quote, also when it has expired. An error `quote does not exist` if there is none of this id.'
  })
  async quote(@Arg('id', () => String, { description: 'Identifier of the quote.' }) id: string): Promise<QuoteNode> {
    const quote = await this.service.find(id)
    if (!quote) throw notFound('quote does not exist')
    return quoteNode(quote)
  }

  @Mutation(() => QuoteResponse, {
    description: 'Ask what a payment would cost and deliver. No money moves and none is reserved.'
  })
  createQuote(
    @Arg('input', () => CreateQuoteInput) input: CreateQuoteInput,
    @Ctx() context: RequestContext
  ): Promise<QuoteResponse> {
    return respondQuietly(context, CREATE, QUOTE_FAILURES, payloadOf, () => this.service.create(context, input))
  }
}

@injectable()
@Resolver(() => PaymentPointerNode)
export class QuotesOfPaymentPointerResolver {
  constructor(private readonly service: QuoteService) {}

  @FieldResolver(() => QuoteConnection, {
    nullable: true,
    description: 'Quotes of the payment pointer, a page at a time.'
  })
  async quotes(
    @Root() pointer: PaymentPointerNode,
    @Args(() => PageArguments) page: PageArguments
  ): Promise<Connection<QuoteNode>> {
    return connectionOf(await this.service.page(pointer.id, pageRequestOf(page)), quoteNode)
  }
}

function payloadOf(quote: Quote | undefined): { quote: QuoteNode | null } {
  return { quote: quote ? quoteNode(quote) : null }
}
