/**
 * Pages by position. A cursor is the position of a row in its list, from 1, in base64 without padding; rows are
 * only ever added at the end, so positions stay.
 */
import type { CustomerSlice } from '../../services/ramp/parties/customer-service'
import { refusal } from '../ramp/failures'
import type { CustomerPageArguments, MerchantCustomerConnection } from './account-types'
import { customerNode } from './customer-types'

/** What a connection reads. */
export interface CustomerList {
  /** Rows behind the first `offset`, at most `limit` of them, and whether others come after them. */
  readonly slice: (offset: number, limit: number) => Promise<CustomerSlice>
  /** How many rows there are. Only pages from the end need to know. */
  readonly count: () => Promise<number>
}

interface Slice {
  readonly offset: number
  readonly limit: number
}

const PAGE_DEFAULT = 20
const PAGE_MAX = 100
const POSITION = /^[1-9]\d{0,8}$/

/** @throws GraphQLError for counts and cursors that are none */
export async function connectionOf(
  page: CustomerPageArguments,
  list: CustomerList
): Promise<MerchantCustomerConnection> {
  for (const count of [page.first, page.last]) if (count != null && count < 1) throw refusal('INVALID_PAGINATION')
  const slice = page.last == null ? fromFront(page) : fromEnd(page, page.last, await list.count())
  const found = await list.slice(slice.offset, slice.limit)
  const isEmpty = found.customers.length === 0
  const hasPreviousPage = slice.offset > 0 && (!isEmpty || (await list.slice(0, 0)).hasMore)
  return connection(found, slice.offset, hasPreviousPage)
}

function fromFront({ first, after, before }: CustomerPageArguments): Slice {
  const offset = after == null ? 0 : positionOf(after)
  const room = before == null ? PAGE_MAX : positionOf(before) - 1 - offset
  return { offset, limit: Math.max(0, Math.min(first ?? PAGE_DEFAULT, PAGE_MAX, room)) }
}

/** `first` is ignored beside `last`: its default makes it always present, so it cannot tell what was asked for. */
function fromEnd({ after, before }: CustomerPageArguments, last: number, total: number): Slice {
  const begin = after == null ? 0 : positionOf(after)
  const end = before == null ? total : Math.min(positionOf(before) - 1, total)
  const offset = Math.max(begin, end - Math.min(last, PAGE_MAX))
  return { offset, limit: Math.max(0, end - offset) }
}

function connection(
  { customers, hasMore }: CustomerSlice,
  offset: number,
  hasPreviousPage: boolean
): MerchantCustomerConnection {
  const isEmpty = customers.length === 0
  return {
    nodes: customers.map(customerNode),
    pageInfo: {
      startCursor: isEmpty ? null : cursorOf(offset + 1),
      endCursor: isEmpty ? null : cursorOf(offset + customers.length),
      hasNextPage: hasMore,
      hasPreviousPage
    }
  }
}

function cursorOf(position: number): string {
  return Buffer.from(String(position)).toString('base64').replaceAll('=', '')
}

function positionOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64').toString('latin1')
  if (!POSITION.test(text) || cursorOf(Number(text)) !== cursor.replaceAll('=', '')) throw refusal('INVALID_PAGINATION')
  return Number(text)
}
