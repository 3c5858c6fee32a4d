/** The Merchant API and the pages of orders on a real port, beside the Agent API of the same ramp. */
import { DataSource } from 'typeorm'
import { hostedRoutes } from '../../src/http/hosted/routes'
import type { HostedLimits } from '../../src/http/hosted/limits'
import { startAdminListener } from '../../src/http/admin-listener'
import type { RunningListener } from '../../src/http/listener'
import { rampEndpoint } from '../../src/http/ramp-endpoint'
import { createLogger } from '../../src/logging'
import { buildMerchantSchema, PUBLIC_FIELDS } from '../../src/resolvers/merchant/schema'
import { globalId, type GlobalType } from '../../src/services/ramp/global-ids'
import { HostedPages } from '../../src/services/ramp/hosted/hosted-pages'
import { RampKeyService } from '../../src/services/ramp/parties/ramp-key-service'
import { openRamp, type Ramp, type TestAgent, type TestMerchant } from '../agent/support'
import { post, type Answer } from '../http/support'
import { valueOf } from '../support/answers'

export const REQUEST_TYPE: GlobalType = 'Types::Cashramp::API::MerchantPaymentRequest'

export type Fields = Record<string, unknown>

export interface MerchantSideOptions {
  readonly limits?: Partial<HostedLimits>
  readonly takesPlaintext?: boolean
}

/** What a merchant was told, oldest first. */
export interface ToldEvent {
  readonly type: string
  readonly data: Fields
}

export class MerchantSide {
  private constructor(
    readonly ramp: Ramp,
    private readonly listener: RunningListener,
    /** What the log was told that nobody expected. */
    readonly failures: readonly string[]
  ) {}

