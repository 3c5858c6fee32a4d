/** The operator sets a ramp up: a market, merchants with customers, and agents that work by themselves. */
import { createHash } from 'node:crypto'
import type { AssetUnit } from '../../amount'
import { amount, reference, text } from '../../fields'
import type { Scope } from '../../scope'
import { stepKind } from '../../step'
import { decimal, fact, onRamp, remember, shown, thing, USD } from './support'

const LOCAL_SCALE = 2

/** A transaction on chain that nobody has seen before. */
function newHash(scope: Scope): string {
  return `0x${createHash('sha256').update(scope.newId()).digest('hex')}`
}

function arrival(receiver: string, holds: bigint, transactionHash: string): object {
  return { receiver, amountUsd: decimal(holds, USD), symbol: 'USDC', network: 'CELO', transactionHash }
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
