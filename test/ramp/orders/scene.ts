/**
 * Orders of the ramp on a database of the test's own, with a clock that the test sets. One scene is one instance of
 * the service; a second one on the same database is another.
 */
import { Reader } from '../../../src/database/reader'
import type { Agent, Merchant, RampCustomer, RampPayment, RampPaymentMethod, RampRequest } from '../../../src/entities'
import type { RampCurrency, RampDirection } from '../../../src/entities/ramp/order'
import { availableOf } from '../../../src/ledger/types'
import type { RequestContext } from '../../../src/services/context'
import type { RampAnswer } from '../../../src/services/ramp/failures'
import { formatDecimal, LOCAL_SCALE, parseDecimal, RATE_SCALE, USD_SCALE } from '../../../src/services/ramp/money'
import type { PlacedOrder } from '../../../src/services/ramp/orders/inputs'
import { OrderClock } from '../../../src/services/ramp/orders/order-clock'
import { OrderService } from '../../../src/services/ramp/orders/order-service'
import { AgentRates } from '../../../src/services/ramp/rates/agent-rates'
import { MarketRates } from '../../../src/services/ramp/rates/market-rates'
import { accountsReport } from '../../../src/services/ramp/report/accounts'
import { ordersReport } from '../../../src/services/ramp/report/orders'
import type { ServiceSettings } from '../../../src/services/settings'
import { TestApi, type TestClock } from '../../admin-v2/support'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { BANK_FIELDS, Parties } from '../parties/support'

export const minutes = (count: number): number => count * 60

export const usd = (text: string): bigint => parseDecimal(text, USD_SCALE)!
export const local = (text: string): bigint => parseDecimal(text, LOCAL_SCALE)!
export const rate = (text: string): bigint => parseDecimal(text, RATE_SCALE)!

export interface AgentOptions {
  readonly rates?: readonly [deposit: string, withdrawal: string]
  readonly usd?: string
  readonly liquidity?: string
  readonly creditLine?: string
}

export interface TestAgent {
  readonly id: string
  readonly method: RampPaymentMethod
  readonly agent: Agent
}

export interface TestMerchant {
  readonly id: string
  readonly merchant: Merchant
  readonly customer: RampCustomer
  /** The customer's bank. */
  readonly method: RampPaymentMethod
}

/** What an agent sees of its money, as text. */
export interface Money {
  readonly balance: string
  readonly escrow: string
  readonly usedCredit: string
  readonly liquidity: string
}

export class Scene {
  readonly orders: OrderService
  private readonly clockOfOrders: OrderClock

  private constructor(
    readonly parties: Parties,
    private readonly database: TestDatabase,
    private readonly isOwner: boolean,
    private readonly settings: Partial<ServiceSettings>
  ) {
    this.orders = parties.api.container.resolve(OrderService)
    this.clockOfOrders = parties.api.container.resolve(OrderClock)
  }

  static async open(settings: Partial<ServiceSettings> = {}): Promise<Scene> {
    const database = await createTestDatabase()
    const api = await TestApi.open(database.url, { settings })
    const scene = new Scene(Parties.over(api), database, true, settings)
    await scene.market('1540', '1535')
    return scene
  }

  /** Another instance of the service on the same database, at the same time. */
  async twin(): Promise<Scene> {
    const api = await TestApi.open(this.database.url, { clock: this.clock, settings: this.settings })
    return new Scene(Parties.over(api), this.database, false, this.settings)
  }

  get clock(): TestClock {
    return this.parties.api.clock
  }

  get context(): RequestContext {
    return this.parties.context
  }

  async close(): Promise<void> {
    await this.parties.close()
    if (this.isOwner) await this.database.drop()
  }

  async market(buy: string, sell: string): Promise<void> {
    const markets = this.parties.api.container.resolve(MarketRates)
    valueOf(await markets.set(this.clock.now(), 'NGN', { buy: rate(buy), sell: rate(sell) }))
  }

  async agent(options: AgentOptions = {}): Promise<TestAgent> {
    const { rates = ['1550', '1530'], liquidity = '5000000', creditLine } = options
    const agent = await this.parties.agent()
    const method = await this.parties.method(agent)
    const bearer = { kind: 'agent', id: agent.id } as const
    const amount = usd(options.usd ?? '1000')
    if (amount > 0n) await this.parties.fund(bearer, amount)
    await this.declare({ id: agent.id, method, agent }, liquidity)
    if (creditLine) valueOf(await this.parties.agents.grantCredit(this.context, agent.id, usd(creditLine)))
    await this.rates(agent.id, rates)
    await this.listen(bearer)
    return { id: agent.id, method, agent }
  }

  async rates(agentId: string, [depositRate, withdrawalRate]: readonly [string, string]): Promise<void> {
    const rates = this.parties.api.container.resolve(AgentRates)
    valueOf(await rates.update(agentId, { depositRate, withdrawalRate }))
  }

  /** How much fiat an agent has on its method. */
  async declare({ id, method }: TestAgent, amount: string): Promise<void> {
    const wish = { methodId: method.id, amount: local(amount) }
    valueOf(await this.parties.agents.setLiquidity(this.context, id, wish))
  }

  async merchant(amount = '500'): Promise<TestMerchant> {
    const merchant = await this.parties.merchant()
    const bearer = { kind: 'merchant', id: merchant.id } as const
    if (usd(amount) > 0n) await this.parties.fund(bearer, usd(amount))
    await this.listen(bearer)
    const customer = await this.parties.customer(merchant.id)
    return { id: merchant.id, merchant, customer, method: await this.bank(customer) }
  }

