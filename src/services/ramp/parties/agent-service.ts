/** Agents: who they are, what the operator lets them do, and how much credit they have. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { Agent, type RampPaymentMethod } from '../../../entities'
import type { VerificationStatus } from '../../../entities/ramp/agent'
import type { Ledger } from '../../../ledger/ledger'
import { AMOUNT_MAX, availableOf } from '../../../ledger/types'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import { smaller } from '../../extremes'
import type { Identifiers } from '../../identifiers'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import { orRefused } from '../../storage-refusals'
import type { CountryService } from './country-service'
import type { AgentLiquidity, LiquidityFailure, LiquidityWish } from './agent-liquidity'
import { OVERTAKEN, unlessOvertaken, untilNotOvertaken } from './overtaken'
import { USD_LEDGER, type RampAccounts } from './ramp-accounts'
import { emailOf, isDepositAddress, nameOf } from './words'

export interface NewAgent {
  readonly email: string
  /** What customers are told whom they pay; without one, what stands before the `@` of the email. */
  readonly name?: string | null
  /** Two letters. */
  readonly countryCode: string
  readonly verificationStatus?: VerificationStatus | null
  readonly depositAddress?: string | null
}

/** What of an agent the operator changes. What is absent stays. */
export interface AgentChanges {
  readonly name?: string
  readonly verificationStatus?: VerificationStatus
  readonly isSuspended?: boolean
  readonly isRestricted?: boolean
  readonly autoUpdateDepositRate?: boolean
  readonly autoUpdateWithdrawalRate?: boolean
  readonly enforceReceiptUpload?: boolean
  readonly isTotpEnabled?: boolean
  readonly depositAddress?: string | null
}

const SET_CREDIT_LINE = {
  name: 'ramp_agent_set_credit_line',
  text: `UPDATE ramp_agent SET credit_line = $3, credit_version = credit_version + 1
    WHERE id = $1 AND credit_version = $2`
} as const

