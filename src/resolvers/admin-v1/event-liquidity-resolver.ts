import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { EventLiquidityService } from '../../services/liquidity/event-liquidity-service'
import { EVENT_LIQUIDITY_FAILURES } from './liquidity-failures'
import { moveMoney } from './liquidity-response'
import { LiquidityMutationResponse } from './liquidity-types'

const DEPOSIT = {
  catchAll: { code: '400', message: 'Error trying to deposit liquidity', error: null },
  failures: EVENT_LIQUIDITY_FAILURES
}
const WITHDRAW = {
  catchAll: { code: '400', message: 'Error trying to withdraw liquidity', error: null },
  failures: EVENT_LIQUIDITY_FAILURES
}

@injectable()
@Resolver()
export class EventLiquidityResolver {
  constructor(private readonly service: EventLiquidityService) {}

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Fund the outgoing payment of an `outgoing_payment.created` event. It is sent at once.'
  })
  depositEventLiquidity(
    @Arg('eventId', () => String, { description: 'Identifier of an `outgoing_payment.created` event.' })
    eventId: string,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return moveMoney(context, DEPOSIT, 'Deposited liquidity', () => this.service.deposit(context, { eventId }))
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Withdraw what an event tells of: money that was received, or left over of a payment. Final at once.'
  })
  withdrawEventLiquidity(
    @Arg('eventId', () => String, { description: 'Identifier of an event that tells of money received or left over.' })
    eventId: string,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return moveMoney(context, WITHDRAW, 'Withdrew liquidity', () => this.service.withdraw(context, { eventId }))
  }
}
