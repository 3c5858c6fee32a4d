import { GraphQLError } from 'graphql'
import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { LiquidityService, type LiquidityAnswer } from '../../services/liquidity/liquidity-service'
import { INTERNAL_CODE } from '../shared/errors'
import { CATCH_ALL } from './failures'
import { LIQUIDITY_FAILURES } from './liquidity-failures'
import { moveMoney } from './liquidity-response'
import {
  AddAssetLiquidityInput,
  AddPeerLiquidityInput,
  CreateAssetLiquidityWithdrawalInput,
  CreatePaymentPointerWithdrawalInput,
  CreatePeerLiquidityWithdrawalInput,
  LiquidityMutationResponse,
  PaymentPointerWithdrawalMutationResponse
} from './liquidity-types'
import { failed, outcomeOf, succeeded } from './mutation'
import { paymentPointerNode } from './payment-pointer-types'

const WITHDRAWAL_ID = 'The id under which the withdrawal was created.'
const WITHDRAW_POINTER = {
  catchAll: { code: '500', message: 'Error trying to create payment pointer withdrawal', error: null },
  failures: LIQUIDITY_FAILURES
}

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
    return this.move(context, 'Added asset liquidity', 'add asset liquidity', input.assetId, () =>
      this.liquidity.depositToAsset(context, input)
    )
  }

  @Mutation(() => LiquidityMutationResponse, { nullable: true, description: 'Deposit liquidity of a peer.' })
  addPeerLiquidity(
    @Arg('input', () => AddPeerLiquidityInput) input: AddPeerLiquidityInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return this.move(context, 'Added peer liquidity', 'add peer liquidity', input.peerId, () =>
      this.liquidity.depositToPeer(context, input)
    )
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Reserve liquidity of an asset for a withdrawal, to be finalized or rolled back.'
  })
  createAssetLiquidityWithdrawal(
    @Arg('input', () => CreateAssetLiquidityWithdrawalInput) input: CreateAssetLiquidityWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    const verb = 'create asset liquidity withdrawal'
    return this.move(context, 'Created asset liquidity withdrawal', verb, input.assetId, () =>
      this.liquidity.withdrawFromAsset(context, input)
    )
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Reserve liquidity of a peer for a withdrawal, to be finalized or rolled back.'
  })
  createPeerLiquidityWithdrawal(
    @Arg('input', () => CreatePeerLiquidityWithdrawalInput) input: CreatePeerLiquidityWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    const verb = 'create peer liquidity withdrawal'
    return this.move(context, 'Created peer liquidity withdrawal', verb, input.peerId, () =>
      this.liquidity.withdrawFromPeer(context, input)
    )
  }

  @Mutation(() => PaymentPointerWithdrawalMutationResponse, {
    nullable: true,
    description: 'Reserve all that a payment pointer received itself for a withdrawal, to be finalized or rolled back.'
  })
  async createPaymentPointerWithdrawal(
    @Arg('input', () => CreatePaymentPointerWithdrawalInput) input: CreatePaymentPointerWithdrawalInput,
    @Ctx() context: RequestContext
  ): Promise<PaymentPointerWithdrawalMutationResponse> {
    const operation = { ...WITHDRAW_POINTER, ids: [input.paymentPointerId] }
    const outcome = await outcomeOf(context, operation, () => this.liquidity.withdrawFromPaymentPointer(context, input))
    if (!outcome.isDone) return { ...failed(outcome.label), error: outcome.label.error, withdrawal: null }
    const { id, amount, paymentPointer } = outcome.value
    const withdrawal = { id, amount, paymentPointer: paymentPointerNode(paymentPointer) }
    return { ...succeeded('Created account withdrawal'), error: null, withdrawal }
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Make a withdrawal final. An error `TransferExpired` if its hold time is over.'
  })
  async finalizeLiquidityWithdrawal(
    @Arg('withdrawalId', () => String, { description: WITHDRAWAL_ID }) withdrawalId: string,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return resolved(await this.liquidity.postWithdrawal(context, { withdrawalId }), 'Finalized Withdrawal')
  }

  @Mutation(() => LiquidityMutationResponse, {
    nullable: true,
    description: 'Take a withdrawal back. An error `TransferExpired` if its hold time is over.'
  })
  async rollbackLiquidityWithdrawal(
    @Arg('withdrawalId', () => String, { description: WITHDRAWAL_ID }) withdrawalId: string,
    @Ctx() context: RequestContext
  ): Promise<LiquidityMutationResponse> {
    return resolved(await this.liquidity.voidWithdrawal(context, { withdrawalId }), 'Rolled Back Withdrawal')
  }

  private move(
    context: RequestContext,
    message: string,
    verb: string,
    ownerId: string,
    work: () => Promise<LiquidityAnswer>
  ): Promise<LiquidityMutationResponse> {
    const catchAll = { code: '400', message: `Error trying to ${verb}`, error: null }
    return moveMoney(context, { catchAll, failures: LIQUIDITY_FAILURES, ids: [ownerId] }, message, work)
  }
}

/** The end of a withdrawal. What has no name is an error of the request. @throws GraphQLError */
function resolved(answer: LiquidityAnswer, message: string): LiquidityMutationResponse {
  if (answer.done) return { ...succeeded(message), error: null }
  if (answer.failure === 'withdrawal_expired') {
    throw new GraphQLError('TransferExpired', { extensions: { code: INTERNAL_CODE } })
  }
  const label = LIQUIDITY_FAILURES[answer.failure]
  if (label === CATCH_ALL) throw new Error(`a withdrawal could not be ended: ${answer.failure}`)
  return { ...failed(label), error: label.error }
}