export class AgentService {
  private readonly reads: EntityReads<Agent>

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger,
    private readonly unitOfWork: UnitOfWork,
    private readonly identifiers: Identifiers,
    private readonly countries: CountryService,
    private readonly accounts: RampAccounts,
    private readonly liquidity: AgentLiquidity
  ) {
    this.reads = entities.of(Agent)
  }

  find(id: string): Promise<Agent | undefined> {
    return this.reads.find(id)
  }

  /** The agent of a row that refers to it. */
  async get(id: string): Promise<Agent> {
    const agent = await this.find(id)
    if (!agent) throw new Error(`there is no agent ${id}`)
    return agent
  }

  page(request: PageRequest): Promise<Page<Agent>> {
    return this.reads.page(request)
  }

  /** Opens the agent's two USD accounts together with the agent. */
  async create(
    context: RequestContext,
    input: NewAgent
  ): Promise<Answer<Agent, 'MISSING_FIELD' | 'INVALID_ADDRESS' | 'UNSUPPORTED_COUNTRY' | 'EMAIL_TAKEN'>> {
    const email = emailOf(input.email)
    const name = nameOf(input.name ?? (email ?? '').split('@')[0]!)
    if (email === undefined || name === undefined) return refused('MISSING_FIELD')
    if (!isDepositAddress(input.depositAddress)) return refused('INVALID_ADDRESS')
    const country = await this.countries.findByCode(input.countryCode)
    if (!country) return refused('UNSUPPORTED_COUNTRY')
    const agent = await this.draft(context, { ...input, email, name, countryId: country.id })
    const accounts = [
      await this.accounts.held('AGENT_BALANCE', agent.balanceAccountId, USD_LEDGER, agent.id),
      await this.accounts.held('AGENT_CREDIT', agent.creditAccountId, USD_LEDGER, agent.id)
    ]
    return orRefused(['EMAIL_TAKEN'], async () => {
      await this.ledger.submit({ accounts, commands: [], attach: () => [this.reads.table.insert(agent)] })
      return done(agent)
    })
  }

  private async draft(
    context: RequestContext,
    { email, name, countryId, verificationStatus, depositAddress }: NewAgent & { name: string; countryId: string }
  ): Promise<Agent> {
    const [balanceAccountId, creditAccountId] = (await this.ledger.allocateAccountIds(2)) as [bigint, bigint]
    return {
      id: this.identifiers.next(),
      email,
      name,
      countryId,
      balanceAccountId,
      creditAccountId,
      creditLine: 0n,
      creditVersion: 0,
      verificationStatus: verificationStatus ?? 'unverified',
      isSuspended: false,
      isRestricted: false,
      depositRate: null,
      depositMargin: 0n,
      withdrawalRate: null,
      withdrawalMargin: 0n,
      autoUpdateDepositRate: false,
      autoUpdateWithdrawalRate: false,
      enforceReceiptUpload: false,
      isTotpEnabled: false,
      depositAddress: depositAddress ?? null,
      lastAssignedAt: null,
      depositsCompleted: 0,
      withdrawalsCompleted: 0,
      totalDepositFiat: 0n,
      totalDepositUsd: 0n,
      totalWithdrawalFiat: 0n,
      totalWithdrawalUsd: 0n,
      bonusEarnings: 0n,
      createdAt: context.now()
    }
  }

  async update(
    _context: RequestContext,
    id: string,
    changes: AgentChanges
  ): Promise<Answer<Agent, 'NOT_FOUND' | 'MISSING_FIELD' | 'INVALID_ADDRESS'>> {
    const name = changes.name === undefined ? undefined : nameOf(changes.name)
    if (changes.name !== undefined && name === undefined) return refused('MISSING_FIELD')
    if (!isDepositAddress(changes.depositAddress)) return refused('INVALID_ADDRESS')
    return this.unitOfWork.run(async (manager) => {
      const agent = await manager.findOne(Agent, { where: { id }, lock: { mode: 'for_no_key_update' } })
      if (!agent) return refused('NOT_FOUND')
      const given = Object.entries({ ...changes, name }).filter(([, value]) => value !== undefined)
      if (given.length > 0) await manager.update(Agent, { id }, Object.fromEntries(given) as AgentChanges)
      return done(Object.assign(agent, Object.fromEntries(given) as AgentChanges))
    })
  }

  /**
   * Sets how much credit an agent has, in millionths of a USD. A line cannot be lowered below what of it is drawn
   * or reserved: it is then lowered as far as that, and the answer tells how far. Orders under way keep theirs.
   */
  async grantCredit(
    _context: RequestContext,
    id: string,
    line: bigint
  ): Promise<Answer<Agent, 'NOT_FOUND' | 'INVALID_AMOUNT'>> {
    if (line < 0n || line > AMOUNT_MAX) return refused('INVALID_AMOUNT')
    return untilNotOvertaken(async () => {
      const agent = await this.reads.find(id)
      return agent ? this.moveCreditLine(agent, line) : refused('NOT_FOUND')
    })
  }

  private async moveCreditLine(agent: Agent, wanted: bigint): Promise<Answer<Agent, never> | typeof OVERTAKEN> {
    const { id, creditAccountId, creditLine, creditVersion } = agent
    const account = await this.ledger.account(creditAccountId)
    if (!account) throw new Error(`the credit account of agent ${id} is missing`)
    const isRaised = wanted > creditLine
    const amount = isRaised ? wanted - creditLine : smaller(creditLine - wanted, availableOf(account))
    if (amount === 0n) return done(agent)
    const extendedAccountId = await this.accounts.id('platform:credit_extended')
    const [debitAccountId, creditedAccountId] = isRaised
      ? [extendedAccountId, creditAccountId]
      : [creditAccountId, extendedAccountId]
    const line = isRaised ? wanted : creditLine - amount
    const outcome = await unlessOvertaken(
      [SET_CREDIT_LINE.name],
      this.ledger.submit({
        commands: [
          {
            type: 'transfer',
            id: this.identifiers.next(),
            debitAccountId,
            creditAccountId: creditedAccountId,
            amount,
            code: RAMP_TRANSFER_CODES.CREDIT_LINE,
            reference: id
          }
        ],
        attach: ({ results }) =>
          results[0] === 'ok'
            ? [{ ...SET_CREDIT_LINE, values: [id, creditVersion, line.toString()], rowsExpected: 1 }]
            : []
      })
    )
    if (outcome === OVERTAKEN) return OVERTAKEN
    // The part that was free a moment ago has been reserved meanwhile.
    if (outcome.results[0] === 'exceeds_credits') return OVERTAKEN
    if (outcome.results[0] !== 'ok') throw new Error(`a credit line could not be moved: ${outcome.results[0]}`)
    return done({ ...agent, creditLine: line, creditVersion: creditVersion + 1 })
  }

  /** Declares how much fiat an agent has on one of its payment methods. */
  async setLiquidity(
    context: RequestContext,
    agentId: string,
    wish: LiquidityWish
  ): Promise<Answer<RampPaymentMethod, LiquidityFailure>> {
    return this.liquidity.set(context, await this.get(agentId), wish)
  }
}
