/**
 * What an answer and the arguments of a request are turned into when they are kept.
 *
 * Goal: an answer comes back as it was, whatever is in it, and two requests have the same hash exactly when
 * they say the same. Method: properties over arbitrary data.
 */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { hashArguments } from '../../src/services/idempotency/arguments-hash'
import { decodeSnapshot, encodeSnapshot } from '../../src/services/idempotency/snapshot'

const key = fc.oneof(fc.string(), fc.constantFrom('$bigint', '$date', '$object', '$other', '__proto__', 'constructor'))
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true })
  )
}))

describe('snapshots', () => {
  it('come back as they were, through JSON', () => {
    fc.assert(
      fc.property(value, (original) => {
        const text = JSON.stringify(encodeSnapshot(original))
        expect(decodeSnapshot(JSON.parse(text))).toEqual(original)
      }),
      { numRuns: 500 }
    )
  })

  it('keep whole numbers of any size and leave out what is undefined', () => {
    const answer = { amount: 2n ** 64n - 1n, at: new Date(0), name: undefined, list: [1n, { $bigint: 'x' }] }
    const text = JSON.stringify(encodeSnapshot(answer))
    expect(text).toBe(
      '{"amount":{"$bigint":"18446744073709551615"},"at":{"$date":"1970-01-01T00:00:00.000Z"},"list":[{"$bigint":"1"},{"$object":{"$bigint":"x"}}]}'
    )
  })

  it.each([[undefined], [Symbol('x')], [() => 1], [Number.NaN], [Infinity], [{ deep: [() => 1] }]])(
    'refuse what cannot come back (%#)',
    (original) => {
      expect(() => encodeSnapshot(original)).toThrow(TypeError)
    }
  )

  it('refuse a tag that nobody wrote', () => {
    expect(() => decodeSnapshot({ $unknown: 1 })).toThrow(TypeError)
  })
})

describe('hashes of arguments', () => {
  const hash = (input: object): string => hashArguments(input).toString('hex')

  it('do not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { noNullPrototype: true }), (input) => {
        const reversed = Object.fromEntries(Object.entries(input).reverse())
        expect(hash(reversed)).toBe(hash(input))
      })
    )
  })

  it('are those of RFC 8785', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (input) => {
        const canonical = canonicalize(input) ?? ''
        expect(hash(input)).toBe(createHash('sha256').update(canonical).digest('hex'))
      })
    )
  })

  it('are 32 bytes and count a whole number the same as its digits', () => {
    expect(hashArguments({ amount: 5n })).toHaveLength(32)
    expect(hash({ amount: 5n })).toBe(hash({ amount: '5' }))
  })

  it('tell apart what differs', () => {
    const inputs = [
      {},
      { a: null },
      { a: '' },
      { a: 0 },
      { a: false },
      { b: null },
      { a: [] },
      { a: {} },
      { a: { b: 1 } },
      { a: [1, 2] },
      { a: [2, 1] }
    ]
    expect(new Set(inputs.map(hash)).size).toBe(inputs.length)
    expect(hash({ a: undefined })).toBe(hash({}))
  })
})
