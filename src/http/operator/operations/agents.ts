/** Agents, their credit and their payment methods. */
import { VERIFICATION_STATUSES } from '../../../entities/ramp/agent'
import { METHOD_DESIGNATIONS, METHOD_OWNERSHIPS } from '../../../entities/ramp/payment-method'
import { done, refused } from '../../../services/answer'
import { globalId } from '../../../services/ramp/global-ids'
import { formatDecimal, LOCAL_SCALE, parseDecimal, RATE_SCALE, USD_SCALE } from '../../../services/ramp/money'
import { idOf } from '../ids'
import { operation } from '../operation'
import { PAGE_QUERY, pageShape, pageWish } from '../pages'
import type { OperatorServices } from '../services'
import {
  choice,
  decimal,
  flag,
  integer,
  list,
  moment,
  named,
  nullable,
  object,
  optional,
  record,
  text,
  type ValueOf
} from '../shape'

const COUNT_MAX = 2_147_483_647
const ADDRESS_TEXT = 'Where stablecoins for the balance are sent.'
const VERIFICATION_TEXT = 'Only a verified agent gets orders.'
const NAME_TEXT = 'What customers are told whom they pay.'

export const AGENT = named(
  'Agent',
  object({
    id: text('Its global id.'),
    email: text('In lower case.'),
    name: text(NAME_TEXT),
    country: text('Two letters.'),
    verificationStatus: choice(VERIFICATION_TEXT, VERIFICATION_STATUSES),
    isSuspended: flag('Gets no new orders, and may finish those it has.'),
    isRestricted: flag('Is refused everything.'),
    enforceReceiptUpload: flag('Marks a withdrawal as paid only with a receipt.'),
    autoUpdateDepositRate: flag('The deposit rate follows the market at the stored margin.'),
    autoUpdateWithdrawalRate: flag('The withdrawal rate does.'),
    depositRate: nullable(decimal('Local currency for one USD; null until first set.')),
    withdrawalRate: nullable(decimal('Local currency for one USD; null until first set.')),
    depositMargin: decimal('Above the market, as last stored.'),
    withdrawalMargin: decimal('Below the market, as last stored.'),
    balance: decimal('USD that it can spend.'),
    escrow: decimal('USD reserved for orders.'),
    creditLine: decimal('USD that it may owe.'),
    usedCreditLine: decimal('The part of it that is drawn or reserved.'),
    depositAddress: nullable(text(ADDRESS_TEXT)),
    depositsCompleted: integer('Deposits that went through.', 0, COUNT_MAX),
    withdrawalsCompleted: integer('Withdrawals that went through.', 0, COUNT_MAX),
    createdAt: moment('When it was created.')
  })
)

const METHOD = named(
  'AgentPaymentMethod',
  object({
    id: text('Its global id.'),
    rail: text('The identifier of its rail.'),
    value: text('A label: whose it is, and its number.'),
    fields: record(text('A value.'), 'By the names of the rail.'),
    designation: choice('Which orders it serves.', METHOD_DESIGNATIONS),
    ownership: nullable(choice("Whether it is the agent's own.", METHOD_OWNERSHIPS)),
    isInstant: flag('Whether money arrives at once.'),
    available: decimal('Local currency that the agent says it has there, less what withdrawals have reserved.')
  })
)

async function shown(services: OperatorServices, id: string): Promise<ValueOf<typeof AGENT>> {
  const { agent, balances } = await services.profiles.view(id)
  const country = await services.countries.get(agent.countryId)
  const usd = (amount: bigint): string => formatDecimal(amount, USD_SCALE)
  const rate = (amount: bigint): string => formatDecimal(amount, RATE_SCALE)
  return {
    id: globalId('Agent', agent.id),
    email: agent.email,
    name: agent.name,
    country: country.code,
    verificationStatus: agent.verificationStatus,
    isSuspended: agent.isSuspended,
    isRestricted: agent.isRestricted,
    enforceReceiptUpload: agent.enforceReceiptUpload,
    autoUpdateDepositRate: agent.autoUpdateDepositRate,
    autoUpdateWithdrawalRate: agent.autoUpdateWithdrawalRate,
    depositRate: agent.depositRate === null ? null : rate(agent.depositRate),
    withdrawalRate: agent.withdrawalRate === null ? null : rate(agent.withdrawalRate),
    depositMargin: rate(agent.depositMargin),
    withdrawalMargin: rate(agent.withdrawalMargin),
    balance: usd(balances.available),
    escrow: usd(balances.escrow),
    creditLine: usd(balances.creditLine),
    usedCreditLine: usd(balances.usedCreditLine),
    depositAddress: agent.depositAddress,
    depositsCompleted: agent.depositsCompleted,
    withdrawalsCompleted: agent.withdrawalsCompleted,
    createdAt: agent.createdAt.toISOString()
  }
}

