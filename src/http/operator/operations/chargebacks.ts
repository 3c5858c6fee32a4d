/** Disputes about completed deposits. */
import type { RampChargeback } from '../../../entities'
import { RAMP_CHARGEBACK_STATUSES } from '../../../entities/ramp/chargeback'
import { done, refused } from '../../../services/answer'
import { globalId } from '../../../services/ramp/global-ids'
import { formatDecimal, USD_SCALE } from '../../../services/ramp/money'
import { bearerOf, idOf } from '../ids'
import { operation } from '../operation'
import { PAGE_QUERY, pageShape, pageWish } from '../pages'
import { choice, decimal, moment, named, nullable, object, optional, text, type ValueOf } from '../shape'

const OUTCOMES = ['lost', 'won'] as const

const CHARGEBACK = named(
  'Chargeback',
  object({
    id: text('Its global id.'),
    paymentRequest: text('The deposit.'),
    merchant: text('Who loses or wins.'),
    agent: text('Whose fiat was taken back.'),
    amountUsd: decimal('What it is about.'),
    reason: text('As it was given.'),
    status: choice('How it stands.', RAMP_CHARGEBACK_STATUSES),
    recoveredUsd: nullable(decimal('What the merchant had when it lost.')),
    owedUsd: decimal('What the merchant still owes.'),
    createdAt: moment('When it was opened.'),
    resolvedAt: nullable(moment('When it ended.'))
  })
)

function shown(chargeback: RampChargeback): ValueOf<typeof CHARGEBACK> {
  const { id, requestId, merchantId, agentId, amountUsd, reason, status, recoveredUsd } = chargeback
  const owed = recoveredUsd === null ? 0n : amountUsd - recoveredUsd
  return {
    id: globalId('MerchantChargeback', id),
    paymentRequest: globalId('Types::Cashramp::API::MerchantPaymentRequest', requestId),
    merchant: bearerOf('merchant', merchantId),
    agent: bearerOf('agent', agentId),
    amountUsd: formatDecimal(amountUsd, USD_SCALE),
    reason,
    status,
    recoveredUsd: recoveredUsd === null ? null : formatDecimal(recoveredUsd, USD_SCALE),
    owedUsd: formatDecimal(owed, USD_SCALE),
    createdAt: chargeback.createdAt.toISOString(),
    resolvedAt: chargeback.resolvedAt?.toISOString() ?? null
  }
}

export const openChargeback = operation({
  id: 'openChargeback',
  method: 'POST',
  path: '/chargebacks',
  tag: 'Orders',
  summary: 'Opens a dispute about a completed deposit. The merchant is told.',
  isCreation: true,
  body: {
    paymentRequest: text('The global id of the deposit.'),
    amountUsd: optional(decimal('At most what was deposited, and all of it unless given.')),
    reason: text('What the merchant is told.')
  },
  answer: CHARGEBACK,
  failures: [
    'INVALID_GLOBAL_ID',
    'NOT_FOUND',
    'INVALID_ORDER_TYPE',
    'INVALID_STATUS',
    'INVALID_AMOUNT',
    'ABOVE_MAXIMUM',
    'REQUIRED_ATTRIBUTES_MISSING'
  ],
  run: async ({ services, context, body: { paymentRequest, ...rest } }) => {
    const requestId = idOf('Types::Cashramp::API::MerchantPaymentRequest', paymentRequest)
    if (requestId === undefined) return refused('INVALID_GLOBAL_ID')
    const answer = await services.chargebacks.open(context, { ...rest, requestId })
    return answer.done ? done(shown(answer.value)) : answer
  }
})

export const listChargebacks = operation({
  id: 'listChargebacks',
  method: 'GET',
  path: '/chargebacks',
  tag: 'Orders',
  summary: 'Lists disputes.',
  query: PAGE_QUERY,
  answer: pageShape(CHARGEBACK),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, query }) => {
    const wish = pageWish('MerchantChargeback', query)
    if (!wish.done) return wish
    const { nodes, hasNextPage } = await services.chargebacks.page(wish.value)
    return done({ data: nodes.map(shown), hasMore: hasNextPage })
  }
})

export const resolveChargeback = operation({
  id: 'resolveChargeback',
  method: 'POST',
  path: '/chargebacks/{chargeback}/resolve',
  tag: 'Orders',
  summary: 'Ends a dispute. Who loses gives the amount to the agent as far as the balance goes, and owes the rest.',
  parts: { chargeback: 'Its global id.' },
  body: { outcome: choice('How it ended for the merchant.', OUTCOMES) },
  answer: CHARGEBACK,
  failures: ['NOT_FOUND', 'INVALID_STATUS'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('MerchantChargeback', path.chargeback)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.chargebacks.resolve(context, id, body.outcome)
    return answer.done ? done(shown(answer.value)) : answer
  }
})
