/**
 * The ramp on a database of the test's own: the Agent API on its real port, a clock that the test sets, and agents,
 * merchants and customers as an operator would have made them.
 */
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import type { DependencyContainer } from 'tsyringe'
import type { RampQuote } from '../../src/entities'
import type { RampCurrency, RampDirection } from '../../src/entities/ramp/order'
import { startAdminListener } from '../../src/http/admin-listener'
import type { RunningListener } from '../../src/http/listener'
import { rampEndpoint } from '../../src/http/ramp-endpoint'
import { createLogger } from '../../src/logging'
import { buildAgentSchema } from '../../src/resolvers/agent/schema'
import type { RequestContext } from '../../src/services/context'
import { globalId } from '../../src/services/ramp/global-ids'
import { LOCAL_SCALE, parseDecimal, RATE_SCALE, USD_SCALE } from '../../src/services/ramp/money'
import type { PlacedOrder } from '../../src/services/ramp/orders/inputs'
import { OrderClock } from '../../src/services/ramp/orders/order-clock'
import { OrderService } from '../../src/services/ramp/orders/order-service'
import { AgentService } from '../../src/services/ramp/parties/agent-service'
import { CountryService } from '../../src/services/ramp/parties/country-service'
import { CustomerService } from '../../src/services/ramp/parties/customer-service'
import { FloatService } from '../../src/services/ramp/parties/float-service'
import { MerchantService } from '../../src/services/ramp/parties/merchant-service'
import { PaymentMethodService } from '../../src/services/ramp/parties/payment-method-service'
import { RampKeyService, type Bearer } from '../../src/services/ramp/parties/ramp-key-service'
import { AgentRates } from '../../src/services/ramp/rates/agent-rates'
import { MarketRates } from '../../src/services/ramp/rates/market-rates'
import { TestApi, unique, type TestClock } from '../admin-v2/support'
import { post, type Answer } from '../http/support'
import { valueOf } from '../support/answers'
import { createTestDatabase, type TestDatabase } from '../support/database'

export interface AgentOptions {
  /** Two letters. */
  readonly country?: string
  /** Deposit and withdrawal, in local currency; none where the country has no market. */
  readonly rates?: readonly [deposit: string, withdrawal: string] | null
  readonly usd?: string
  /** On the bank method. */
  readonly liquidity?: string
  readonly creditLine?: string
  readonly verified?: boolean
}

export interface MerchantOptions {
  readonly usd?: string
  readonly country?: string
}

/** What of a profile most tests look at. */
export interface Money {
  readonly accountBalance: string
  readonly escrowBalance: string
  readonly [field: string]: unknown
}

export class TestAgent {
  constructor(
    private readonly ramp: Ramp,
    readonly id: string,
    readonly email: string,
    readonly key: string,
    readonly methodId: string
  ) {}

  /** Asks the Agent API. */
  ask(query: string, variables: object = {}, key = this.key): Promise<Answer> {
    return post(this.ramp.agentUrl, { query, variables }, { authorization: `Bearer ${key}` })
  }

  /** The same with a body to the letter. */
  send(body: string): Promise<Answer> {
    return post(this.ramp.agentUrl, body, { authorization: `Bearer ${this.key}` })
  }

  /** Runs a command on an assignment: true, or the code of its refusal. */
  async command(name: string, paymentId: string, more: Record<string, string> = {}): Promise<unknown> {
    const given = Object.entries({ p2pPayment: globalId('P2PPayment', paymentId), ...more })
    const args = given.map(([argument, value]) => `${argument}: ${JSON.stringify(value)}`).join(', ')
    const answer = await this.ask(`mutation { ${name}(${args}) }`)
    expect(answer.status).toBe(200)
    if (!answer.body.errors) return answer.body.data?.[name]
    expect(answer.body.data).toEqual({ [name]: null })
    return answer.body.errors[0]?.message
  }

  markPaid(paymentId: string, methodId = this.methodId, receipt?: string): Promise<unknown> {
    const more = {
      paymentMethod: globalId('P2PPaymentMethod', methodId),
      ...(receipt === undefined ? {} : { receipt })
    }
    return this.command('markWithdrawalAsPaid', paymentId, more)
  }

  async profile(fields = 'accountBalance escrowBalance'): Promise<Money> {
    const answer = await this.ask(`{ profile { ${fields} } }`)
    expect(answer.body.errors).toBeUndefined()
    return answer.body.data?.profile as Money
  }