async function shownMethod(services: OperatorServices, id: string): Promise<ValueOf<typeof METHOD>> {
  const method = await services.paymentMethods.find(id)
  if (!method) throw new Error(`there is no payment method ${id}`)
  const { identifier } = await services.countries.rail(method.railId)
  const { liquidityAccountId } = method
  const available = liquidityAccountId === null ? 0n : await services.balances.available(liquidityAccountId)
  return {
    id: globalId('P2PPaymentMethod', id),
    rail: identifier,
    value: method.value,
    fields: Object.fromEntries(method.fields.map((field) => [field.identifier, field.value])),
    designation: method.designation,
    ownership: method.ownership,
    isInstant: method.isInstant,
    available: formatDecimal(available ?? 0n, LOCAL_SCALE)
  }
}

export const createAgent = operation({
  id: 'createAgent',
  method: 'POST',
  path: '/agents',
  tag: 'Agents',
  summary: 'Creates an agent with an account in USD and a credit line of nothing.',
  isCreation: true,
  body: {
    email: text('Of one agent only.'),
    name: optional(text(`${NAME_TEXT} Without one, what stands before the @ of the email.`)),
    country: text('Two letters.'),
    verificationStatus: optional(choice(VERIFICATION_TEXT, VERIFICATION_STATUSES)),
    depositAddress: optional(nullable(text(ADDRESS_TEXT)))
  },
  answer: AGENT,
  failures: ['EMAIL_TAKEN', 'MISSING_FIELD', 'INVALID_ADDRESS', 'UNSUPPORTED_COUNTRY'],
  run: async ({ services, context, body: { country, ...rest } }) => {
    const answer = await services.agents.create(context, { ...rest, countryCode: country })
    return answer.done ? done(await shown(services, answer.value.id)) : answer
  }
})

export const readAgent = operation({
  id: 'readAgent',
  method: 'GET',
  path: '/agents/{agent}',
  tag: 'Agents',
  summary: 'Tells of one agent.',
  parts: { agent: 'Its global id.' },
  answer: AGENT,
  failures: ['NOT_FOUND'],
  run: async ({ services, path }) => {
    const id = idOf('Agent', path.agent)
    const agent = id === undefined ? undefined : await services.agents.find(id)
    return agent ? done(await shown(services, agent.id)) : refused('NOT_FOUND')
  }
})

export const listAgents = operation({
  id: 'listAgents',
  method: 'GET',
  path: '/agents',
  tag: 'Agents',
  summary: 'Lists agents.',
  query: PAGE_QUERY,
  answer: pageShape(AGENT),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, query }) => {
    const wish = pageWish('Agent', query)
    if (!wish.done) return wish
    const { nodes, hasNextPage } = await services.agents.page(wish.value)
    return done({ data: await Promise.all(nodes.map(({ id }) => shown(services, id))), hasMore: hasNextPage })
  }
})

export const updateAgent = operation({
  id: 'updateAgent',
  method: 'POST',
  path: '/agents/{agent}',
  tag: 'Agents',
  summary: 'Changes an agent: verifies, suspends, restricts and so on. What is not given stays.',
  parts: { agent: 'Its global id.' },
  body: {
    name: optional(text(NAME_TEXT)),
    verificationStatus: optional(choice(VERIFICATION_TEXT, VERIFICATION_STATUSES)),
    isSuspended: optional(flag('Gets no new orders, and may finish those it has.')),
    isRestricted: optional(flag('Is refused everything.')),
    autoUpdateDepositRate: optional(flag('The deposit rate follows the market at the stored margin.')),
    autoUpdateWithdrawalRate: optional(flag('The withdrawal rate does.')),
    enforceReceiptUpload: optional(flag('Marks a withdrawal as paid only with a receipt.')),
    isTotpEnabled: optional(flag('What the profile shows of it.')),
    depositAddress: optional(nullable(text(ADDRESS_TEXT)))
  },
  answer: AGENT,
  failures: ['NOT_FOUND', 'MISSING_FIELD', 'INVALID_ADDRESS'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('Agent', path.agent)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.agents.update(context, id, body)
    return answer.done ? done(await shown(services, id)) : answer
  }
})

