import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import type { Quote } from '../../entities'
import type { RequestContext } from '../../services/context'
import { QuoteService } from '../../services/payments/quotes/quote-service'
import { notFound } from '../shared/errors'
import { QUOTE_FAILURES } from './failures'
import { respondQuietly } from './payment-types'
import { CreateQuoteInput, quoteNode, QuoteNode, QuoteResponse } from './quote-types'

const CREATE = { catchAll: { code: '500', message: 'Error trying to create quote' }, failures: QUOTE_FAILURES }

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
    const operation = { ...CREATE, ids: [input.paymentPointerId] }
    return respondQuietly(context, operation, payloadOf, () => this.service.create(context, input))
  }
}

function payloadOf(quote: Quote | undefined): { quote: QuoteNode | null } {
  return { quote: quote ? quoteNode(quote) : null }
}