  /** What is available on its bank method. */
  async available(): Promise<string | undefined> {
    const answer = await this.ask('{ profile { paymentMethods { id localCurrencyAvailable } } }')
    const { paymentMethods } = answer.body.data?.profile as {
      paymentMethods: { id: string; localCurrencyAvailable: string }[]
    }
    return paymentMethods.find(({ id }) => id === globalId('P2PPaymentMethod', this.methodId))?.localCurrencyAvailable
  }

  /** An assignment as the history shows it. */
  async payment(paymentId: string, fields = 'status'): Promise<Record<string, unknown> | undefined> {
    const answer = await this.ask(`{ orderHistory(page: 1, perPage: 100) { data { id ${fields} } } }`)
    expect(answer.body.errors).toBeUndefined()
    const { data } = answer.body.data?.orderHistory as { data: Record<string, unknown>[] }
    const found = data.find(({ id }) => id === globalId('P2PPayment', paymentId))
    if (!found) return undefined
    return Object.fromEntries(Object.entries(found).filter(([name]) => name !== 'id'))
  }

  async rotate(): Promise<{ readonly secret: string }> {
    return { secret: await this.ramp.issueKey({ kind: 'agent', id: this.id }, true) }
  }
}

export interface TestMerchant {
  readonly id: string
  readonly key: string
  readonly publicKey: string
  readonly balanceAccountId: bigint
  readonly customerId: string
  /** The customer's bank. */
  readonly methodId: string
}

export class Ramp {
  private constructor(
    private readonly api: TestApi,
    private readonly database: TestDatabase,
    private readonly listener: RunningListener,
    /** What the log was told that nobody expected. */
    readonly failures: string[]
  ) {}

  static async open(): Promise<Ramp> {
    const database = await createTestDatabase()
    const api = await TestApi.open(database.url)
    const failures: string[] = []
    const logger = createLogger({ level: 'error', destination: { write: (line) => failures.push(line) } })
    const now = (): Date => api.clock.now()
    const listener = await startAdminListener({
      host: '127.0.0.1',
      port: 0,
      credentials: {},
      signatures: { claim: () => Promise.resolve(false) },
      checks: {},
      hasProcessFigures: false,
      logger,
      now,
      limits: { drainNoticeMilliseconds: 0 },
      routes: () => [
        rampEndpoint({
          path: '/cashramp/bot/graphql',
          schema: buildAgentSchema(api.container),
          kind: 'agent',
          keys: api.container.resolve(RampKeyService),
          takesPlaintext: false,
          logger,
          now
        })
      ]
    })
    return new Ramp(api, database, listener, failures)
  }

  get container(): DependencyContainer {
    return this.api.container
  }

  get clock(): TestClock {
    return this.api.clock
  }

  get agentUrl(): string {
    return `${this.listener.url}/cashramp/bot/graphql`
  }

  get databaseUrl(): string {
    return this.database.url
  }

  get orders(): OrderService {
    return this.container.resolve(OrderService)
  }

  context(): RequestContext {
    return this.api.context()
  }

  async close(): Promise<void> {
    await this.listener.drain()
    await this.api.close()
    await this.database.drop()
  }

  async market(currencyCode: string, buy: string, sell: string): Promise<void> {
    const market = { buy: units(buy, RATE_SCALE), sell: units(sell, RATE_SCALE) }
    valueOf(await this.container.resolve(MarketRates).set(this.clock.now(), currencyCode, market))
  }

  async agent(options: AgentOptions): Promise<TestAgent> {
    const { country = 'NG', usd = '1000', liquidity = '5000000', creditLine, verified = true } = options
    const rates = options.rates === undefined ? (country === 'NG' ? ['1550', '1530'] : null) : options.rates
    const [context, agents] = [this.context(), this.container.resolve(AgentService)]
    const email = `${unique('agent')}@agents.test`.toLowerCase()
    const verificationStatus = verified ? ('verified' as const) : ('unverified' as const)
    const { id } = valueOf(await agents.create(context, { email, countryCode: country, verificationStatus }))
    const key = await this.issueKey({ kind: 'agent', id }, true)
    await this.fund({ kind: 'agent', id }, usd)
    const methodId = await this.agentMethod(id)
    const amount = units(liquidity, LOCAL_SCALE)
    valueOf(await agents.setLiquidity(context, id, { methodId, amount }))
    if (creditLine) valueOf(await agents.grantCredit(context, id, units(creditLine, USD_SCALE)))
    const [depositRate, withdrawalRate] = rates ?? []
    if (rates) valueOf(await this.container.resolve(AgentRates).update(id, { depositRate, withdrawalRate }))
    return new TestAgent(this, id, email, key, methodId)
  }

