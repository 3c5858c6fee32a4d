/** How much fiat agents say they have outside, kept in a ledger of its own for each currency. */
import type { Agent, RampPaymentMethod } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { AMOUNT_MAX, availableOf } from '../../../ledger/types'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import { LOCAL_SCALE, parseDecimal } from '../money'
import type { CountryService } from './country-service'
import { OVERTAKEN, unlessOvertaken, untilNotOvertaken } from './overtaken'
import type { PaymentMethodService } from './payment-method-service'
import type { RampAccounts } from './ramp-accounts'

export interface LiquidityWish {
  /** UUID of one of the agent's own methods. Decides where both are given. */
  readonly methodId?: string | null
  /** With or without a country: the agent's newest method on that rail is meant. */
  readonly railIdentifier?: string | null
  /** Decimal text, or hundredths of local currency: what is to be available. */
  readonly amount: string | bigint
}

export type LiquidityFailure = 'REQUIRED_ATTRIBUTES_MISSING' | 'INVALID_AMOUNT' | 'NOT_FOUND' | 'INVALID_PAYMENT_METHOD'

const COUNT_DECLARATION = {
  name: 'ramp_payment_method_declare',
  text: `UPDATE ramp_payment_method SET liquidity_version = liquidity_version + 1
    WHERE id = $1 AND liquidity_version = $2 AND deleted_at IS NULL`
} as const

export class AgentLiquidity {
  constructor(
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers,
    private readonly countries: CountryService,
    private readonly methods: PaymentMethodService,
    private readonly accounts: RampAccounts
  ) {}

  /** Sets what is available, whatever it was; what accepted withdrawals have reserved stays reserved. */
  async set(
    _context: RequestContext,
    agent: Agent,
    wish: LiquidityWish
  ): Promise<Answer<RampPaymentMethod, LiquidityFailure>> {
    if (wish.methodId == null && wish.railIdentifier == null) return refused('REQUIRED_ATTRIBUTES_MISSING')
    const amount = typeof wish.amount === 'string' ? parseDecimal(wish.amount, LOCAL_SCALE) : wish.amount
    if (amount === undefined || amount < 0n || amount > AMOUNT_MAX) return refused('INVALID_AMOUNT')
    return untilNotOvertaken(async () => {
      const method = await this.choose(agent, wish)
      if (!method) return refused('NOT_FOUND')
      return method.deletedAt ? refused('INVALID_PAYMENT_METHOD') : this.move(method, amount)
    })
  }

  private async choose(agent: Agent, wish: LiquidityWish): Promise<RampPaymentMethod | undefined> {
    if (wish.methodId != null) return this.methods.findOf('agent', agent.id, wish.methodId)
    const country = await this.countries.get(agent.countryId)
    const rail = await this.countries.findRailFor(country, wish.railIdentifier!)
    return rail && this.methods.newestOn(agent.id, rail.id)
  }

  private async move(
    method: RampPaymentMethod,
    wanted: bigint
  ): Promise<Answer<RampPaymentMethod, never> | typeof OVERTAKEN> {
    const { id, railId, liquidityAccountId, liquidityVersion } = method
    const account = liquidityAccountId === null ? undefined : await this.ledger.account(liquidityAccountId)
    if (!account) throw new Error(`the liquidity account of payment method ${id} is missing`)
    const available = availableOf(account)
    if (available === wanted) return done(method)
    const { currencyCode } = await this.countries.get((await this.countries.rail(railId)).countryId)
    const worldAccountId = await this.accounts.fiatWorld(currencyCode)
    const isMore = wanted > available
    const [debitAccountId, creditAccountId] = isMore ? [worldAccountId, account.id] : [account.id, worldAccountId]
    const outcome = await unlessOvertaken(
      [COUNT_DECLARATION.name],
      this.ledger.submit({
        commands: [
          {
            type: 'transfer',
            id: this.identifiers.next(),
            debitAccountId,
            creditAccountId,
            amount: isMore ? wanted - available : available - wanted,
            code: RAMP_TRANSFER_CODES.LIQUIDITY_DECLARED,
            reference: id
          }
        ],
        attach: ({ results }) =>
          results[0] === 'ok' ? [{ ...COUNT_DECLARATION, values: [id, liquidityVersion], rowsExpected: 1 }] : []
      })
    )
    if (outcome === OVERTAKEN) return OVERTAKEN
    // A withdrawal was accepted meanwhile, and less is left than was to be taken away.
    if (outcome.results[0] === 'exceeds_credits') return OVERTAKEN
    if (outcome.results[0] !== 'ok') throw new Error(`liquidity could not be declared: ${outcome.results[0]}`)
    return done({ ...method, liquidityVersion: liquidityVersion + 1 })
  }
}