export const setCreditLine = operation({
  id: 'setCreditLine',
  method: 'POST',
  path: '/agents/{agent}/credit_line',
  tag: 'Agents',
  summary: 'Sets how much an agent may owe.',
  description: 'A line is not lowered below what of it is drawn or reserved: the answer tells how far it was.',
  parts: { agent: 'Its global id.' },
  body: { amountUsd: decimal('USD, at most six decimals.') },
  answer: AGENT,
  failures: ['NOT_FOUND', 'INVALID_AMOUNT'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('Agent', path.agent)
    if (id === undefined) return refused('NOT_FOUND')
    const line = parseDecimal(body.amountUsd, USD_SCALE)
    if (line === undefined) return refused('INVALID_AMOUNT')
    const answer = await services.agents.grantCredit(context, id, line)
    return answer.done ? done(await shown(services, id)) : answer
  }
})

export const addPaymentMethod = operation({
  id: 'addPaymentMethod',
  method: 'POST',
  path: '/agents/{agent}/payment_methods',
  tag: 'Agents',
  summary: 'Gives an agent a payment method, with nothing on it.',
  isCreation: true,
  parts: { agent: 'Its global id.' },
  body: {
    rail: text('Its identifier, with the country or without.'),
    fields: record(text('A value.', { minLength: 0 }), 'By the names of the rail.'),
    designation: optional(choice('Which orders it serves; both unless given.', METHOD_DESIGNATIONS)),
    ownership: optional(choice("Whether it is the agent's own; it is unless given.", METHOD_OWNERSHIPS)),
    isInstant: optional(flag('Whether money arrives at once.'))
  },
  answer: METHOD,
  failures: ['NOT_FOUND', 'INVALID_PAYMENT_METHOD', 'MISSING_FIELD'],
  run: async ({ services, context, path, body: { rail, fields, ...rest } }) => {
    const id = idOf('Agent', path.agent)
    const agent = id === undefined ? undefined : await services.agents.find(id)
    if (!agent) return refused('NOT_FOUND')
    const given = Object.entries(fields).map(([identifier, value]) => ({ identifier, value }))
    const answer = await services.paymentMethods.addForAgent(context, agent, {
      ...rest,
      railIdentifier: rail,
      fields: given
    })
    return answer.done ? done(await shownMethod(services, answer.value.id)) : answer
  }
})

export const listPaymentMethods = operation({
  id: 'listPaymentMethods',
  method: 'GET',
  path: '/agents/{agent}/payment_methods',
  tag: 'Agents',
  summary: "Lists an agent's payment methods, without deleted ones.",
  parts: { agent: 'Its global id.' },
  answer: object({ data: list(METHOD, 'The oldest first.') }),
  failures: ['NOT_FOUND'],
  run: async ({ services, path }) => {
    const id = idOf('Agent', path.agent)
    const agent = id === undefined ? undefined : await services.agents.find(id)
    if (!agent) return refused('NOT_FOUND')
    const methods = await services.paymentMethods.list('agent', agent.id)
    return done({ data: await Promise.all(methods.map((method) => shownMethod(services, method.id))) })
  }
})

export const setLiquidity = operation({
  id: 'setLiquidity',
  method: 'POST',
  path: '/agents/{agent}/payment_methods/{method}/liquidity',
  tag: 'Agents',
  summary: 'Says for an agent how much local currency it has on a payment method.',
  parts: { agent: 'Its global id.', method: 'Its global id.' },
  body: { amountLocal: decimal('Local currency, at most two decimals: what is to be available.') },
  answer: METHOD,
  failures: ['NOT_FOUND', 'INVALID_AMOUNT', 'INVALID_PAYMENT_METHOD'],
  run: async ({ services, context, path, body }) => {
    const agentId = idOf('Agent', path.agent)
    const methodId = idOf('P2PPaymentMethod', path.method)
    const agent = agentId === undefined ? undefined : await services.agents.find(agentId)
    if (!agent || methodId === undefined) return refused('NOT_FOUND')
    const answer = await services.agents.setLiquidity(context, agent.id, { methodId, amount: body.amountLocal })
    return answer.done ? done(await shownMethod(services, answer.value.id)) : answer
  }
})

export const deletePaymentMethod = operation({
  id: 'deletePaymentMethod',
  method: 'POST',
  path: '/agents/{agent}/payment_methods/{method}/delete',
  tag: 'Agents',
  summary: 'Takes a payment method out of use. Orders under way keep it.',
  parts: { agent: 'Its global id.', method: 'Its global id.' },
  body: {},
  answer: METHOD,
  failures: ['NOT_FOUND'],
  run: async ({ services, context, path }) => {
    const agentId = idOf('Agent', path.agent)
    const methodId = idOf('P2PPaymentMethod', path.method)
    if (agentId === undefined || methodId === undefined) return refused('NOT_FOUND')
    const answer = await services.paymentMethods.softDelete(context, 'agent', agentId, methodId)
    return answer.done ? done(await shownMethod(services, methodId)) : answer
  }
})
