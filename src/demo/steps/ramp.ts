/**
 * Steps of a ramp: the operator sets it up, a merchant's customers turn local currency into USD and back, and an
 * agent that works by itself moves the local currency.
 */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { formatAmount, type AssetUnit } from '../amount'
import type { Answer, Client } from '../client'
import { amount, reference, text } from '../fields'
import { RampRefused, type AgentPlace, type RampLink } from '../ramp-link'
import type { Scope, Thing, ThingKind } from '../scope'
import type { Place } from '../problem'
import { stepKind } from '../step'

const USD: AssetUnit = { code: 'USD', scale: 6 }
const LOCAL_SCALE = 2

/** What is known of a thing of the ramp beside its id, once its step was done. */
interface Facts {
  key: string
  place: AgentPlace
  paymentMethod: string
  reference: string
  shop: Thing
}
const FACTS = new WeakMap<Thing, Partial<Facts>>()

function fact<Name extends keyof Facts>(thing: Thing, name: Name): Facts[Name] {
  const value = FACTS.get(thing)?.[name]
  if (value === undefined) throw new Error(`${thing.name} has no ${name}`)
  return value as Facts[Name]
}

function remember(thing: Thing, id: string, facts: Partial<Facts>): void {
  thing.id = id
  FACTS.set(thing, { ...FACTS.get(thing), ...facts })
}

function thing(kind: ThingKind, name: string, place: Place): Thing {
  return { kind, name, place, asset: USD, id: undefined }
}

/** Runs against the ramp; a refusal is its answer. */
async function onRamp(client: Client, work: (ramp: RampLink) => Promise<string>): Promise<Answer> {
  if (!client.ramp) throw new Error('a step that needs a ramp is run with one')
  try {
    return { code: '200', message: await work(client.ramp) }
  } catch (error) {
    if (!(error instanceof RampRefused)) throw error
    return { code: '400', error: error.code, message: error.code }
  }
}

/** A transaction on chain that nobody has seen before. */
function newHash(scope: Scope): string {
  return `0x${createHash('sha256').update(scope.newId()).digest('hex')}`
}

function arrival(receiver: string, holds: bigint, transactionHash: string): object {
  return { receiver, amountUsd: decimal(holds, USD), symbol: 'USDC', network: 'CELO', transactionHash }
}

/** Without zeros that say nothing. */
function shown(value: bigint): string {
  return `${plain(decimal(value, USD))} USD`
}

function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** As the ramp takes amounts. */
function decimal(value: bigint, unit: AssetUnit): string {
  return formatAmount(value, unit).split(' ')[0]!
}

export const market = stepKind({
  name: 'market',
  summary: 'says what a dollar costs and brings on the market of a currency',
  fields: {
    currency: text('such as NGN'),
    buy: text('local currency it costs'),
    sell: text('local currency it brings')
  },
  prepare: ({ currency, buy, sell }) => ({
    title: `a dollar costs ${buy} ${currency} and brings ${sell}`,
    needsRamp: true,
    run: (client) =>
      onRamp(client, async (ramp) => {
        await ramp.operator('/market_rates', { currency, buy, sell })
        return 'set'
      })
  })
})

export const merchant = stepKind({
  name: 'merchant',
  summary: 'makes a merchant with a key and some USD',
  fields: {
    name: text('what it is called'),
    email: text('of one merchant only'),
    holds: amount('USD that it starts with')
  },
  prepare({ name: title, email, holds }, scope, { name, place }) {
    const makes = thing('merchant', name, place)
    const value = holds.in(USD)
    const hash = newHash(scope)
    return {
      title: `merchant ${title} with ${shown(value)}`,
      makes,
      needsRamp: true,
      run: (client) =>
        onRamp(client, async (ramp) => {
          const { id } = await ramp.operator<{ id: string }>('/merchants', { name: title, email })
          const { key } = await ramp.operator<{ key: string }>(`/merchants/${id}/keys`, {})
          await ramp.operator('/arrivals', arrival(id, value, hash))
          remember(makes, id, { key })
          return id
        })
    }
  }
})

