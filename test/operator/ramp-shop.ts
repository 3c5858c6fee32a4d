/** A merchant, its customer and an agent of a running service, set up by the operator; both sides speak GraphQL. */
import { randomUUID } from 'node:crypto'
import type { OperatedService } from './support'

const PATHS = { agent: '/cashramp/bot/graphql', merchant: '/cashramp/api/graphql' } as const

export interface ShopOptions {
  /** USD that they start with. */
  readonly merchantHolds?: string
  readonly agentHolds?: string
  /** Where they are told what happens. */
  readonly merchantUrl?: string
  readonly agentUrl?: string
}

interface Placed {
  readonly id: string
  readonly status: string
}

export class RampShop {
  private constructor(
    private readonly operated: OperatedService,
    readonly merchant: string,
    readonly merchantKey: string,
    readonly agent: string,
    readonly agentKey: string,
    readonly customer: string,
    private readonly customerMethod: string
  ) {}

  static async open(operated: OperatedService, options: ShopOptions = {}): Promise<RampShop> {
    const make = async (path: string, body: object): Promise<Record<string, string>> => {
      const answer = await operated.post(path, body)
      if (answer.status >= 300) throw new Error(`${path}: ${answer.code}`)
      return answer.body as unknown as Record<string, string>
    }
    const fields = { account_name: 'Ade', account_number: '0123456789', bank_name: 'First' }
    await make('/market_rates', { currency: 'NGN', buy: '1540', sell: '1535' })
    const merchant = (await make('/merchants', { name: 'Shop', email: `${randomUUID()}@example.com` })).id!
    const verified = { email: `${randomUUID()}@example.com`, country: 'NG', verificationStatus: 'verified' }
    const agent = (await make('/agents', verified)).id!
    const method = (await make(`/agents/${agent}/payment_methods`, { rail: 'bank_transfer_ng', fields })).id!
    await make(`/agents/${agent}/payment_methods/${method}/liquidity`, { amountLocal: '5000000' })
    const merchantKey = (await make(`/merchants/${merchant}/keys`, hook(options.merchantUrl, 'merchant-token'))).key!
    const agentKey = (await make(`/agents/${agent}/keys`, hook(options.agentUrl, 'agent-token'))).key!
    await make('/arrivals', arrival(agent, options.agentHolds ?? '1000'))
    await make('/arrivals', arrival(merchant, options.merchantHolds ?? '500'))
    const ask = <Value>(api: keyof typeof PATHS, key: string, query: string): Promise<Value> =>
      askWith<Value>(operated.url, api, key, query)
    await ask('agent', agentKey, 'mutation { updateRates(depositRate: 1550, withdrawalRate: 1530) }')
    const countries = await ask<{ id: string; code: string }[]>(
      'merchant',
      merchantKey,
      '{ availableCountries { id code } }'
    )
    const country = countries.find(({ code }) => code === 'NG')!.id
    const person = `email: "jane@example.com", firstName: "Jane", lastName: "Doe", country: "${country}"`
    const customer = (await ask<Placed>('merchant', merchantKey, `mutation { createCustomer(${person}) { id } }`)).id
    const own =
      '[{identifier:"account_name",value:"Jane Doe"},{identifier:"account_number",value:"0246977890"},{identifier:"bank_name",value:"Second"}]'
    const added = `mutation { addPaymentMethod(customer: "${customer}", paymentMethodType: "bank_transfer", fields: ${own}) { id } }`
    const customerMethod = (await ask<Placed>('merchant', merchantKey, added)).id
    return new RampShop(operated, merchant, merchantKey, agent, agentKey, customer, customerMethod)
  }

  /** From then on its agent gets no orders, so that another shop's does. */
  async retire(): Promise<void> {
    await this.operated.post(`/agents/${this.agent}`, { isSuspended: true })
  }

  asMerchant<Value = unknown>(query: string): Promise<Value> {
    return askWith<Value>(this.operated.url, 'merchant', this.merchantKey, query)
  }

  asAgent<Value = unknown>(query: string): Promise<Value> {
    return askWith<Value>(this.operated.url, 'agent', this.agentKey, query)
  }

  /** The id of a payment request. */
  async deposit(amount = '20'): Promise<string> {
    const quote = await this.quote(amount, 'deposit')
    const { id } = await this.asMerchant<Placed>(
      `mutation { initiateRampQuoteDeposit(rampQuote: "${quote}") { id status } }`
    )
    return id
  }

  async withdrawal(amount = '20'): Promise<string> {
    const quote = await this.quote(amount, 'withdrawal')
    const { id } = await this.asMerchant<Placed>(
      `mutation { initiateRampQuoteWithdrawal(rampQuote: "${quote}", paymentMethod: "${this.customerMethod}") { id status } }`
    )
    return id
  }

  /** The agent's id of an order. */
  async assignment(request: string): Promise<string> {
    const { body } = await this.operated.get(`/orders/${request}`)
    return (body['assignment'] as { id: string }).id
  }

  async markPaid(request: string): Promise<void> {
    await this.asMerchant(`mutation { markDepositAsPaid(paymentRequest: "${request}") }`)
  }

  async markReceived(request: string): Promise<void> {
    await this.asAgent(`mutation { markDepositAsReceived(p2pPayment: "${await this.assignment(request)}") }`)
  }

  async accept(request: string): Promise<void> {
    await this.asAgent(`mutation { acceptWithdrawal(p2pPayment: "${await this.assignment(request)}") }`)
  }

  async balances(): Promise<{ readonly merchant: string; readonly agent: string }> {
    const account = await this.asMerchant<{ accountBalance: string }>('{ account { accountBalance } }')
    const profile = await this.asAgent<{ accountBalance: string }>('{ profile { accountBalance } }')
    return { merchant: account.accountBalance, agent: profile.accountBalance }
  }

  private async quote(amount: string, direction: string): Promise<string> {
    const what = `customer: "${this.customer}", amount: "${amount}", currency: usd, paymentType: ${direction}`
    const query = `{ rampQuote(${what}, paymentMethodType: "bank_transfer") { id } }`
    return (await this.asMerchant<Placed>(query)).id
  }
}

function hook(webhookUrl: string | undefined, webhookToken: string): object {
  return webhookUrl === undefined ? {} : { webhookUrl, webhookToken }
}

function arrival(receiver: string, amountUsd: string): object {
  const transactionHash = `0x${randomUUID().replaceAll('-', '')}${randomUUID().replaceAll('-', '')}`
  return { receiver, amountUsd, symbol: 'USDC', network: 'CELO', transactionHash }
}

/** The root field of an answer; what is refused is thrown as its code. */
async function askWith<Value>(url: string, api: keyof typeof PATHS, key: string, query: string): Promise<Value> {
  const response = await fetch(url + PATHS[api], {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query })
  })
  const { data, errors } = (await response.json()) as { data?: Record<string, Value>; errors?: { message: string }[] }
  if (errors) throw new Error(errors[0]!.message)
  return Object.values(data!)[0]!
}
