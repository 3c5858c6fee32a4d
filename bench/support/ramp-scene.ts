/** Agents, merchants and customers for benchmarks of the ramp, made by the service's own use cases. */
import { randomBytes } from 'node:crypto'
import { loadConfig } from '../../src/config'
import { compose, type Composition } from '../../src/container'
import { createLogger } from '../../src/logging'
import type { Answer } from '../../src/services/answer'
import { createRequestContext, type RequestContext } from '../../src/services/context'
import { globalId } from '../../src/services/ramp/global-ids'
import { USD } from '../../src/services/ramp/money'
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

export interface SceneAgent {
  readonly id: string
  readonly key: string
}

export interface SceneMerchant {
  readonly id: string
  readonly key: string
  readonly customers: readonly { readonly id: string; readonly methodId: string }[]
}

export interface SceneOptions {
  readonly agents: number
  readonly merchants: number
  readonly customersPerMerchant: number
  /** Where the webhooks of each go; nowhere if absent. */
  readonly webhookUrlOf?: (kind: Bearer['kind'], number: number) => string
}

const FUNDS = 10_000_000n * USD
const LIQUIDITY = 10_000_000_000_00n
/** What each withdrawal is worth, which is the least there is. */
const WITHDRAWN = '2'
const AT_ONCE = 64

export class RampScene {
  readonly agents: SceneAgent[] = []
  readonly merchants: SceneMerchant[] = []

  private constructor(
    private readonly composition: Composition,
    private readonly context: RequestContext
  ) {}

  static async open(databaseUrl: string, options: SceneOptions): Promise<RampScene> {
    const logger = createLogger({ level: 'silent' })
    const now = (): Date => new Date()
    const config = loadConfig({ DATABASE_URL: databaseUrl })
    const composition = await compose({ config, url: databaseUrl, logger, now })
    const scene = new RampScene(composition, createRequestContext('bench', logger, now))
    const market = { buy: 1_540n * USD, sell: 1_535n * USD }
    valueOf(await composition.container.resolve(MarketRates).set(now(), 'NGN', market))
    for (let number = 0; number < options.agents; number++) await scene.addAgent(number, options)
    for (let number = 0; number < options.merchants; number++) await scene.addMerchant(number, options)
    return scene
  }

  async close(): Promise<void> {
    await this.composition.stopWorkers()
    await this.composition.close(0)
  }

  /** Withdrawals that wait for their agents, as many calls that accept them. */
  async pendingWithdrawals(count: number): Promise<{ readonly agent: SceneAgent; readonly payment: string }[]> {
    const { container } = this.composition
    const orders = container.resolve(OrderService)
    const agents = new Map(this.agents.map((agent) => [agent.id, agent]))
    const made: { agent: SceneAgent; payment: string }[] = []
    const make = async (): Promise<void> => {
      for (let number = made.length; number < count; number = made.length) {
        const merchant = this.merchants[number % this.merchants.length]!
        const customer = merchant.customers[number % merchant.customers.length]!
        const quote = valueOf(
          await orders.quote(this.context, merchant.id, {
            customerId: customer.id,
            amount: WITHDRAWN,
            currency: 'usd',
            paymentType: 'withdrawal',
            paymentMethodType: 'bank_transfer'
          })
        )
        const input = { quoteId: quote.id, paymentMethodId: customer.methodId }
        const { payment } = valueOf(await orders.initiateWithdrawal(this.context, merchant.id, input))
        made.push({ agent: agents.get(payment.agentId)!, payment: globalId('P2PPayment', payment.id) })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, make))
    return made
  }

  private async addAgent(number: number, { webhookUrlOf }: SceneOptions): Promise<void> {
    const { container } = this.composition
    const agents = container.resolve(AgentService)
    const agent = valueOf(
      await agents.create(this.context, {
        email: `agent-${number}@bench.test`,
        countryCode: 'NG',
        verificationStatus: 'verified'
      })
    )
    const input = { railIdentifier: 'bank_transfer', fields: bankFields(`Agent ${number}`) }
    const method = valueOf(await container.resolve(PaymentMethodService).addForAgent(this.context, agent, input))
    valueOf(await agents.setLiquidity(this.context, agent.id, { methodId: method.id, amount: LIQUIDITY }))
    valueOf(await container.resolve(AgentRates).update(agent.id, { depositRate: '1550', withdrawalRate: '1530' }))
    const key = await this.equip({ kind: 'agent', id: agent.id }, webhookUrlOf?.('agent', number))
    this.agents.push({ id: agent.id, key })
  }

  private async addMerchant(number: number, { customersPerMerchant, webhookUrlOf }: SceneOptions): Promise<void> {
    const { container } = this.composition
    const input = { name: `Merchant ${number}`, email: `merchant-${number}@bench.test` }
    const merchant = valueOf(await container.resolve(MerchantService).create(this.context, input))
    const country = await container.resolve(CountryService).findByCode('NG')
    const customers: { id: string; methodId: string }[] = []
    for (let each = 0; each < customersPerMerchant; each++) {
      const customer = valueOf(
        await container.resolve(CustomerService).create(this.context, merchant.id, {
          email: `customer-${each}@bench.test`,
          firstName: 'Jane',
          lastName: `Doe ${each}`,
          countryId: country!.id
        })
      )
      const fields = { railIdentifier: 'bank_transfer', fields: bankFields(`Jane Doe ${each}`) }
      const methods = container.resolve(PaymentMethodService)
      const { id: methodId } = valueOf(await methods.addForCustomer(this.context, customer, fields))
      customers.push({ id: customer.id, methodId })
    }
    const key = await this.equip({ kind: 'merchant', id: merchant.id }, webhookUrlOf?.('merchant', number))
    this.merchants.push({ id: merchant.id, key, customers })
  }

  /** Money and a key. */
  private async equip(bearer: Bearer, webhookUrl: string | undefined): Promise<string> {
    const { container } = this.composition
    const transactionHash = `0x${randomBytes(32).toString('hex')}`
    const arrival = { bearer, symbol: 'USDC', network: 'CELO', amount: FUNDS, transactionHash }
    valueOf(await container.resolve(FloatService).credit(this.context, arrival))
    return valueOf(await container.resolve(RampKeyService).issue(this.context, bearer, { webhookUrl })).key
  }
}

function valueOf<Value>(answer: Answer<Value, string>): Value {
  if (!answer.done) throw new Error(`a use case was refused: ${answer.failure}`)
  return answer.value
}

function bankFields(name: string): { identifier: string; value: string }[] {
  return [
    { identifier: 'account_name', value: name },
    { identifier: 'account_number', value: '0123456789' },
    { identifier: 'bank_name', value: 'First Bank' }
  ]
}
