/**
 * Pages by position. A cursor is the position of a row in its list, from 1, in base64 without padding; rows are
 * only ever added at the end, so positions stay.
 */
import type { RampCustomer } from '../../entities'
import { refusal } from '../ramp/failures'
import type { CustomerPageArguments, MerchantCustomerConnection } from './account-types'
import { customerNode } from './customer-types'

/** Reads rows behind the first `offset`, at most `limit` of them, and counts all. */
export type ReadSlice = (
  offset: number,
  limit: number
) => Promise<{ readonly customers: readonly RampCustomer[]; readonly total: number }>

interface Slice {
  readonly offset: number
  readonly limit: number
}

const PAGE_DEFAULT = 20
const PAGE_MAX = 100
const POSITION = /^[1-9]\d{0,8}$/

/** @throws GraphQLError for counts and cursors that are none */
export async function connectionOf(page: CustomerPageArguments, read: ReadSlice): Promise<MerchantCustomerConnection> {
  for (const count of [page.first, page.last]) if (count != null && count < 1) throw refusal('INVALID_PAGINATION')
  const slice = page.last == null ? fromFront(page) : fromEnd(page, page.last, (await read(0, 0)).total)
  const { customers, total } = await read(slice.offset, slice.limit)
  return connection(customers, total, slice.offset)
}

function fromFront({ first, after, before }: CustomerPageArguments): Slice {
  const offset = after == null ? 0 : positionOf(after)
  const room = before == null ? PAGE_MAX : positionOf(before) - 1 - offset
  return { offset, limit: Math.max(0, Math.min(first ?? PAGE_DEFAULT, PAGE_MAX, room)) }
}

/** What `first` says does not count then: it always says something, if only its default. */
function fromEnd({ after, before }: CustomerPageArguments, last: number, total: number): Slice {
  const begin = after == null ? 0 : positionOf(after)
  const end = before == null ? total : Math.min(positionOf(before) - 1, total)
  const offset = Math.max(begin, end - Math.min(last, PAGE_MAX))
  return { offset, limit: Math.max(0, end - offset) }
}

function connection(customers: readonly RampCustomer[], total: number, offset: number): MerchantCustomerConnection {
  const isEmpty = customers.length === 0
  return {
    nodes: customers.map(customerNode),
    pageInfo: {
      startCursor: isEmpty ? null : cursorOf(offset + 1),
      endCursor: isEmpty ? null : cursorOf(offset + customers.length),
      hasNextPage: offset + customers.length < total,
      hasPreviousPage: offset > 0 && total > 0
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
