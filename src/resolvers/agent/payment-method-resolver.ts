import { injectable } from 'tsyringe'
import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql'
import { Balances } from '../../services/liquidity/balances'
import { formatDecimal, LOCAL_SCALE } from '../../services/ramp/money'
import { AgentService } from '../../services/ramp/parties/agent-service'
import { CountryService } from '../../services/ramp/parties/country-service'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { Decimal } from '../ramp/scalars'
import { P2PPaymentMethodType, railNode } from '../ramp/types'
import { P2PPaymentMethod, paymentMethodNode } from './payment-method-types'

@injectable()
@Resolver(() => P2PPaymentMethod)
export class PaymentMethodResolver {
  constructor(
    private readonly agents: AgentService,
    private readonly countries: CountryService,
    private readonly balances: Balances
  ) {}

  @FieldResolver(() => Decimal, {
    description:
      'Fiat that the agent declared to have on the payment method and that no accepted withdrawal reserves, in local currency. Zero for a customer.'
  })
  async localCurrencyAvailable(@Root() { liquidityAccountId }: P2PPaymentMethod): Promise<string> {
    const available = liquidityAccountId === null ? 0n : await this.balances.available(liquidityAccountId)
    return formatDecimal(available ?? 0n, LOCAL_SCALE)
  }

  @FieldResolver(() => P2PPaymentMethodType, { description: 'The rail that the payment method is on.' })
  async type(@Root() { railId }: P2PPaymentMethod): Promise<P2PPaymentMethodType> {
    return railNode(await this.countries.rail(railId))
  }

  @Mutation(() => P2PPaymentMethod, {
    nullable: true,
    description: 'Set how much fiat there is on a payment method, without what accepted withdrawals reserve.'
  })
  async updatePaymentMethodLiquidity(
    @Arg('paymentMethod', () => ID, {
      nullable: true,
      description: 'Global id of the own payment method. Counts alone where `paymentMethodType` is given too.'
    })
    paymentMethod: string | null | undefined,
    @Arg('paymentMethodType', () => String, {
      nullable: true,
      description: 'Identifier of a rail, such as `bank_transfer_ng`: the newest own payment method on it is meant.'
    })
    paymentMethodType: string | null | undefined,
    @Arg('amountLocal', () => Decimal, {
      description: 'How much fiat there is, in local currency, zero or more, to two decimals.'
    })
    amountLocal: string,
    @Ctx() context: RampContext
  ): Promise<P2PPaymentMethod> {
    const methodId = paymentMethod == null ? undefined : uuidOf('P2PPaymentMethod', paymentMethod)
    const wanted = { methodId, railIdentifier: paymentMethodType ?? undefined, amount: amountLocal }
    return paymentMethodNode(await valueOf(this.agents.setLiquidity(context, context.principal.id, wanted)))
  }
}