export const agent = stepKind({
  name: 'agent',
  summary: 'makes a verified agent with a key, USD, a bank account and rates, and starts it: it works by itself',
  fields: {
    name: text('what customers are told'),
    email: text('of one agent only'),
    country: text('two letters'),
    currency: text('that of the country'),
    holds: amount('USD that it starts with'),
    liquidity: amount('local currency that it says it has'),
    depositRate: text('local currency for one USD'),
    withdrawalRate: text('local currency for one USD'),
    rail: text('where it is paid, such as bank_transfer'),
    bank: text("the bank's name"),
    accountNumber: text('its account there')
  },
  prepare(fields, scope, { name, place }) {
    const makes = thing('agent', name, place)
    const { email, country, currency, depositRate, withdrawalRate } = fields
    const holds = fields.holds.in(USD)
    const local: AssetUnit = { code: currency, scale: LOCAL_SCALE }
    const amountLocal = decimal(fields.liquidity.in(local), local)
    const hash = newHash(scope)
    const method = {
      rail: fields.rail,
      fields: { account_name: fields.name, account_number: fields.accountNumber, bank_name: fields.bank }
    }
    return {
      title: `agent ${fields.name} with ${shown(holds)}, at ${depositRate} and ${withdrawalRate}`,
      makes,
      needsRamp: true,
      run: (client) =>
        onRamp(client, async (ramp) => {
          const verified = { name: fields.name, email, country, verificationStatus: 'verified' }
          const { id } = await ramp.operator<{ id: string }>('/agents', verified)
          const { id: methodId } = await ramp.operator<{ id: string }>(`/agents/${id}/payment_methods`, method)
          await ramp.operator(`/agents/${id}/payment_methods/${methodId}/liquidity`, { amountLocal })
          await ramp.operator('/arrivals', arrival(id, holds, hash))
          const agentPlace = await ramp.chooseAgentPlace()
          const issued = await ramp.operator<{ key: string; webhookToken: string }>(`/agents/${id}/keys`, {
            webhookUrl: `${agentPlace.url}/webhooks`
          })
          await ramp.startAgent(agentPlace, issued.key, issued.webhookToken)
          await ramp.ask('agent', issued.key, UPDATE_RATES, { depositRate, withdrawalRate })
          remember(makes, id, { key: issued.key, place: agentPlace })
          return id
        })
    }
  }
})

const UPDATE_RATES = `mutation ($depositRate: Decimal, $withdrawalRate: Decimal) {
  updateRates(depositRate: $depositRate, withdrawalRate: $withdrawalRate)
}`

const FIND_COUNTRIES = '{ availableCountries { id code } }'
const CREATE_CUSTOMER = `mutation ($email: String!, $firstName: String!, $lastName: String!, $country: ID!) {
  createCustomer(email: $email, firstName: $firstName, lastName: $lastName, country: $country) { id }
}`
const ADD_METHOD = `mutation ($customer: ID!, $rail: String!, $fields: [P2PPaymentMethodFieldInput!]!) {
  addPaymentMethod(customer: $customer, paymentMethodType: $rail, fields: $fields) { id }
}`

export const buyer = stepKind({
  name: 'buyer',
  summary: 'makes a customer of a merchant, with a bank account',
  fields: {
    of: reference('a merchant', 'merchant'),
    firstName: text('the first name'),
    lastName: text('the last name'),
    email: text('of one customer of the merchant only'),
    country: text('two letters'),
    rail: text('where the customer is paid, such as bank_transfer'),
    bank: text("the bank's name"),
    accountNumber: text('the account there')
  },
  prepare({ of, firstName, lastName, email, country, rail, bank, accountNumber }, _scope, { name, place }) {
    const makes = thing('buyer', name, place)
    const fields = [
      { identifier: 'account_name', value: `${firstName} ${lastName}` },
      { identifier: 'account_number', value: accountNumber },
      { identifier: 'bank_name', value: bank }
    ]
    return {
      title: `${firstName} ${lastName} is a customer of ${of.name}`,
      makes,
      needsRamp: true,
      run: (client) =>
        onRamp(client, async (ramp) => {
          const key = fact(of, 'key')
          const countries = await ramp.ask<{ id: string; code: string }[]>('merchant', key, FIND_COUNTRIES)
          const countryId = countries.find(({ code }) => code === country)?.id
          const person = { email, firstName, lastName, country: countryId }
          const { id } = await ramp.ask<{ id: string }>('merchant', key, CREATE_CUSTOMER, person)
          const method = await ramp.ask<{ id: string }>('merchant', key, ADD_METHOD, { customer: id, rail, fields })
          remember(makes, id, { shop: of, paymentMethod: method.id })
          return id
        })
    }
  }
})

