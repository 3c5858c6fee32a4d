/** Parties of the ramp on a database of the test's own, as one or several instances of the service. */
import { randomBytes, randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import type { Agent, Merchant, RampCustomer, RampPaymentMethod } from '../../../src/entities'
import { Ledger } from '../../../src/ledger/ledger'
import { availableOf, type Account, type AccountId, type Result, type TransferCommand } from '../../../src/ledger/types'
import type { RequestContext } from '../../../src/services/context'
import { AgentService, type NewAgent } from '../../../src/services/ramp/parties/agent-service'
import { CountryService } from '../../../src/services/ramp/parties/country-service'
import { CustomerService } from '../../../src/services/ramp/parties/customer-service'
import { FloatService } from '../../../src/services/ramp/parties/float-service'
import { MerchantService } from '../../../src/services/ramp/parties/merchant-service'
import { PaymentMethodService, type NewAgentMethod } from '../../../src/services/ramp/parties/payment-method-service'
import { RampAccounts } from '../../../src/services/ramp/parties/ramp-accounts'
import { RampKeyService, type Bearer } from '../../../src/services/ramp/parties/ramp-key-service'
import { TestApi } from '../../admin-v2/support'
import { valueOf } from '../../support/answers'

export const BANK_FIELDS = [
  { identifier: 'account_name', value: 'Jane Doe' },
  { identifier: 'account_number', value: '0123456789' },
  { identifier: 'bank_name', value: 'First Bank' }
]

export class Parties {
  readonly agents: AgentService
  readonly merchants: MerchantService
  readonly customers: CustomerService
  readonly countries: CountryService
  readonly methods: PaymentMethodService
  readonly keys: RampKeyService
  readonly accounts: RampAccounts
  readonly floats: FloatService
  readonly ledger: Ledger
  readonly dataSource: DataSource

  private constructor(readonly api: TestApi) {
    const { container } = api
    this.agents = container.resolve(AgentService)
    this.merchants = container.resolve(MerchantService)
    this.customers = container.resolve(CustomerService)
    this.countries = container.resolve(CountryService)
    this.methods = container.resolve(PaymentMethodService)
    this.keys = container.resolve(RampKeyService)
    this.accounts = container.resolve(RampAccounts)
    this.floats = container.resolve(FloatService)
    this.ledger = container.resolve(Ledger)
    this.dataSource = container.resolve(DataSource)
  }

  static async open(url: string): Promise<Parties> {
    return new Parties(await TestApi.open(url))
  }

  /** On a service that is closed with this. */
  static over(api: TestApi): Parties {
    return new Parties(api)
  }

  close(): Promise<void> {
    return this.api.close()
  }

  get context(): RequestContext {
    return this.api.context()
  }

  email(): string {
    return `${randomUUID()}@example.com`
  }

  async agent(input: Partial<NewAgent> = {}): Promise<Agent> {
    const agent: NewAgent = { email: this.email(), countryCode: 'NG', verificationStatus: 'verified', ...input }
    return valueOf(await this.agents.create(this.context, agent))
  }

  async merchant(): Promise<Merchant> {
    return valueOf(await this.merchants.create(this.context, { name: 'Shop', email: this.email() }))
  }

  async customer(merchantId: string, countryCode = 'NG'): Promise<RampCustomer> {
    const { id: countryId } = (await this.countries.findByCode(countryCode))!
    const input = { email: this.email(), firstName: 'Jane', lastName: 'Doe', countryId }
    return valueOf(await this.customers.create(this.context, merchantId, input))
  }

  async method(agent: Agent, input: Partial<NewAgentMethod> = {}): Promise<RampPaymentMethod> {
    const method: NewAgentMethod = { railIdentifier: 'bank_transfer_ng', fields: BANK_FIELDS, ...input }
    return valueOf(await this.methods.addForAgent(this.context, agent, method))
  }

  /** Coins that arrive for somebody, from a transaction of their own. */
  async fund(bearer: Bearer, amount: bigint): Promise<void> {
    const arrival = { bearer, symbol: 'USDC', network: 'CELO', amount, transactionHash: transactionHash() }
    valueOf(await this.floats.credit(this.context, arrival))
  }

  async account(id: AccountId | null): Promise<Account> {
    const account = id === null ? undefined : await this.ledger.account(id)
    if (!account) throw new Error(`there is no account ${id}`)
    return account
  }

  async available(id: AccountId | null): Promise<bigint> {
    return availableOf(await this.account(id))
  }

  /** Moves money as an order would; a hold with `pending`. */
  async transfer(
    debitAccountId: AccountId,
    creditAccountId: AccountId,
    amount: bigint,
    pending = false
  ): Promise<{ readonly id: string; readonly result: Result }> {
    const id = randomUUID()
    const command: TransferCommand = {
      type: 'transfer',
      id,
      debitAccountId,
      creditAccountId,
      amount,
      code: 99,
      pending
    }
    const { results } = await this.ledger.submit({ commands: [command] })
    return { id, result: results[0]! }
  }

  query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.dataSource.query(text, values)
  }
}

export function transactionHash(): string {
  return `0x${randomBytes(32).toString('hex')}`
}