  static async open({ limits, takesPlaintext = false }: MerchantSideOptions = {}): Promise<MerchantSide> {
    const ramp = await openRamp()
    const failures: string[] = []
    const logger = createLogger({ level: 'error', destination: { write: (line) => failures.push(line) } })
    const now = (): Date => ramp.clock.now()
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
          path: '/cashramp/api/graphql',
          schema: buildMerchantSchema(ramp.container),
          kind: 'merchant',
          publicFields: PUBLIC_FIELDS,
          keys: ramp.container.resolve(RampKeyService),
          takesPlaintext,
          logger,
          now
        }),
        ...hostedRoutes({
          path: '/hosted',
          pages: ramp.container.resolve(HostedPages),
          limits: { requestsPerAddress: 100_000, commandsPerOrder: 100_000, ...limits },
          takesPlaintext,
          logger,
          now
        })
      ]
    })
    return new MerchantSide(ramp, listener, failures)
  }

  get url(): string {
    return `${this.listener.url}/cashramp/api/graphql`
  }

  /** The page of an order on this port. */
  pageOf(id: string): string {
    return `${this.listener.url}/hosted/pay/${id}`
  }

  get base(): string {
    return this.listener.url
  }

  async close(): Promise<void> {
    await this.listener.drain()
    await this.ramp.close()
  }

  ask(key: string, query: string, variables: object = {}): Promise<Answer> {
    return post(this.url, { query, variables }, { authorization: `Bearer ${key}` })
  }

  /** The value of the one root field of a document that must succeed. */
  async value<Value = Fields>(key: string, query: string, variables: object = {}): Promise<Value> {
    const answer = await this.ask(key, query, variables)
    if (answer.body.errors) throw new Error(`refused: ${answer.text}`)
    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('errors')
    return Object.values(answer.body.data ?? {})[0] as Value
  }

  /** The code that a document is refused with. */
  async refusal(key: string, query: string, variables: object = {}): Promise<string> {
    const answer = await this.ask(key, query, variables)
    expect(answer.status).toBe(200)
    const [error] = answer.body.errors ?? []
    if (!error) throw new Error(`not refused: ${answer.text}`)
    expect(Object.values(answer.body.data ?? {})).toEqual(answer.body.data ? [null] : [])
    expect(error.extensions).toMatchObject({ code: error.message, detail: expect.any(String) as string })
    return error.message
  }

  async balance(merchant: TestMerchant): Promise<unknown> {
    return (await this.value(merchant.key, '{ account { accountBalance } }')).accountBalance
  }

  /** A quote for the merchant's customer, on the bank rail. */
  async quote(
    merchant: TestMerchant,
    paymentType: 'deposit' | 'withdrawal',
    amount: string | number,
    more: object = {}
  ): Promise<Fields & { readonly id: string }> {
    const variables = {
      customer: globalId('MerchantCustomer', merchant.customerId),
      amount,
      currency: 'usd',
      paymentType,
      paymentMethodType: 'bank_transfer_ng',
      ...more
    }
    return this.value(merchant.key, QUOTE, variables)
  }

  async deposit(merchant: TestMerchant, usd: string, more: object = {}): Promise<Fields & { readonly id: string }> {
    const { id } = await this.quote(merchant, 'deposit', usd)
    return this.value(merchant.key, DEPOSIT, { rampQuote: id, ...more })
  }

  async withdrawal(merchant: TestMerchant, usd: string, more: object = {}): Promise<Fields & { readonly id: string }> {
    const { id } = await this.quote(merchant, 'withdrawal', usd)
    const paymentMethod = globalId('P2PPaymentMethod', merchant.methodId)
    return this.value(merchant.key, WITHDRAWAL, { rampQuote: id, paymentMethod, ...more })
  }

  async hosted(merchant: TestMerchant, more: object = {}): Promise<Fields & { readonly id: string }> {
    const variables = {
      paymentType: 'deposit',
      amount: '20',
      currency: 'usd',
      countryCode: 'NG',
      firstName: 'Jane',
      lastName: 'Doe',
      email: 'jane@customers.test',
      ...more
    }
    return this.value(merchant.key, HOSTED, variables)
  }

  /** An order as its merchant sees it. */
  request(merchant: TestMerchant, reference: string): Promise<Fields | null> {
    return this.value<Fields | null>(merchant.key, REQUEST, { reference })
  }

  /** A command on an order: true, or the code of its refusal. */
  async command(merchant: TestMerchant, name: string, id: string, more: Record<string, string> = {}): Promise<unknown> {
    const given = Object.entries({ paymentRequest: id, ...more })
    const args = given.map(([argument, value]) => `${argument}: ${JSON.stringify(value)}`).join(', ')
    const answer = await this.ask(merchant.key, `mutation { ${name}(${args}) }`)
    expect(answer.status).toBe(200)
    return answer.body.errors ? answer.body.errors[0]?.message : answer.body.data?.[name]
  }

  /** The id that agents know the present assignment of an order by. */
  async paymentOf(merchant: TestMerchant, reference: string): Promise<string> {
    const request = await this.request(merchant, reference)
    const { id } = request?.p2pPayment as { id: string }
    return Buffer.from(id, 'base64').toString().replace('P2PPayment-', '')
  }

  /** From now on the merchant's events are kept; nobody has to receive them. */
  async listens(merchant: TestMerchant): Promise<void> {
    const keys = this.ramp.container.resolve(RampKeyService)
    const bearer = { kind: 'merchant', id: merchant.id } as const
    valueOf(await keys.setWebhook(this.ramp.context(), bearer, { webhookUrl: 'https://shop.test/hook' }))
  }

  async told(merchant: TestMerchant): Promise<ToldEvent[]> {
    const dataSource = this.ramp.container.resolve(DataSource)
    const rows = await dataSource.query<{ type: string; data: Fields }[]>(
      `SELECT event.type, event.data FROM ramp_webhook_event AS event
        JOIN ramp_webhook_delivery AS delivery ON delivery.event_id = event.id
        WHERE event.bearer_id = $1 ORDER BY delivery.sequence`,
      [merchant.id]
    )
    return rows.map(({ type, data }) => ({ type, data }))
  }

  /** What the page of an order says as JSON. */
  async view(id: string): Promise<Fields> {
    const response = await fetch(this.pageOf(id))
    expect(response.status).toBe(200)
    return (await response.json()) as Fields
  }

  /** Says something on the page of an order, as its script does. */
  async say(
    id: string,
    command: string,
    body: object = {}
  ): Promise<{ readonly status: number; readonly body: Fields }> {
    const response = await fetch(`${this.pageOf(id)}/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
    return { status: response.status, body: (await response.json()) as Fields }
  }

  /** The code that the page refuses a command with. */
  async refused(id: string, command: string, body: object = {}): Promise<readonly [number, unknown]> {
    const answer = await this.say(id, command, body)
    const [error] = answer.body.errors as { message: string; extensions: Fields }[]
    expect(error?.extensions).toMatchObject({ code: error?.message, detail: expect.any(String) as string })
    return [answer.status, error?.message]
  }

  agent(options: Parameters<Ramp['agent']>[0] = {}): Promise<TestAgent> {
    return this.ramp.agent(options)
  }
}

export const QUOTE = `query ($customer: ID!, $amount: Decimal!, $currency: P2PPaymentCurrency!, $paymentType: PaymentTypeType,
  $paymentMethodType: String!, $country: String) {
  rampQuote(customer: $customer, amount: $amount, currency: $currency, paymentType: $paymentType,
    paymentMethodType: $paymentMethodType, country: $country) { id exchangeRate paymentType expiresAt } }`

export const DEPOSIT = `mutation ($rampQuote: ID!, $reference: String, $phoneNumber: String, $bankAccountNumber: String,
  $onchainTransferInfo: OnchainTransferInfo) {
  initiateRampQuoteDeposit(rampQuote: $rampQuote, reference: $reference, phoneNumber: $phoneNumber,
    bankAccountNumber: $bankAccountNumber, onchainTransferInfo: $onchainTransferInfo) {
    id status agent paymentDetails exchangeRate amountLocal amountUsd expiresAt } }`

export const WITHDRAWAL = `mutation ($rampQuote: ID!, $paymentMethod: ID!, $reference: String) {
  initiateRampQuoteWithdrawal(rampQuote: $rampQuote, paymentMethod: $paymentMethod, reference: $reference) {
    id status agent paymentDetails exchangeRate amountLocal amountUsd expiresAt } }`

export const HOSTED = `mutation ($paymentType: P2PPaymentTypeType!, $amount: Decimal!, $currency: P2PPaymentCurrency,
  $countryCode: String!, $reference: String, $metadata: JSON, $redirectUrl: String, $firstName: String!,
  $lastName: String!, $email: String!) {
  initiateHostedPayment(paymentType: $paymentType, amount: $amount, currency: $currency, countryCode: $countryCode,
    reference: $reference, metadata: $metadata, redirectUrl: $redirectUrl, firstName: $firstName, lastName: $lastName,
    email: $email) { id hostedLink status reference amount currency metadata } }`

export const REQUEST = `query ($reference: String!) { merchantPaymentRequest(reference: $reference) {
  id paymentType hostedLink amount currency reference metadata status redirectUrl onchainAddress onchainCryptocurrency
  onchainNetwork onchainFee onchainTxHash rampProcessingFee createdAt
  p2pPayment { id status exchangeRate amount amountUsd fee } customer { id email } } }`