const QUOTE = `query ($customer: ID!, $amount: Decimal!, $paymentType: PaymentTypeType, $rail: String!) {
  rampQuote(customer: $customer, amount: $amount, currency: usd, paymentType: $paymentType, paymentMethodType: $rail) {
    id exchangeRate
  }
}`
const DIRECT = 'id status agent paymentDetails exchangeRate amountLocal amountUsd'
const INITIATE = {
  deposit: `mutation ($rampQuote: ID!, $reference: String) {
    initiateRampQuoteDeposit(rampQuote: $rampQuote, reference: $reference) { ${DIRECT} }
  }`,
  withdrawal: `mutation ($rampQuote: ID!, $reference: String, $paymentMethod: ID!) {
    initiateRampQuoteWithdrawal(rampQuote: $rampQuote, reference: $reference, paymentMethod: $paymentMethod) { ${DIRECT} }
  }`
}

interface Placed {
  readonly id: string
  readonly agent: string
  readonly amountLocal: string
  readonly amountUsd: string
  readonly exchangeRate: string
}

function orderKind(direction: 'deposit' | 'withdrawal', summary: string, verb: string): ReturnType<typeof stepKind> {
  return stepKind({
    name: `ramp-${direction}`,
    summary,
    fields: {
      customer: reference('a customer of a merchant', 'buyer'),
      amount: amount('how many USD'),
      rail: text('how local currency moves, such as bank_transfer')
    },
    prepare({ customer, amount, rail }, scope, { name, place }) {
      const makes = thing('ramp-order', name, place)
      const value = amount.in(USD)
      const orderReference = scope.newId()
      return {
        title: `${customer.name} ${verb} ${shown(value)}`,
        makes,
        needsRamp: true,
        run: (client) =>
          onRamp(client, async (ramp) => {
            const shop = fact(customer, 'shop')
            const asked = { customer: customer.id, amount: decimal(value, USD), paymentType: direction, rail }
            const quote = await ramp.ask<{ id: string }>('merchant', fact(shop, 'key'), QUOTE, asked)
            const placed = await ramp.ask<Placed>('merchant', fact(shop, 'key'), INITIATE[direction], {
              rampQuote: quote.id,
              reference: orderReference,
              ...(direction === 'withdrawal' && { paymentMethod: fact(customer, 'paymentMethod') })
            })
            remember(makes, placed.id, { shop, reference: orderReference })
            return `${placed.amountLocal} at ${placed.exchangeRate}, by ${placed.agent}`
          })
      }
    }
  })
}

export const rampDeposit = orderKind('deposit', 'orders USD for local currency', 'buys')
export const rampWithdrawal = orderKind('withdrawal', 'orders local currency for USD', 'sells')

interface Assigned {
  readonly assignment: {
    readonly orderId: string
    readonly amountLocal: string
    readonly currency: string
    readonly status: string
  } | null
}

async function assignmentOf(ramp: RampLink, order: Thing): Promise<NonNullable<Assigned['assignment']>> {
  const { assignment } = await ramp.operator<Assigned>(`/orders/${order.id}`)
  if (!assignment) throw new Error(`${order.name} was never assigned`)
  return assignment
}

