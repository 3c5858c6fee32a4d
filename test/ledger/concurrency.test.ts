/**
 * Goal: whatever runs at the same time, in one process or in two, money is neither lost nor made.
 * Method: two engines on one database, as two instances of the service would have; seeded random operations
 * from many callers; then the sums, the limits and the verifier.
 */
import { randomUUID } from 'node:crypto'
import type { AccountId, Command, Result } from '../../src/ledger/types'
import { createTestDatabase } from '../support/database'
import { openAccounts, openLedger, submit, transfer, verify, type TestLedger } from './support'

const LONG = Boolean(process.env.HAZINA_TEST_LONG)
let database: { url: string; drop(): Promise<void> }
let here: TestLedger
let there: TestLedger

beforeAll(async () => {
  database = await createTestDatabase()
  here = openLedger(database.url)
  there = openLedger(database.url, here.clock)
})
afterAll(async () => {
  await here.close()
  await there.close()
  await database.drop()
})

/** A small generator with a seed, so that a failing run can be had again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return state % below
  }
}

async function totalsOf(ids: readonly AccountId[]): Promise<bigint[]> {
  const accounts = await here.ledger.accounts(ids)
  const sum = (pick: (account: NonNullable<(typeof accounts)[number]>) => bigint): bigint =>
    accounts.reduce((total, account) => total + pick(account!), 0n)
  return [sum((a) => a.debitsPosted - a.creditsPosted), sum((a) => a.debitsPending - a.creditsPending)]
}

describe('conservation', () => {
  it('holds for 32 callers with mixed operations on 20 accounts and two engines', async () => {
    const [settlement, ...accounts] = await openAccounts(here.ledger, [
      'credits_must_not_exceed_debits',
      ...Array.from({ length: 20 }, () => 'debits_must_not_exceed_credits' as const)
    ])
    for (const account of accounts) await submit(here.ledger, transfer(settlement!, account, 1_000n))
    const seed = Number(process.env.HAZINA_TEST_SEED ?? Date.now() % 1_000_000)
    const holds: string[] = []
    const seen = new Map<Result, number>()
    await Promise.all(
      Array.from({ length: 32 }, async (_, caller) => {
        const random = randomOf(seed + caller * 7_919)
        const { ledger } = caller % 2 ? here : there
        for (let round = 0; round < (LONG ? 1_000 : 60); round++) {
          const commands = randomCommands(random, settlement!, accounts, holds)
          if (round % 10 === 9) here.clock.advanceSeconds(1)
          const { results } = await ledger.submit({ commands })
          for (const result of results) seen.set(result, (seen.get(result) ?? 0) + 1)
        }
      })
    )
    const expected: Result[] = [
      'ok',
      'linked_failed',
      'exceeds_credits',
      'exceeds_debits',
      'already_posted',
      'already_voided',
      'expired',
      'unknown_hold'
    ]
    expect({ seed, unexpected: [...seen.keys()].filter((result) => !expected.includes(result)) }).toEqual({
      seed,
      unexpected: []
    })
    expect(seen.get('ok')).toBeGreaterThan(500)
    expect(seen.get('exceeds_credits')).toBeGreaterThan(0)
    expect(await totalsOf([settlement!, ...accounts])).toEqual([0n, 0n])
    for (const account of await here.ledger.accounts(accounts)) {
      expect(account!.debitsPosted + account!.debitsPending).toBeLessThanOrEqual(account!.creditsPosted)
    }
    expect((await verify(database.url)).firstBad).toBeUndefined()
  })
})

function randomCommands(
  random: (below: number) => number,
  settlement: AccountId,
  accounts: readonly AccountId[],
  holds: string[]
): Command[] {
  const from = random(accounts.length)
  const to = (from + 1 + random(accounts.length - 1)) % accounts.length
  const amount = BigInt(1 + random(400))
  switch (random(7)) {
    case 0:
      return [transfer(settlement, accounts[to]!, amount)]
    case 1:
      return [transfer(accounts[from]!, settlement, amount)]
    case 2: {
      const hold = transfer(accounts[from]!, accounts[to]!, amount, { pending: true, holdSeconds: random(3) })
      holds.push(hold.id)
      return [hold]
    }
    case 3:
    case 4: {
      const holdId = holds[random(Math.max(1, holds.length))]
      if (!holdId) return []
      return [{ type: random(2) ? 'post' : 'void', id: randomUUID(), holdId }]
    }
    case 5:
      return [
        { ...transfer(accounts[from]!, accounts[to]!, amount), linked: true },
        transfer(accounts[to]!, accounts[from]!, amount + BigInt(random(3)))
      ]
    default:
      return [transfer(accounts[from]!, accounts[to]!, amount)]
  }
}

describe('a whole balance', () => {
  it.each([2, 8, 64])('is spent once by %i callers at two engines', async (callers) => {
    const [settlement, purse, shop] = await openAccounts(here.ledger, [
      'credits_must_not_exceed_debits',
      'debits_must_not_exceed_credits',
      'none'
    ])
    for (let round = 0; round < (LONG ? 50 : 5); round++) {
      await submit(here.ledger, transfer(settlement!, purse!, 77n))
      const results = await Promise.all(
        Array.from({ length: callers }, (_, caller) =>
          submit((caller % 2 ? here : there).ledger, transfer(purse!, shop!, 77n))
        )
      )
      expect(results.flat().filter((result) => result === 'ok')).toHaveLength(1)
      expect(results.flat().filter((result) => result === 'exceeds_credits')).toHaveLength(callers - 1)
    }
  })
})

describe('one id', () => {
  it('is used once, by whichever engine came first', async () => {
    const [left, right] = await openAccounts(here.ledger, ['none', 'none'])
    for (let round = 0; round < 20; round++) {
      const command = transfer(left!, right!, 1n)
      const results = await Promise.all([
        submit(here.ledger, command),
        submit(there.ledger, command),
        submit(here.ledger, command)
      ])
      expect(results.flat().sort()).toEqual(['exists', 'exists', 'ok'])
    }
  })

  it('is found out in batches too large to be looked up beforehand', async () => {
    const [left, right, poor] = await openAccounts(here.ledger, ['none', 'none', 'debits_must_not_exceed_credits'])
    const used = transfer(left!, right!, 1n)
    await submit(here.ledger, used)
    const many = (): Command[] => Array.from({ length: 600 }, () => transfer(left!, right!, 1n))
    const clean = await submit(here.ledger, ...many(), transfer(poor!, right!, 1n))
    expect(clean.slice(-1)).toEqual(['exceeds_credits'])
    const results = await submit(here.ledger, ...many(), used, { ...used, debitAccountId: poor! }, ...many())
    expect(results.filter((result) => result === 'ok')).toHaveLength(1_200)
    expect(results.slice(600, 602)).toEqual(['exists', 'exists'])
  })
})

describe('a hold', () => {
  it('has one outcome when post, void and expiry meet', async () => {
    const [settlement, purse] = await openAccounts(here.ledger, [
      'credits_must_not_exceed_debits',
      'debits_must_not_exceed_credits'
    ])
    await submit(here.ledger, transfer(settlement!, purse!, 1_000_000n))
    const outcomes = new Map<string, number>()
    for (let round = 0; round < (LONG ? 1_000 : 60); round++) {
      const hold = transfer(purse!, settlement!, 5n, { pending: true, holdSeconds: 1 })
      await submit(here.ledger, hold)
      const posting = submit(here.ledger, { type: 'post', id: randomUUID(), holdId: hold.id })
      if (round % 3 === 0) here.clock.advanceSeconds(1)
      const voiding = submit(there.ledger, { type: 'void', id: randomUUID(), holdId: hold.id })
      const results = (await Promise.all([posting, voiding])).flat()
      const state = (await here.ledger.transfer(hold.id))!.state!
      outcomes.set(state, (outcomes.get(state) ?? 0) + 1)
      expect(results.filter((result) => result === 'ok')).toHaveLength(state === 'expired' ? 0 : 1)
      const loser = { posted: 'already_posted', voided: 'already_voided', expired: 'expired', pending: '' }[state]
      expect(results.filter((result) => result !== 'ok' && result !== loser)).toEqual([])
    }
    expect(outcomes.has('pending')).toBe(false)
    expect(outcomes.size).toBeGreaterThan(1)
    const [account] = await here.ledger.accounts([purse!])
    expect(account!.debitsPending).toBe(0n)
    expect(account!.debitsPosted).toBe(5n * BigInt(outcomes.get('posted') ?? 0))
  })
})

describe('time', () => {
  it('frees an expired hold for the next reader and the next writer, with nobody sweeping', async () => {
    const [settlement, purse, shop] = await openAccounts(here.ledger, [
      'credits_must_not_exceed_debits',
      'debits_must_not_exceed_credits',
      'none'
    ])
    await submit(here.ledger, transfer(settlement!, purse!, 10n))
    await submit(here.ledger, transfer(purse!, shop!, 10n, { pending: true, holdSeconds: 60 }))
    here.clock.advanceSeconds(59.999_999)
    expect(await submit(there.ledger, transfer(purse!, shop!, 10n))).toEqual(['exceeds_credits'])
    here.clock.advanceSeconds(0.000_001)
    expect(await here.ledger.account(purse!)).toMatchObject({ debitsPending: 0n, debitsPosted: 0n })
    expect(await submit(there.ledger, transfer(purse!, shop!, 10n))).toEqual(['ok'])
  })

  it('never alters a posted total', async () => {
    const [settlement, purse] = await openAccounts(here.ledger, [
      'credits_must_not_exceed_debits',
      'debits_must_not_exceed_credits'
    ])
    const hold = transfer(purse!, settlement!, 4n, { pending: true, holdSeconds: 30 })
    await submit(here.ledger, transfer(settlement!, purse!, 10n), hold)
    await submit(here.ledger, { type: 'post', id: randomUUID(), holdId: hold.id })
    const before = await here.ledger.accounts([settlement!, purse!])
    for (const seconds of [30, 3_600, 400 * 86_400]) {
      here.clock.advanceSeconds(seconds)
      await here.ledger.sweep()
      expect(await here.ledger.accounts([settlement!, purse!])).toEqual(before)
    }
    expect((await verify(database.url)).firstBad).toBeUndefined()
  })

  it('releases more expired holds than one batch takes', async () => {
    const { openHolds } = await verify(database.url)
    const [left, right] = await openAccounts(here.ledger, ['none', 'none'])
    for (let round = 0; round < 2; round++) {
      await submit(
        here.ledger,
        ...Array.from({ length: 4_500 }, () => transfer(left!, right!, 1n, { pending: true, holdSeconds: 5 }))
      )
    }
    here.clock.advanceSeconds(5)
    expect(await here.ledger.account(left!)).toMatchObject({ debitsPending: 0n })
    expect(await submit(here.ledger, transfer(left!, right!, 1n))).toEqual(['ok'])
    expect(await verify(database.url)).toMatchObject({ firstBad: undefined, openHolds })
  })
})
