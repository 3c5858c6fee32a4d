/**
 * Ids. Goal: ids of our own ascend and are never taken for those that clients choose. Method: many of them,
 * with a clock that stands still, goes on and goes back.
 */
import { randomUUID } from 'node:crypto'
import { Identifiers, parseTransferId, parseUuid } from '../../src/services/identifiers'

describe('new ids', () => {
  it('ascend while the clock stands still, goes on and goes back', () => {
    let now = 1_700_000_000_000
    const identifiers = new Identifiers(() => now)
    const ids: string[] = []
    for (const step of [0, 1, -500, 0, 3]) {
      now += step
      for (let count = 0; count < 10_000; count++) ids.push(identifiers.next())
    }
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('are UUIDs of version 7 with the time in front', () => {
    const id = new Identifiers(() => 0x0123456789ab).next()
    expect(id).toMatch(/^01234567-89ab-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(parseUuid(id)).toBe(id)
    expect(parseTransferId(id)).toBeUndefined()
  })

  it('differ between processes in the same millisecond', () => {
    const [one, two] = [new Identifiers(() => 1), new Identifiers(() => 1)]
    expect(one.next()).not.toBe(two.next())
  })
})

describe('ids of clients', () => {
  it('are UUIDs of version 4, in lower case', () => {
    for (let count = 0; count < 100; count++) {
      const id = randomUUID()
      expect(parseTransferId(id)).toBe(id)
      expect(parseTransferId(id.toUpperCase())).toBe(id)
    }
  })

  it.each([
    '',
    'nope',
    '00000000-0000-0000-0000-000000000000',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    '6ba7b810-9dad-41d1-c0b4-00c04fd430c8',
    '6ba7b8109dad41d180b400c04fd430c8',
    '{6ba7b810-9dad-41d1-80b4-00c04fd430c8}',
    ' 6ba7b810-9dad-41d1-80b4-00c04fd430c8',
    '6ba7b810-9dad-41d1-80b4-00c04fd430c8\n'
  ])('are not %j', (text) => {
    expect(parseTransferId(text)).toBeUndefined()
  })
})
