/**
 * Goal: the cache of documents stays within its bounds and keeps what is used.
 * Method: random uses against a list that says the same in the simplest way.
 */
import fc from 'fast-check'
import { BoundedCache } from '../../src/http/bounded-cache'

const ENTRIES_MAX = 5
const WEIGHT_MAX = 20

const use = fc.record({ key: fc.constantFrom(...'abcdefghij'), weight: fc.nat(25), isSet: fc.boolean() })

test('keeps the entries used last, as many as fit', () => {
  fc.assert(
    fc.property(fc.array(use, { maxLength: 60 }), (uses) => {
      const cache = new BoundedCache<number>(ENTRIES_MAX, WEIGHT_MAX)
      let model: { key: string; weight: number }[] = []
      for (const { key, weight, isSet } of uses) {
        const known = model.find((entry) => entry.key === key)
        expect(cache.get(key)).toBe(known?.weight)
        if (known) model = [...model.filter((entry) => entry !== known), known]
        if (!isSet) continue
        cache.set(key, weight, weight)
        model = [...model.filter((entry) => entry.key !== key), { key, weight }]
        while (model.length > ENTRIES_MAX || model.reduce((sum, entry) => sum + entry.weight, 0) > WEIGHT_MAX)
          model.shift()
        expect(cache.size).toBe(model.length)
      }
    })
  )
})
