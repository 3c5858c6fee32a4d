/** Stablecoins that came in, and those that go out. The operator moves them; the service only books. */
import type { RampOnchainTx } from '../../../entities'
import { ONCHAIN_TX_STATUSES } from '../../../entities/ramp/onchain-tx'
import { done, refused } from '../../../services/answer'
import { globalId } from '../../../services/ramp/global-ids'
import { formatDecimal, parseDecimal, USD_SCALE } from '../../../services/ramp/money'
import { bearerOf, readBearer, idOf } from '../ids'
import { operation } from '../operation'
import { PAGE_QUERY, pageShape, pageWish } from '../pages'
import { choice, decimal, moment, named, nullable, object, text, type ValueOf } from '../shape'

const ONCHAIN_TX = named(
  'OnchainTransaction',
  object({
    id: text('Its global id.'),
    merchant: text('Whose balance pays for it.'),
    status: choice('What became of it.', ONCHAIN_TX_STATUSES),
    quantity: decimal('USD in stablecoins that arrive.'),
    fee: decimal('USD that the network costs, on top.'),
    symbol: text('The stablecoin that is sent.'),
    network: text('The network that it is sent on.'),
    address: text('The address that it is sent to.'),
    transactionHash: nullable(text('What the chain calls it; null until it is there.')),
    reason: nullable(text('Why it came to nothing.', { minLength: 0 })),
    createdAt: moment('When it was asked for.'),
    settledAt: nullable(moment('When it ended.'))
  })
)

const ARRIVAL = named(
  'Arrival',
  object({
    transfer: text('The transfer in the ledger.'),
    receiver: text('Whose balance it is in.'),
    symbol: text('The stablecoin that arrived.'),
    network: text('The network that it arrived on.'),
    amountUsd: decimal('USD that were booked.'),
    transactionHash: text('The transaction on chain that brought it.')
  })
)

function shown(tx: RampOnchainTx): ValueOf<typeof ONCHAIN_TX> {
  const { id, merchantId, status, quantity, fee, symbol, network, address, transactionHash, reason } = tx
  return {
    id: globalId('Types::OnchainTx', id),
    merchant: bearerOf('merchant', merchantId),
    status,
    quantity: formatDecimal(quantity, USD_SCALE),
    fee: formatDecimal(fee, USD_SCALE),
    symbol,
    network,
    address,
    transactionHash,
    reason,
    createdAt: tx.createdAt.toISOString(),
    settledAt: tx.settledAt?.toISOString() ?? null
  }
}

export const bookArrival = operation({
  id: 'bookArrival',
  method: 'POST',
  path: '/arrivals',
  tag: 'Money',
  summary: 'Books stablecoins that arrived for an agent or a merchant.',
  description: 'The same transaction brings one receiver one coin once: repeating it changes nothing.',
  body: {
    receiver: text('The global id of an agent or a merchant.'),
    amountUsd: decimal('USD, at most six decimals.'),
    symbol: text('The stablecoin that arrived, such as USDC.'),
    network: text('The network that it arrived on, such as CELO.'),
    transactionHash: text('The transaction on chain that brought it: 0x and 64 hexadecimal digits.')
  },
  answer: ARRIVAL,
  failures: [
    'INVALID_GLOBAL_ID',
    'NOT_FOUND',
    'INVALID_AMOUNT',
    'UNSUPPORTED_ASSET',
    'UNSUPPORTED_NETWORK',
    'INVALID_ADDRESS',
    'DUPLICATE_REFERENCE'
  ],
  run: async ({ services, context, body: { receiver, amountUsd, symbol, network, transactionHash } }) => {
    const bearer = readBearer(receiver)
    if (!bearer) return refused('INVALID_GLOBAL_ID')
    const amount = parseDecimal(amountUsd, USD_SCALE)
    if (amount === undefined) return refused('INVALID_AMOUNT')
    const answer = await services.floats.credit(context, { bearer, symbol, network, amount, transactionHash })
    if (!answer.done) return answer
    const { value } = answer
    return done({
      transfer: value.transferId,
      receiver: bearerOf(bearer.kind, bearer.id),
      symbol: value.symbol,
      network: value.network,
      amountUsd: formatDecimal(value.amount, USD_SCALE),
      transactionHash: value.transactionHash
    })
  }
})

export const listOnchainTransactions = operation({
  id: 'listOnchainTransactions',
  method: 'GET',
  path: '/onchain_transactions',
  tag: 'Money',
  summary: 'Lists transactions that wait to be carried out on chain and settled here.',
  query: PAGE_QUERY,
  answer: pageShape(ONCHAIN_TX),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, query }) => {
    const wish = pageWish('Types::OnchainTx', query)
    if (!wish.done) return wish
    const { nodes, hasNextPage } = await services.settlement.pending(wish.value)
    return done({ data: nodes.map(shown), hasMore: hasNextPage })
  }
})

export const readOnchainTransaction = operation({
  id: 'readOnchainTransaction',
  method: 'GET',
  path: '/onchain_transactions/{transaction}',
  tag: 'Money',
  summary: 'Tells of one transaction on chain.',
  parts: { transaction: 'Its global id.' },
  answer: ONCHAIN_TX,
  failures: ['NOT_FOUND'],
  run: async ({ services, path }) => {
    const id = idOf('Types::OnchainTx', path.transaction)
    const tx = id === undefined ? undefined : await services.settlement.find(id)
    return tx ? done(shown(tx)) : refused('NOT_FOUND')
  }
})

export const settleOnchainTransaction = operation({
  id: 'settleOnchainTransaction',
  method: 'POST',
  path: '/onchain_transactions/{transaction}/settle',
  tag: 'Money',
  summary: 'Says that a transaction is on chain: the money has left.',
  parts: { transaction: 'Its global id.' },
  body: { transactionHash: text('Its name on the chain: 16 to 128 letters and digits, hexadecimal ones in any case.') },
  answer: ONCHAIN_TX,
  failures: ['NOT_FOUND', 'INVALID_STATUS', 'DUPLICATE_REFERENCE', 'REQUIRED_ATTRIBUTES_MISSING', 'INVALID_ADDRESS'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('Types::OnchainTx', path.transaction)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.settlement.complete(context, id, body.transactionHash)
    return answer.done ? done(shown(answer.value)) : answer
  }
})

export const failOnchainTransaction = operation({
  id: 'failOnchainTransaction',
  method: 'POST',
  path: '/onchain_transactions/{transaction}/fail',
  tag: 'Money',
  summary: 'Says that a transaction could not be carried out: the merchant has the money back.',
  parts: { transaction: 'Its global id.' },
  body: { reason: text('Why, for the record.') },
  answer: ONCHAIN_TX,
  failures: ['NOT_FOUND', 'INVALID_STATUS'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('Types::OnchainTx', path.transaction)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.settlement.fail(context, id, body.reason)
    return answer.done ? done(shown(answer.value)) : answer
  }
})

export const cancelOnchainTransaction = operation({
  id: 'cancelOnchainTransaction',
  method: 'POST',
  path: '/onchain_transactions/{transaction}/cancel',
  tag: 'Money',
  summary: 'Gives a transaction up before it went out: the merchant has the money back.',
  parts: { transaction: 'Its global id.' },
  body: { reason: text('Why, for the record.') },
  answer: ONCHAIN_TX,
  failures: ['NOT_FOUND', 'INVALID_STATUS'],
  run: async ({ services, context, path, body }) => {
    const id = idOf('Types::OnchainTx', path.transaction)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.settlement.cancel(context, id, body.reason)
    return answer.done ? done(shown(answer.value)) : answer
  }
})