export const pay = stepKind({
  name: 'ramp-pay',
  summary: 'a customer pays the agent outside the service, and the merchant says so',
  fields: { order: reference('a deposit', 'ramp-order'), to: reference('an agent', 'agent') },
  prepare: ({ order, to }) => ({
    title: `the customer pays ${to.name} for ${order.name}`,
    needsRamp: true,
    run: (client) =>
      onRamp(client, async (ramp) => {
        const { orderId, amountLocal, currency } = await assignmentOf(ramp, order)
        // The money arrives last: an agent that has it confirms at once, and then there is nothing left to say.
        await ramp.ask('merchant', fact(fact(order, 'shop'), 'key'), command('markDepositAsPaid'), { order: order.id })
        await ramp.payAgent(fact(to, 'place'), orderId, amountLocal, currency)
        return `${amountLocal} ${currency}`
      })
  })
})

export const confirm = stepKind({
  name: 'ramp-confirm',
  summary: 'a customer confirms that the local currency of a withdrawal arrived',
  fields: { order: reference('a withdrawal', 'ramp-order') },
  prepare: ({ order }) => ({
    title: `the customer confirms ${order.name}`,
    needsRamp: true,
    run: (client) =>
      onRamp(client, async (ramp) => {
        const key = fact(fact(order, 'shop'), 'key')
        await ramp.ask('merchant', key, command('markWithdrawalAsReceived'), { order: order.id })
        return 'confirmed'
      })
  })
})

function command(name: 'markDepositAsPaid' | 'markWithdrawalAsReceived'): string {
  return `mutation ($order: ID!) { ${name}(paymentRequest: $order) }`
}

const WAIT_MILLISECONDS_MAX = 60_000
const POLL_MILLISECONDS = 50

export const rampWait = stepKind({
  name: 'ramp-wait',
  summary: 'waits until an order stands so in the hands of its agent',
  fields: { order: reference('an order', 'ramp-order'), status: text('accepted, paid, completed or canceled') },
  prepare: ({ order, status }) => ({
    title: `wait until ${order.name} is ${status}`,
    needsRamp: true,
    async run(client) {
      const deadline = Date.now() + WAIT_MILLISECONDS_MAX
      for (;;) {
        let found = ''
        const answer = await onRamp(client, async (ramp) => (found = (await assignmentOf(ramp, order)).status))
        if (answer.code !== '200' || found === status) return answer
        if (Date.now() > deadline) return { ...answer, problem: `expected ${status} in a minute` }
        await setTimeout(POLL_MILLISECONDS)
      }
    }
  })
})

export const rampBalance = stepKind({
  name: 'ramp-balance',
  summary: 'what a merchant or an agent can spend',
  fields: { of: reference('a merchant or an agent', 'merchant', 'agent'), is: amount('what it must be') },
  prepare({ of, is }) {
    const expected = is.in(USD)
    return {
      title: `balance of ${of.name}`,
      needsRamp: true,
      async run(client) {
        let balance = ''
        const answer = await onRamp(client, async (ramp) => {
          const isAgent = of.kind === 'agent'
          const document = isAgent ? '{ profile { accountBalance } }' : '{ account { accountBalance } }'
          const api = isAgent ? 'agent' : 'merchant'
          balance = (await ramp.ask<{ accountBalance: string }>(api, fact(of, 'key'), document)).accountBalance
          return `${balance} USD`
        })
        const isExpected = plain(balance) === plain(decimal(expected, USD))
        return isExpected ? answer : { ...answer, problem: `expected ${shown(expected)}` }
      }
    }
  }
})

interface Report {
  readonly isSound: boolean
  readonly assetsUsd: string
  readonly liabilitiesUsd: string
  readonly findings: readonly { readonly subject: string; readonly problem: string }[]
}

export const rampReport = stepKind({
  name: 'ramp-report',
  summary: 'has the ramp reconciled: what is held is what everybody has, and every order settles',
  fields: {},
  prepare: () => ({
    title: 'reconcile the ramp with the ledger',
    needsRamp: true,
    async run(client) {
      let found: Report | undefined
      const answer = await onRamp(client, async (ramp) => {
        found = await ramp.operator<Report>('/report')
        return `held ${found.assetsUsd} USD, owned ${found.liabilitiesUsd} USD`
      })
      if (found?.isSound !== false) return answer
      return { ...answer, problem: found.findings.map(({ subject, problem }) => `${subject}: ${problem}`).join('; ') }
    }
  })
})
