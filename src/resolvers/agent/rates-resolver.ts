import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { AgentRates } from '../../services/ramp/rates/agent-rates'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { Decimal } from '../ramp/scalars'

@injectable()
@Resolver()
export class RatesResolver {
  constructor(private readonly rates: AgentRates) {}

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Set rates for orders to come, each side by its rate or by its margin on the market as it is now. Either both sides change as asked, or nothing does.'
  })
  async updateRates(
    @Arg('depositRate', () => Decimal, {
      nullable: true,
      description:
        'New rate for deposits, in local currency a USD. Its distance above the market, or zero, becomes the margin.'
    })
    depositRate: string | null | undefined,
    @Arg('withdrawalRate', () => Decimal, {
      nullable: true,
      description:
        'New rate for withdrawals, in local currency a USD. Its distance below the market, or zero, becomes the margin.'
    })
    withdrawalRate: string | null | undefined,
    @Arg('depositMargin', () => Decimal, {
      nullable: true,
      description:
        'How far to price deposits above the market buy rate, in local currency a USD. Ignored beside `depositRate`.'
    })
    depositMargin: string | null | undefined,
    @Arg('withdrawalMargin', () => Decimal, {
      nullable: true,
      description:
        'How far to price withdrawals below the market sell rate, in local currency a USD. Ignored beside `withdrawalRate`.'
    })
    withdrawalMargin: string | null | undefined,
    @Ctx() { principal }: RampContext
  ): Promise<true> {
    const wishes = { depositRate, withdrawalRate, depositMargin, withdrawalMargin }
    return valueOf(this.rates.update(principal.id, wishes))
  }
}
