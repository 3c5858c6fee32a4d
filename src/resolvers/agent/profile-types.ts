import { Field, ID, Int, ObjectType } from 'type-graphql'
import { globalId } from '../../services/ramp/global-ids'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import type { ProfileView } from '../../services/ramp/profile/profile-service'
import { Decimal } from '../ramp/scalars'

@ObjectType('AgentProfile', { description: 'An agent, as it sees itself.' })
export class AgentProfile {
  @Field(() => ID, { description: 'Global id of the agent.' })
  id!: string

  @Field(() => String, { description: 'How the operator reaches the agent.' })
  email!: string

  @Field(() => Decimal, {
    description: 'What the agent can spend now, in USD; what is reserved for orders is not in it.'
  })
  accountBalance!: string

  @Field(() => Decimal, {
    description: "What is reserved for orders, from the agent's own balance and from credit, in USD."
  })
  escrowBalance!: string

  @Field(() => Decimal, { description: 'Sum of all shares of fees that the agent was ever credited, in USD.' })
  bonusEarnings!: string

  @Field(() => Decimal, { description: 'How much credit the agent was granted, in USD.' })
  creditLine!: string

  @Field(() => Decimal, { description: "How much of the agent's credit line is drawn or reserved, in USD." })
  usedCreditLine!: string

  @Field(() => String, {
    nullable: true,
    description: "Address on chain to which stablecoins for the agent's balance are sent; null if there is none."
  })
  depositAddress!: string | null

  @Field(() => String, {
    description:
      'How far the agent is verified: `unverified`, `pending`, `verified` or `rejected`. Only verified agents get orders.'
  })
  verificationStatus!: string

  @Field(() => Boolean, { description: 'Whether the deposit rate follows the market at the stored margin.' })
  autoUpdateDepositRate!: boolean

  @Field(() => Boolean, { description: 'Whether the withdrawal rate follows the market at the stored margin.' })
  autoUpdateWithdrawalRate!: boolean

  @Field(() => Decimal, {
    description:
      'How far deposits are priced above the market, in local currency a USD, as last stored; never negative.'
  })
  depositMargin!: string

  @Field(() => Decimal, {
    description:
      'How far withdrawals are priced below the market, in local currency a USD, as last stored; never negative.'
  })
  withdrawalMargin!: string

  @Field(() => Decimal, {
    nullable: true,
    description: "The agent's rate for deposits, in local currency a USD; null until first set."
  })
  depositRate!: string | null

  @Field(() => Decimal, {
    nullable: true,
    description: "The agent's rate for withdrawals, in local currency a USD; null until first set."
  })
  withdrawalRate!: string | null

  @Field(() => Decimal, {
    description:
      'Average rate of all completed deposits, in local currency a USD, to six decimals; `"0.0"` when there are none.'
  })
  averageDepositRate!: string

  @Field(() => Decimal, {
    description:
      'Average rate of all completed withdrawals, in local currency a USD, to six decimals; `"0.0"` when there are none.'
  })
  averageWithdrawalRate!: string

  @Field(() => Int, { description: 'How many deposits the agent completed.' })
  depositsCompleted!: number

  @Field(() => Int, { description: 'How many withdrawals the agent completed.' })
  withdrawalsCompleted!: number

  @Field(() => Decimal, { description: 'Sum of all completed deposits, in local currency.' })
  totalDepositFiatAmount!: string

  @Field(() => Decimal, { description: 'Sum of all completed deposits, in USD.' })
  totalDepositUsdAmount!: string

  @Field(() => Decimal, { description: 'Sum of all completed withdrawals, in local currency.' })
  totalWithdrawalFiatAmount!: string

  @Field(() => Decimal, { description: 'Sum of all completed withdrawals, in USD.' })
  totalWithdrawalUsdAmount!: string

  @Field(() => Boolean, { description: 'Whether the agent has to give a receipt to mark a withdrawal as paid.' })
  enforceReceiptUpload!: boolean

  @Field(() => Boolean, { description: 'Whether one-time passwords are on for the agent.' })
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
