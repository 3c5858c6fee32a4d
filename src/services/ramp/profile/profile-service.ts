/** An agent as it sees itself: its row, and what its accounts hold when it asks. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import { Agent } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { availableOf } from '../../../ledger/types'
import { larger, smaller } from '../../extremes'
import { divide, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../money'

/** All in micro-units of USD. */
export interface AgentBalances {
  /** Spendable: without what is reserved. */
  readonly available: bigint
  /** Reserved for orders, from the own balance and from credit. */
  readonly escrow: bigint
  readonly creditLine: bigint
  /** Drawn or reserved, 0 … `creditLine`. */
  readonly usedCreditLine: bigint
}

export interface ProfileView {
  readonly agent: Agent
  readonly balances: AgentBalances
  /** Micro-units of local currency a USD, half-even; 0 when nothing was completed. */
  readonly averageDepositRate: bigint
  readonly averageWithdrawalRate: bigint
}

export class ProfileService {
  private readonly agents: EntityReads<Agent>

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger
  ) {
    this.agents = entities.of(Agent)
  }

  /** `agentId` is that of an agent that exists. */
  async view(agentId: string): Promise<ProfileView> {
    const agent = await this.agents.find(agentId)
    if (!agent) throw new Error(`there is no agent ${agentId}`)
    return {
      agent,
      balances: await this.balances(agent),
      averageDepositRate: averageRate(agent.totalDepositFiat, agent.totalDepositUsd),
      averageWithdrawalRate: averageRate(agent.totalWithdrawalFiat, agent.totalWithdrawalUsd)
    }
  }

  private async balances({ id, balanceAccountId, creditAccountId, creditLine }: Agent): Promise<AgentBalances> {
    const [balance, credit] = await this.ledger.accounts([balanceAccountId, creditAccountId])
    if (!balance || !credit) throw new Error(`the accounts of agent ${id} are missing`)
    // The row and the accounts are read one after the other: a line that is changed in between must not show as
    // one that is overdrawn.
    const used = creditLine - availableOf(credit)
    return {
      available: availableOf(balance),
      escrow: balance.debitsPending + credit.debitsPending,
      creditLine,
      usedCreditLine: smaller(larger(used, 0n), creditLine)
    }
  }
}

const RATE_FACTOR = 10n ** BigInt(USD_SCALE - LOCAL_SCALE + RATE_SCALE)

/** What one USD was worth over all orders. */
export function averageRate(fiat: bigint, usd: bigint): bigint {
  return usd === 0n ? 0n : divide(fiat * RATE_FACTOR, usd, 'half_even')
}
