/**
 * Goal: what a page of customers reads: all of them are counted for a page from the end alone, and then once.
 * Method: a list that notes what is asked of it.
 */
import 'reflect-metadata'
import type { RampCustomer } from '../../src/entities'
import { connectionOf } from '../../src/resolvers/merchant/offset-pages'

const SIZE = 5

function list(): { reads: string[] } & Parameters<typeof connectionOf>[1] {
  const reads: string[] = []
  const customers = Array.from({ length: SIZE }, (_, at) => ({ id: `c${at}`, createdAt: new Date() }) as RampCustomer)
  return {
    reads,
    slice: (offset, limit) => {
      reads.push(`slice ${offset} ${limit}`)
      const hasMore = offset + limit < SIZE
      return Promise.resolve({ customers: customers.slice(offset, offset + limit), hasMore })
    },
    count: () => {
      reads.push('count')
      return Promise.resolve(SIZE)
    }
  }
}

test.each([
  [{ first: 2 }, ['slice 0 2'], [true, false]],
  [{ first: 3, after: 'Mg' }, ['slice 2 3'], [false, true]],
  [{ before: 'MQ' }, ['slice 0 0'], [true, false]],
  [{ after: 'OQ' }, ['slice 9 20', 'slice 0 0'], [false, true]],
  [{ last: 2 }, ['count', 'slice 3 2'], [false, true]],
  [{ last: 2, before: 'NA' }, ['count', 'slice 1 2'], [true, true]]
])('%j', async (page, reads, [hasNextPage, hasPreviousPage]) => {
  const spied = list()
  const { pageInfo } = await connectionOf(page, spied)
  expect(spied.reads).toEqual(reads)
  expect(pageInfo).toMatchObject({ hasNextPage, hasPreviousPage })
})