  /** One more bank method of an agent, in its own country. */
  async agentMethod(agentId: string, accountNumber = '0123456789'): Promise<string> {
    const agent = await this.container.resolve(AgentService).get(agentId)
    const input = { railIdentifier: 'bank_transfer', fields: bankFields('Agent Smith', accountNumber) }
    return valueOf(await this.container.resolve(PaymentMethodService).addForAgent(this.context(), agent, input)).id
  }

  async merchant({ usd = '500', country = 'NG' }: MerchantOptions): Promise<TestMerchant> {
    const context = this.context()
    const name = unique('merchant').toLowerCase()
    const merchants = this.container.resolve(MerchantService)
    const merchant = valueOf(await merchants.create(context, { name, email: `${name}@merchants.test` }))
    const bearer = { kind: 'merchant', id: merchant.id } as const
    await this.fund(bearer, usd)
    const found = await this.container.resolve(CountryService).findByCode(country)
    const customer = valueOf(
      await this.container.resolve(CustomerService).create(context, merchant.id, {
        email: 'jane@customers.test',
        firstName: 'Jane',
        lastName: 'Doe',
        countryId: found?.id ?? ''
      })
    )
    const input = { railIdentifier: 'bank_transfer', fields: bankFields('Jane Doe', '0987654321') }
    const methods = this.container.resolve(PaymentMethodService)
    return {
      id: merchant.id,
      key: await this.issueKey(bearer, true),
      publicKey: await this.issueKey(bearer, false),
      balanceAccountId: merchant.balanceAccountId,
      customerId: customer.id,
      methodId: valueOf(await methods.addForCustomer(context, customer, input)).id
    }
  }

  /** Books stablecoins that arrived. */
  async fund(bearer: Bearer, usd: string): Promise<void> {
    const amount = units(usd, USD_SCALE)
    if (amount === 0n) return
    const transactionHash = `0x${randomBytes(32).toString('hex')}`
    const arrival = { bearer, symbol: 'USDC', network: 'CELO', amount, transactionHash }
    valueOf(await this.container.resolve(FloatService).credit(this.context(), arrival))
  }

  /** A new key; the one before opens nothing any more. */
  async issueKey(bearer: Bearer, isSecret: boolean): Promise<string> {
    const keys = this.container.resolve(RampKeyService)
    return valueOf(await keys.issue(this.context(), bearer, { isSecret })).key
  }

  async restrict(agentId: string): Promise<void> {
    const agents = this.container.resolve(AgentService)
    valueOf(await agents.update(this.context(), agentId, { isRestricted: true }))
  }

  /** Gets no new orders. */
  async suspend(agentId: string): Promise<void> {
    const agents = this.container.resolve(AgentService)
    valueOf(await agents.update(this.context(), agentId, { isSuspended: true }))
  }

  async quote(
    merchant: TestMerchant,
    paymentType: RampDirection,
    amount: string,
    currency: RampCurrency = 'usd'
  ): Promise<RampQuote> {
    const input = { customerId: merchant.customerId, amount, currency, paymentType, paymentMethodType: 'bank_transfer' }
    return valueOf(await this.orders.quote(this.context(), merchant.id, input))
  }

  /** A deposit in the hands of whoever has the best rate. */
  async deposit(merchant: TestMerchant, usd: string): Promise<PlacedOrder> {
    const { id } = await this.quote(merchant, 'deposit', usd)
    return valueOf(await this.orders.initiateDeposit(this.context(), merchant.id, { quoteId: id }))
  }

  async withdrawal(merchant: TestMerchant, usd: string): Promise<PlacedOrder> {
    const { id } = await this.quote(merchant, 'withdrawal', usd)
    const input = { quoteId: id, paymentMethodId: merchant.methodId }
    return valueOf(await this.orders.initiateWithdrawal(this.context(), merchant.id, input))
  }

  /** Does to every order what the time that has come does to it. */
  async passTime(): Promise<void> {
    const orders = this.container.resolve(OrderClock)
    for (;;) {
      const due = await orders.claim(this.clock.now(), 100)
      if (due.length === 0) return
      for (const order of due) await orders.advance(this.context(), order)
    }
  }
}

export function openRamp(): Promise<Ramp> {
  return Ramp.open()
}

export function units(text: string, scale: number): bigint {
  const value = parseDecimal(text, scale)
  if (value === undefined) throw new Error(`${text} is no decimal`)
  return value
}

function bankFields(name: string, accountNumber: string): { identifier: string; value: string }[] {
  return [
    { identifier: 'account_name', value: name },
    { identifier: 'account_number', value: accountNumber },
    { identifier: 'bank_name', value: 'First Bank' }
  ]
}