  bank(customer: RampCustomer, railIdentifier = 'bank_transfer_ng'): Promise<RampPaymentMethod> {
    const input = { railIdentifier, fields: BANK_FIELDS }
    return this.parties.methods.addForCustomer(this.context, customer, input).then(valueOf)
  }

  async quote(
    { id, customer }: TestMerchant,
    paymentType: RampDirection,
    amount = '20',
    currency: RampCurrency = 'usd'
  ): ReturnType<OrderService['quote']> {
    const input = { customerId: customer.id, amount, currency, paymentType, paymentMethodType: 'bank_transfer' }
    return this.orders.quote(this.context, id, input)
  }

  /** A deposit in the hands of whoever has the best rate. */
  async deposit(merchant: TestMerchant, amount?: string, currency?: RampCurrency): Promise<PlacedOrder> {
    const { id } = valueOf(await this.quote(merchant, 'deposit', amount, currency))
    return valueOf(await this.orders.initiateDeposit(this.context, merchant.id, { quoteId: id }))
  }

  async withdrawal(merchant: TestMerchant, amount?: string, currency?: RampCurrency): Promise<PlacedOrder> {
    const { id } = valueOf(await this.quote(merchant, 'withdrawal', amount, currency))
    return valueOf(await this.initiateWithdrawal(merchant, id))
  }

  initiateWithdrawal(merchant: TestMerchant, quoteId: string, reference?: string): Promise<RampAnswer<PlacedOrder>> {
    const input = { quoteId, paymentMethodId: merchant.method.id, reference }
    return this.orders.initiateWithdrawal(this.context, merchant.id, input)
  }

  /** Does to every order what the time that has come does to it. */
  async passTime(seconds = 0): Promise<void> {
    this.clock.advanceSeconds(seconds)
    for (;;) {
      const due = await this.clockOfOrders.claim(this.clock.now(), 100)
      if (due.length === 0) return
      await Promise.all(due.map((order) => this.clockOfOrders.advance(this.context, order)))
    }
  }

  async payment(id: string): Promise<RampPayment> {
    const payment = await this.orders.findPayment(id)
    if (!payment) throw new Error(`there is no payment ${id}`)
    return payment
  }

  async request(id: string): Promise<RampRequest> {
    const request = await this.orders.find(id)
    if (!request) throw new Error(`there is no order ${id}`)
    return request
  }

  /** Which payments the operator sees as overdue, longest first, a page at a time. */
  async overdue(limit = 1): Promise<string[]> {
    const ids: string[] = []
    for (;;) {
      const { nodes, hasNextPage } = await this.orders.overdue({ cursor: ids.at(-1), limit })
      ids.push(...nodes.map(({ id }) => id))
      if (!hasNextPage) return ids
    }
  }

  /** All assignments of an order, first to last. */
  async assignments(requestId: string): Promise<{ id: string; agent_id: string; status: string; order_id: string }[]> {
    return this.parties.query(
      `SELECT payment.id, payment.agent_id, payment.status, terms.order_id
        FROM ramp_payment AS payment JOIN ramp_payment_terms AS terms ON terms.id = payment.id
        WHERE terms.request_id = $1 ORDER BY terms.assignment`,
      [requestId]
    )
  }

  /** The agent's row as it is now. */
  async agentRow(id: string): Promise<Agent> {
    return this.parties.agents.get(id)
  }

  async money({ id, method }: TestAgent): Promise<Money> {
    const { balanceAccountId, creditAccountId, creditLine } = await this.agentRow(id)
    const [balance, credit] = [
      await this.parties.account(balanceAccountId),
      await this.parties.account(creditAccountId)
    ]
    return {
      balance: formatDecimal(availableOf(balance), USD_SCALE),
      escrow: formatDecimal(balance.debitsPending + credit.debitsPending, USD_SCALE),
      usedCredit: formatDecimal(creditLine - availableOf(credit), USD_SCALE),
      liquidity: formatDecimal(await this.parties.available(method.liquidityAccountId), LOCAL_SCALE)
    }
  }

  /** What a merchant can spend. */
  async merchantMoney({ merchant }: TestMerchant): Promise<string> {
    return formatDecimal(await this.parties.available(merchant.balanceAccountId), USD_SCALE)
  }

  async platform(name: 'p2p:clearing' | 'platform:fees' | 'platform:fx_spread'): Promise<string> {
    const { creditsPosted, debitsPosted } = await this.parties.account(await this.parties.accounts.id(name))
    return formatDecimal(creditsPosted - debitsPosted, USD_SCALE)
  }

  /** What somebody was told, oldest first. */
  async told(bearerId: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
    return this.parties.query(
      `SELECT event.type, event.data FROM ramp_webhook_event AS event
        JOIN ramp_webhook_delivery AS delivery ON delivery.event_id = event.id
        WHERE event.bearer_id = $1 ORDER BY delivery.sequence`,
      [bearerId]
    )
  }

  /** What breaks an invariant of the ramp: nothing. */
  async findings(): Promise<unknown[]> {
    const reader = this.parties.api.container.resolve(Reader)
    const accounts = await accountsReport(reader, this.parties.ledger)
    const orders = await ordersReport(reader, this.parties.ledger)
    return [...accounts.findings, ...orders.findings]
  }

  private async listen(bearer: { readonly kind: 'agent' | 'merchant'; readonly id: string }): Promise<void> {
    const options = { webhookUrl: 'https://receiver.example/hook', webhookToken: 'token' }
    valueOf(await this.parties.keys.issue(this.context, bearer, options))
  }
}
