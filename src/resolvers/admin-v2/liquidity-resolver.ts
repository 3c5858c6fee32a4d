import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import type { LiquidityFailure } from '../../services/liquidity/liquidity-failures'
import { LiquidityService, type LiquidityAnswer } from '../../services/liquidity/liquidity-service'
import { LIQUIDITY_FAILURES } from './failures'
import {
  AddAssetLiquidityInput,
  AddPeerLiquidityInput,
  CreateAssetLiquidityWithdrawalInput,
  CreatePaymentPointerWithdrawalInput,
  CreatePeerLiquidityWithdrawalInput,
  LiquidityMutationResponse,
  PaymentPointerWithdrawalMutationResponse,
  PostLiquidityWithdrawalInput,
  VoidLiquidityWithdrawalInput
} from './liquidity-types'
import { failed, orCatchAll, orIdempotencyError, succeeded, Unexpected, type CatchAll } from './mutation'
import { paymentPointerNode } from './payment-pointer-types'

const WITHDRAW_POINTER = { code: '500', message: 'Error trying to create payment pointer withdrawal' } as const

@injectable()
@Resolver()
export class LiquidityResolver {
  constructor(private readonly liquidity: LiquidityService) {}

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Deposit liquidity of an asset: money that the operator lends to conversions into it.'
  })
  addAssetLiquidity(
    @Arg('input', () => AddAssetLiquidityInput) input: AddAssetLiquidityInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return this.move(context, 'Added asset liquidity', 'add asset liquidity', () =>
      this.liquidity.depositToAsset(context, input)
    )
  }

  @Mutation(() => LiquidityMutationResponse, { nullable: true, description: 'Deposit liquidity of a peer.' })
  addPeerLiquidity(
    @Arg('input', () => AddPeerLiquidityInput) input: AddPeerLiquidityInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return this.move(context, 'Added peer liquidity', 'add peer liquidity', () =>
      this.liquidity.depositToPeer(context, input)
    )
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Reserve liquidity of an asset for a withdrawal, to be posted or voided.'
  })
  createAssetLiquidityWithdrawal(
    @Arg('input', () => CreateAssetLiquidityWithdrawalInput) input: CreateAssetLiquidityWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return this.move(context, 'Created asset liquidity withdrawal', 'create asset liquidity withdrawal', () =>
      this.liquidity.withdrawFromAsset(context, input)
    )
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Reserve liquidity of a peer for a withdrawal, to be posted or voided.'
  })
  createPeerLiquidityWithdrawal(
    @Arg('input', () => CreatePeerLiquidityWithdrawalInput) input: CreatePeerLiquidityWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return this.move(context, 'Created peer liquidity withdrawal', 'create peer liquidity withdrawal', () =>
      this.liquidity.withdrawFromPeer(context, input)
    )
  }

  @Mutation(() => PaymentPointerWithdrawalMutationResponse, {
    nullable: true,
    description: 'Reserve all that a payment pointer received itself for a withdrawal, to be posted or voided.'
  })
  async createPaymentPointerWithdrawal(
    @Arg('input', () => CreatePaymentPointerWithdrawalInput) input: CreatePaymentPointerWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<PaymentPointerWithdrawalMutationResponse> {
    const answer = await orCatchAll(context, WITHDRAW_POINTER, () =>
      this.liquidity.withdrawFromPaymentPointer(context, input)
    )
    if (answer instanceof Unexpected || !answer.done)
      return { ...refusalOf(answer, WITHDRAW_POINTER), withdrawal: null }
    const { id, amount, paymentPointer } = answer.value
    const withdrawal = { id, amount, paymentPointer: paymentPointerNode(paymentPointer) }
    return { ...succeeded('Created account withdrawal'), error: null, withdrawal }
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Make a withdrawal final. `409` without an error name if its hold time is over.'
  })
  async postLiquidityWithdrawal(
    @Arg('input', () => PostLiquidityWithdrawalInput) input: PostLiquidityWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    const answer = await orIdempotencyError(() => this.liquidity.postWithdrawal(context, input))
    return responseOf(answer, 'Posted Withdrawal', { code: '500', message: 'Error trying to post withdrawal' })
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Take a withdrawal back. `409` without an error name if its hold time is over.'
  })
  async voidLiquidityWithdrawal(
    @Arg('input', () => VoidLiquidityWithdrawalInput) input: VoidLiquidityWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    const answer = await orIdempotencyError(() => this.liquidity.voidWithdrawal(context, input))
    return responseOf(answer, 'Voided Withdrawal', { code: '500', message: 'Error trying to void withdrawal' })
  }

  private async move(
    context: RequestContext,
    message: string,
    verb: string,
    work: () => Promise<LiquidityAnswer>
  ): Promise<LiquidityMutationResponse> {
    const catchAll = { code: '400', message: `Error trying to ${verb}` } as const
    return responseOf(await orCatchAll(context, catchAll, work), message, catchAll)
  }
}

function responseOf(
  answer: LiquidityAnswer | Unexpected,
  message: string,
  catchAll: CatchAll
): LiquidityMutationResponse {
  if (answer instanceof Unexpected || !answer.done) return refusalOf(answer, catchAll)
  return { ...succeeded(message), error: null }
}

function refusalOf(
  answer: Exclude<Answer<unknown, LiquidityFailure>, { done: true }> | Unexpected,
  catchAll: CatchAll
): LiquidityMutationResponse {
  if (answer instanceof Unexpected) return { ...failed(answer.label), error: null }
  const label = LIQUIDITY_FAILURES[answer.failure]
  return label === 'catch_all' ? { ...failed(catchAll), error: null } : { ...failed(label), error: label.error }
}
