import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Fee } from '../../entities'
import type { RequestContext } from '../../services/context'
import { FeeService } from '../../services/fees/fee-service'
import { FEE_FAILURES } from './failures'
import { feeNode, SetFeeInput, SetFeeResponse, type FeeNode } from './fee-types'
import { respond } from './mutation'

const SET = { code: '500', message: 'Error trying to set fee' } as const

@injectable()
@Resolver()
export class FeeResolver {
  constructor(private readonly fees: FeeService) {}

  @Mutation(() => SetFeeResponse, {
    description: 'Set the fee of an asset for payments sent or received, in the place of the last one.'
  })
  setFee(@Arg('input', () => SetFeeInput) input: SetFeeInput, @Ctx() context: RequestContext): Promise<SetFeeResponse> {
    return respond(context, SET, FEE_FAILURES, 'Fee set', payloadOf, () => this.fees.set(context, input))
  }
}

function payloadOf(fee: Fee | undefined): { fee: FeeNode | null } {
  return { fee: fee ? feeNode(fee) : null }
}
