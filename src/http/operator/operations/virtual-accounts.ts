/** Bank accounts that merchants asked for. The operator has a bank open them; the service only tells what became of it. */
import type { RampVirtualAccount } from '../../../entities'
import { VIRTUAL_ACCOUNT_STATUSES } from '../../../entities/ramp/virtual-account'
import { done, refused } from '../../../services/answer'
import { globalId } from '../../../services/ramp/global-ids'
import { formatDecimal, USD_SCALE } from '../../../services/ramp/money'
import { bearerOf, idOf } from '../ids'
import { operation } from '../operation'
import { PAGE_QUERY, pageShape, pageWish } from '../pages'
import { choice, decimal, moment, named, nullable, object, optional, text, type ValueOf } from '../shape'

const DETAIL_LENGTH_MAX = 255
const detail = (description: string): ReturnType<typeof text> => text(description, { maxLength: DETAIL_LENGTH_MAX })

const DETAILS = {
  accountName: detail('Whose account it is.'),
  accountNumber: detail('Its number.'),
  routingNumber: text('The nine digits of the bank.', { pattern: '^[0-9]{9}$' }),
  bankName: detail('The bank.'),
  line1: optional(detail('Street and number of the bank.')),
  city: optional(detail('City of the bank.')),
  state: optional(detail('State of the bank.')),
  postalCode: optional(detail('Postal code of the bank.')),
  country: optional(detail('Country of the bank.'))
}

const VIRTUAL_ACCOUNT = named(
  'VirtualBankAccount',
  object({
    id: text('Its global id.'),
    merchant: text('Who asked for it, and paid.'),
    customer: text('Whose it is to be.'),
    status: choice('What became of it.', VIRTUAL_ACCOUNT_STATUSES),
    fee: decimal('USD that were charged for it.'),
    details: nullable(object(DETAILS, 'What a payer has to know.')),
    createdAt: moment('When it was asked for.')
  })
)

function shown({
  id,
  merchantId,
  customerId,
  status,
  fee,
  details,
  createdAt
}: RampVirtualAccount): ValueOf<typeof VIRTUAL_ACCOUNT> {
  return {
    id: globalId('VirtualBankAccount', id),
    merchant: bearerOf('merchant', merchantId),
    customer: globalId('MerchantCustomer', customerId),
    status,
    fee: formatDecimal(fee, USD_SCALE),
    details,
    createdAt: createdAt.toISOString()
  }
}

export const listVirtualAccounts = operation({
  id: 'listVirtualAccounts',
  method: 'GET',
  path: '/virtual_accounts',
  tag: 'Money',
  summary: 'Lists bank accounts that wait for a bank to open them.',
  query: PAGE_QUERY,
  answer: pageShape(VIRTUAL_ACCOUNT),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, query }) => {
    const wish = pageWish('VirtualBankAccount', query)
    if (!wish.done) return wish
    const { nodes, hasNextPage } = await services.virtualAccounts.pending(wish.value)
    return done({ data: nodes.map(shown), hasMore: hasNextPage })
  }
})

export const readVirtualAccount = operation({
  id: 'readVirtualAccount',
  method: 'GET',
  path: '/virtual_accounts/{account}',
  tag: 'Money',
  summary: 'Tells of one bank account.',
  parts: { account: 'Its global id.' },
  answer: VIRTUAL_ACCOUNT,
  failures: ['NOT_FOUND'],
  run: async ({ services, path }) => {
    const id = idOf('VirtualBankAccount', path.account)
    const account = id === undefined ? undefined : await services.virtualAccounts.find(id)
    return account ? done(shown(account)) : refused('NOT_FOUND')
  }
})

export const activateVirtualAccount = operation({
  id: 'activateVirtualAccount',
  method: 'POST',
  path: '/virtual_accounts/{account}/activate',
  tag: 'Money',
  summary: 'Says that a bank has opened an account: its merchant sees where to pay.',
  description: 'Repeating it with the same details changes nothing.',
  parts: { account: 'Its global id.' },
  body: DETAILS,
  answer: VIRTUAL_ACCOUNT,
  failures: ['NOT_FOUND', 'INVALID_STATUS', 'MISSING_FIELD'],
  run: async ({ services, path, body }) => {
    const id = idOf('VirtualBankAccount', path.account)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.virtualAccounts.activate(id, body)
    return answer.done ? done(shown(answer.value)) : answer
  }
})

export const rejectVirtualAccount = operation({
  id: 'rejectVirtualAccount',
  method: 'POST',
  path: '/virtual_accounts/{account}/reject',
  tag: 'Money',
  summary: 'Says that no bank opens an account. Its fee stays.',
  parts: { account: 'Its global id.' },
  body: {},
  answer: VIRTUAL_ACCOUNT,
  failures: ['NOT_FOUND', 'INVALID_STATUS'],
  run: async ({ services, path }) => {
    const id = idOf('VirtualBankAccount', path.account)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.virtualAccounts.reject(id)
    return answer.done ? done(shown(answer.value)) : answer
  }
})
