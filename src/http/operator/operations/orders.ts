/** Orders that need the operator: disputes, and agents that are late. */
import type { RampPayment, RampRequest } from '../../../entities'
import { RAMP_DIRECTIONS } from '../../../entities/ramp/order'
import { RAMP_PAYMENT_STATUSES } from '../../../entities/ramp/payment'
import { RAMP_REQUEST_STATUSES } from '../../../entities/ramp/request'
import { done, refused } from '../../../services/answer'
import { globalId } from '../../../services/ramp/global-ids'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../../services/ramp/money'
import { bearerOf, idOf } from '../ids'
import { operation } from '../operation'
import { PAGE_QUERY, pageShape, pageWish } from '../pages'
import type { OperatorServices } from '../services'
import { choice, decimal, moment, named, nullable, object, text, type ValueOf } from '../shape'

const RESOLUTIONS = ['completed', 'canceled'] as const

const ASSIGNMENT = named(
  'Assignment',
  object({
    id: text('Its global id, which the agent knows.'),
    paymentRequest: text('The global id of the order, which the merchant knows.'),
    orderId: text('Ten characters, the same for every agent.'),
    agent: text('In whose hands the order is.'),
    paymentType: choice('Which way the money goes.', RAMP_DIRECTIONS),
    status: choice('How it stands.', RAMP_PAYMENT_STATUSES),
    amountUsd: decimal('USD.'),
    amountLocal: decimal('Local currency that moves between customer and agent.'),
    currency: text('By ISO 4217.'),
    exchangeRate: decimal('Local currency for one USD.'),
    fee: decimal('USD that the order costs the merchant.'),
    receipt: nullable(text('Of whoever paid.', { minLength: 0 })),
    cancelReason: nullable(text('Why it became void.')),
    expiresAt: nullable(moment('When it has to be paid.')),
    acceptedAt: nullable(moment('When the agent accepted it.')),
    paidAt: nullable(moment('When it was marked as paid.')),
    overdueAt: nullable(moment('When it was found to be late.')),
    createdAt: moment('When it was assigned.')
  })
)

const ORDER = named(
  'Order',
  object({
    id: text('The global id of the payment request.'),
    merchant: text('Whose order it is.'),
    reference: text("The merchant's name of it."),
    paymentType: choice('Which way the money goes.', RAMP_DIRECTIONS),
    status: choice('How it stands.', RAMP_REQUEST_STATUSES),
    createdAt: moment('When it was made.'),
    assignment: nullable(ASSIGNMENT)
  })
)

function shownAssignment(payment: RampPayment): ValueOf<typeof ASSIGNMENT> {
  return {
    id: globalId('P2PPayment', payment.id),
    paymentRequest: globalId('Types::Cashramp::API::MerchantPaymentRequest', payment.requestId),
    orderId: payment.orderId,
    agent: bearerOf('agent', payment.agentId),
    paymentType: payment.paymentType,
    status: payment.status,
    amountUsd: formatDecimal(payment.amountUsd, USD_SCALE),
    amountLocal: formatDecimal(payment.amountLocal, LOCAL_SCALE),
    currency: payment.currency,
    exchangeRate: formatDecimal(payment.exchangeRate, RATE_SCALE),
    fee: formatDecimal(payment.fee, USD_SCALE),
    receipt: payment.receipt,
    cancelReason: payment.cancelReason,
    expiresAt: payment.expiresAt?.toISOString() ?? null,
    acceptedAt: payment.acceptedAt?.toISOString() ?? null,
    paidAt: payment.paidAt?.toISOString() ?? null,
    overdueAt: payment.overdueAt?.toISOString() ?? null,
    createdAt: payment.createdAt.toISOString()
  }
}

async function shown(services: OperatorServices, request: RampRequest): Promise<ValueOf<typeof ORDER>> {
  const { id, merchantId, reference, paymentType, status, createdAt, paymentId } = request
  const payment = paymentId === null ? undefined : await services.orders.findPayment(paymentId)
  return {
    id: globalId('Types::Cashramp::API::MerchantPaymentRequest', id),
    merchant: bearerOf('merchant', merchantId),
    reference,
    paymentType,
    status,
    createdAt: createdAt.toISOString(),
    assignment: payment ? shownAssignment(payment) : null
  }
}

export const readOrder = operation({
  id: 'readOrder',
  method: 'GET',
  path: '/orders/{paymentRequest}',
  tag: 'Orders',
  summary: 'Tells of one order and its present assignment.',
  parts: { paymentRequest: 'Its global id.' },
  answer: ORDER,
  failures: ['NOT_FOUND'],
  run: async ({ services, path }) => {
    const id = idOf('Types::Cashramp::API::MerchantPaymentRequest', path.paymentRequest)
    const request = id === undefined ? undefined : await services.orders.find(id)
    return request ? done(await shown(services, request)) : refused('NOT_FOUND')
  }
})

export const listOverdueOrders = operation({
  id: 'listOverdueOrders',
  method: 'GET',
  path: '/orders/overdue',
  tag: 'Orders',
  summary: 'Lists orders whose agent is late: accepted withdrawals to be paid out, paid deposits to be confirmed.',
  query: PAGE_QUERY,
  answer: pageShape(ASSIGNMENT),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, query }) => {
    const wish = pageWish('P2PPayment', query)
    if (!wish.done) return wish
    const { nodes, hasNextPage } = await services.orders.overdue(wish.value)
    return done({ data: nodes.map(shownAssignment), hasMore: hasNextPage })
  }
})

export const resolveOrder = operation({
  id: 'resolveOrder',
  method: 'POST',
  path: '/orders/{paymentRequest}/resolve',
  tag: 'Orders',
  summary: 'Decides about an order that is paid, or accepted and overdue.',
  description:
    'A paid one is completed, or canceled with everything given back. An overdue one is only canceled: another ' +
    'agent gets it if there is one.',
  parts: { paymentRequest: 'Its global id.' },
  body: { resolution: choice('What it comes to.', RESOLUTIONS) },
  answer: ORDER,
  failures: ['NOT_FOUND', 'INVALID_STATUS', 'INSUFFICIENT_LIQUIDITY', 'INSUFFICIENT_BALANCE'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('Types::Cashramp::API::MerchantPaymentRequest', path.paymentRequest)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.orders.resolve(context, id, body.resolution)
    if (!answer.done) return refused(resolutionFailure(answer.failure))
    const request = await services.orders.find(id)
    return request ? done(await shown(services, request)) : refused('NOT_FOUND')
  }
})

const EXPECTED = ['NOT_FOUND', 'INVALID_STATUS', 'INSUFFICIENT_LIQUIDITY', 'INSUFFICIENT_BALANCE'] as const

function resolutionFailure(failure: string): (typeof EXPECTED)[number] {
  const known = EXPECTED.find((code) => code === failure)
  if (!known) throw new Error(`an order could not be resolved: ${failure}`)
  return known
}
