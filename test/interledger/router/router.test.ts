/**
 * Goal: the way of a packet is the longest address that it continues, part by part, whatever else is there.
 * Method: random sets of neighbours against a naive search.
 */
import fc from 'fast-check'
import { Router, type Hop } from '../../../src/interledger/router/router'

let count = 0

function hop(ilpAddress: string, assetId = 'usd', createdAt = new Date(count)): Hop {
  return { id: String(count++), ilpAddress, asset: { id: assetId }, createdAt }
}

const addresses = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 5 })
  .map((parts) => ['test', ...parts].join('.'))

function naive(hops: readonly Hop[], destination: string): string | undefined {
  return hops
    .map(({ ilpAddress }) => ilpAddress)
    .filter((address) => destination === address || destination.startsWith(`${address}.`))
    .sort((one, other) => other.length - one.length)[0]
}

test('the longest address, as a naive search finds it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(addresses, { maxLength: 12 }), addresses, (known, destination) => {
      const hops = known.map((address) => hop(address))
      expect(new Router(hops).next(destination, 'usd')?.ilpAddress).toBe(naive(hops, destination))
    })
  )
})

test('of neighbours that share an address the one in the same asset, then the oldest', () => {
  const young = hop('test.a', 'eur', new Date(3_000))
  const old = hop('test.a', 'gbp', new Date(1_000))
  const middle = hop('test.a', 'usd', new Date(2_000))
  const router = new Router([young, old, middle])
  expect(router.next('test.a.bob', 'usd')).toBe(middle)
  expect(router.next('test.a.bob', 'eur')).toBe(young)
  expect(router.next('test.a.bob', 'jpy')).toBe(old)
})

test('nobody', () => {
  expect(new Router([]).next('test.a', 'usd')).toBeUndefined()
})
