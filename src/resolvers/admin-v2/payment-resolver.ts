import { GraphQLError } from 'graphql'
import { injectable } from 'tsyringe'
import { Arg, Args, Field, InputType, Query, Resolver } from 'type-graphql'
import { parseUuid } from '../../services/identifiers'
import {
  FILTERED_POINTERS_MAX,
  PAYMENT_TYPES,
  PaymentTimeline,
  type PaymentFilter
} from '../../services/payments/payment-timeline'
import { INTERNAL_CODE } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { filteredBy, FilterString } from './filter-types'
import { PaymentConnection, paymentNode, type PaymentNode } from './payment-types'

@InputType('PaymentFilter', { description: 'Which payments to list: those that meet every part of the filter.' })
export class PaymentFilterInput {
  @Field(() => FilterString, { nullable: true, description: 'Which way the payments go: `INCOMING` or `OUTGOING`.' })
  type?: FilterString | null

  @Field(() => FilterString, {
    nullable: true,
    description: `Identifiers of the payment pointers that send or receive, at most ${FILTERED_POINTERS_MAX}.`
  })
  paymentPointerId?: FilterString | null
}

@injectable()
@Resolver()
export class PaymentResolver {
  constructor(private readonly timeline: PaymentTimeline) {}

  @Query(() => PaymentConnection, { description: 'Incoming and outgoing payments in one list, a page at a time.' })
  async payments(
    @Args(() => PageArguments) page: PageArguments,
    @Arg('filter', () => PaymentFilterInput, { nullable: true, description: 'Which payments to list.' })
    filter?: PaymentFilterInput | null
  ): Promise<Connection<PaymentNode>> {
    return connectionOf(await this.timeline.page(pageRequestOf(page), filterOf(filter)), paymentNode)
  }
}

/** @throws GraphQLError */
function filterOf(filter: PaymentFilterInput | null | undefined): PaymentFilter {
  const types = filteredBy(filter?.type)
  const paymentPointerIds = filteredBy(filter?.paymentPointerId)?.map(pointerIdOf)
  if (paymentPointerIds && paymentPointerIds.length > FILTERED_POINTERS_MAX) {
    throw filterError(`At most ${FILTERED_POINTERS_MAX} values of paymentPointerId`)
  }
  return { types: types && PAYMENT_TYPES.filter((type) => types.includes(type)), paymentPointerIds }
}

function pointerIdOf(text: string): string {
  const id = parseUuid(text)
  if (id === undefined) throw filterError('Invalid paymentPointerId')
  return id
}

function filterError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: INTERNAL_CODE } })
}
