/** Merchants. */
import type { Merchant } from '../../../entities'
import { done, refused } from '../../../services/answer'
import { globalId } from '../../../services/ramp/global-ids'
import { formatDecimal, USD_SCALE } from '../../../services/ramp/money'
import { idOf } from '../ids'
import { operation } from '../operation'
import { PAGE_QUERY, pageShape, pageWish } from '../pages'
import type { OperatorServices } from '../services'
import { decimal, flag, integer, moment, named, nullable, object, optional, text, type ValueOf } from '../shape'

const FEE_MAX = 9_999
const FEE_TEXT = 'What an order costs, in hundredths of a per cent; null for what everybody pays.'

export const MERCHANT = named(
  'Merchant',
  object({
    id: text('Its global id.'),
    name: text('What it is called.'),
    email: text('In lower case.'),
    balance: decimal('USD that it can spend.'),
    depositAddress: nullable(text('Where stablecoins for the balance are sent.')),
    isRestricted: flag('Whether it is refused everything.'),
    feeBasisPoints: nullable(integer(FEE_TEXT, 0, FEE_MAX)),
    createdAt: moment('When it was created.')
  })
)

async function shown(services: OperatorServices, merchant: Merchant): Promise<ValueOf<typeof MERCHANT>> {
  const { id, name, email, depositAddress, isRestricted, feeBasisPoints, createdAt } = merchant
  const available = await services.balances.available(merchant.balanceAccountId)
  return {
    id: globalId('MerchantAccount', id),
    name,
    email,
    balance: formatDecimal(available ?? 0n, USD_SCALE),
    depositAddress,
    isRestricted,
    feeBasisPoints,
    createdAt: createdAt.toISOString()
  }
}

export const createMerchant = operation({
  id: 'createMerchant',
  method: 'POST',
  path: '/merchants',
  tag: 'Merchants',
  summary: 'Creates a merchant with an account in USD.',
  isCreation: true,
  body: {
    name: text('What it is called.'),
    email: text('Of one merchant only.'),
    depositAddress: optional(nullable(text('Where stablecoins for the balance are sent.'))),
    feeBasisPoints: optional(nullable(integer(FEE_TEXT, 0, FEE_MAX)))
  },
  answer: MERCHANT,
  failures: ['EMAIL_TAKEN', 'MISSING_FIELD', 'INVALID_ADDRESS', 'INVALID_RATE'],
  run: async ({ services, context, body }) => {
    const answer = await services.merchants.create(context, body)
    return answer.done ? done(await shown(services, answer.value)) : answer
  }
})

export const readMerchant = operation({
  id: 'readMerchant',
  method: 'GET',
  path: '/merchants/{merchant}',
  tag: 'Merchants',
  summary: 'Tells of one merchant.',
  parts: { merchant: 'Its global id.' },
  answer: MERCHANT,
  failures: ['NOT_FOUND'],
  run: async ({ services, path }) => {
    const id = idOf('MerchantAccount', path.merchant)
    const merchant = id === undefined ? undefined : await services.merchants.find(id)
    return merchant ? done(await shown(services, merchant)) : refused('NOT_FOUND')
  }
})

export const listMerchants = operation({
  id: 'listMerchants',
  method: 'GET',
  path: '/merchants',
  tag: 'Merchants',
  summary: 'Lists merchants.',
  query: PAGE_QUERY,
  answer: pageShape(MERCHANT),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, query }) => {
    const wish = pageWish('MerchantAccount', query)
    if (!wish.done) return wish
    const { nodes, hasNextPage } = await services.merchants.page(wish.value)
    return done({ data: await Promise.all(nodes.map((node) => shown(services, node))), hasMore: hasNextPage })
  }
})

export const updateMerchant = operation({
  id: 'updateMerchant',
  method: 'POST',
  path: '/merchants/{merchant}',
  tag: 'Merchants',
  summary: 'Changes a merchant. What is not given stays.',
  parts: { merchant: 'Its global id.' },
  body: {
    name: optional(text('What it is called.')),
    depositAddress: optional(nullable(text('Where stablecoins for the balance are sent.'))),
    isRestricted: optional(flag('Whether it is refused everything.')),
    feeBasisPoints: optional(nullable(integer(FEE_TEXT, 0, FEE_MAX)))
  },
  answer: MERCHANT,
  failures: ['NOT_FOUND', 'MISSING_FIELD', 'INVALID_ADDRESS', 'INVALID_RATE'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('MerchantAccount', path.merchant)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.merchants.update(context, id, body)
    return answer.done ? done(await shown(services, answer.value)) : answer
  }
})
