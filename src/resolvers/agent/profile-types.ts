import { Field, ID, Int, ObjectType } from 'type-graphql'
import { globalId } from '../../services/ramp/global-ids'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import type { ProfileView } from '../../services/ramp/profile/profile-service'
import { Decimal } from '../ramp/scalars'

@ObjectType('AgentProfile', { description: 'An agent, as it sees itself. Amounts without a currency are in USD.' })
export class AgentProfile {
  @Field(() => ID, { description: 'Global id.' })
  id!: string

  @Field(() => String, { description: 'How the operator reaches the agent.' })
  email!: string

  @Field(() => Decimal, { description: 'What can be spent now; what is reserved for orders is not in it.' })
  accountBalance!: string

  @Field(() => Decimal, { description: 'What is reserved for orders, from the own balance and from credit.' })
  escrowBalance!: string

  @Field(() => Decimal, { description: 'All shares of fees that were ever credited.' })
  bonusEarnings!: string

  @Field(() => Decimal, { description: 'How much credit the agent was granted.' })
  creditLine!: string

  @Field(() => Decimal, { description: 'How much of it is drawn or reserved.' })
  usedCreditLine!: string

  @Field(() => String, { nullable: true, description: 'Where stablecoins for the balance are sent; null if nowhere.' })
  depositAddress!: string | null

  @Field(() => String, {
    description: '`unverified`, `pending`, `verified` or `rejected`. Only verified agents get orders.'
  })
  verificationStatus!: string

  @Field(() => Boolean, { description: 'Whether the deposit rate follows the market at the stored margin.' })
  autoUpdateDepositRate!: boolean

  @Field(() => Boolean, { description: 'Whether the withdrawal rate follows the market at the stored margin.' })
  autoUpdateWithdrawalRate!: boolean

  @Field(() => Decimal, { description: 'Local currency a USD above the market, as last stored; never negative.' })
  depositMargin!: string

  @Field(() => Decimal, { description: 'Local currency a USD below the market, as last stored; never negative.' })
  withdrawalMargin!: string

  @Field(() => Decimal, { nullable: true, description: 'Local currency a USD for deposits; null until first set.' })
  depositRate!: string | null

  @Field(() => Decimal, { nullable: true, description: 'Local currency a USD for withdrawals; null until first set.' })
  withdrawalRate!: string | null

  @Field(() => Decimal, { description: 'Of all completed deposits, to six decimals; `"0.0"` when there are none.' })
  averageDepositRate!: string

  @Field(() => Decimal, { description: 'Of all completed withdrawals, to six decimals; `"0.0"` when there are none.' })
  averageWithdrawalRate!: string

  @Field(() => Int, { description: 'How many deposits were completed.' })
  depositsCompleted!: number

  @Field(() => Int, { description: 'How many withdrawals were completed.' })
  withdrawalsCompleted!: number

  @Field(() => Decimal, { description: 'Of completed deposits, in local currency.' })
  totalDepositFiatAmount!: string

  @Field(() => Decimal, { description: 'Of completed deposits.' })
  totalDepositUsdAmount!: string

  @Field(() => Decimal, { description: 'Of completed withdrawals, in local currency.' })
  totalWithdrawalFiatAmount!: string

  @Field(() => Decimal, { description: 'Of completed withdrawals.' })
  totalWithdrawalUsdAmount!: string

  @Field(() => Boolean, { description: 'Whether a withdrawal is only marked as paid with a receipt.' })
  enforceReceiptUpload!: boolean

  @Field(() => Boolean, { description: 'Whether one-time passwords are on.' })
  totpEnabled!: boolean

  /** Where the country is looked up. */
  countryId!: string

  /** Where payment methods are looked up. */
  agentId!: string
}

export function profileNode({ agent, balances, averageDepositRate, averageWithdrawalRate }: ProfileView): AgentProfile {
  const usd = (amount: bigint): string => formatDecimal(amount, USD_SCALE)
  const local = (amount: bigint): string => formatDecimal(amount, LOCAL_SCALE)
  const rate = (value: bigint): string => formatDecimal(value, RATE_SCALE)
  return {
    id: globalId('Agent', agent.id),
    email: agent.email,
    accountBalance: usd(balances.available),
    escrowBalance: usd(balances.escrow),
    bonusEarnings: usd(agent.bonusEarnings),
    creditLine: usd(balances.creditLine),
    usedCreditLine: usd(balances.usedCreditLine),
    depositAddress: agent.depositAddress,
    verificationStatus: agent.verificationStatus,
    autoUpdateDepositRate: agent.autoUpdateDepositRate,
    autoUpdateWithdrawalRate: agent.autoUpdateWithdrawalRate,
    depositMargin: rate(agent.depositMargin),
    withdrawalMargin: rate(agent.withdrawalMargin),
    depositRate: agent.depositRate === null ? null : rate(agent.depositRate),
    withdrawalRate: agent.withdrawalRate === null ? null : rate(agent.withdrawalRate),
    averageDepositRate: rate(averageDepositRate),
    averageWithdrawalRate: rate(averageWithdrawalRate),
    depositsCompleted: agent.depositsCompleted,
    withdrawalsCompleted: agent.withdrawalsCompleted,
    totalDepositFiatAmount: local(agent.totalDepositFiat),
    totalDepositUsdAmount: usd(agent.totalDepositUsd),
    totalWithdrawalFiatAmount: local(agent.totalWithdrawalFiat),
    totalWithdrawalUsdAmount: usd(agent.totalWithdrawalUsd),
    enforceReceiptUpload: agent.enforceReceiptUpload,
    totpEnabled: agent.isTotpEnabled,
    countryId: agent.countryId,
    agentId: agent.id
  }
}
