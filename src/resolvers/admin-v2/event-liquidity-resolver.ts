import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { EventLiquidityService, type EventLiquidityAnswer } from '../../services/liquidity/event-liquidity-service'
import { DepositEventLiquidityInput, WithdrawEventLiquidityInput } from './event-liquidity-types'
import { LiquidityMutationResponse } from './liquidity-types'
import { failed, orCatchAll, succeeded, Unexpected, type CatchAll } from './mutation'
import { EVENT_LIQUIDITY_FAILURES } from './outgoing-payment-failures'

const DEPOSIT = { code: '400', message: 'Error trying to deposit liquidity' } as const
const WITHDRAW = { code: '400', message: 'Error trying to withdraw liquidity' } as const

@injectable()
@Resolver()
export class EventLiquidityResolver {
  constructor(private readonly service: EventLiquidityService) {}

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Fund the outgoing payment of an `outgoing_payment.created` event. It is sent at once.'
  })
  depositEventLiquidity(
    @Arg('input', () => DepositEventLiquidityInput) input: DepositEventLiquidityInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return respond(context, DEPOSIT, 'Deposited liquidity', () => this.service.deposit(context, input))
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Withdraw what an event tells of: money that was received, or left over of a payment. Final at once.'
  })
  withdrawEventLiquidity(
    @Arg('input', () => WithdrawEventLiquidityInput) input: WithdrawEventLiquidityInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return respond(context, WITHDRAW, 'Withdrew liquidity', () => this.service.withdraw(context, input))
  }
}

async function respond(
  context: RequestContext,
  catchAll: CatchAll,
  message: string,
  work: () => Promise<EventLiquidityAnswer>
): Promise<LiquidityMutationResponse> {
  const answer = await orCatchAll(context, catchAll, work)
  if (answer instanceof Unexpected) return { ...failed(answer.label), error: null }
  if (answer.done) return { ...succeeded(message), error: null }
  const label = EVENT_LIQUIDITY_FAILURES[answer.failure]
  return { ...failed(label), error: label.error }
}
