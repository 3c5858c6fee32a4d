/**
 * Goal: the engine answers every command as the documentation says, whatever came before.
 * Method: random command sequences, many submissions at once, against a naive model that sums history; every
 * result code, every total and, at the end, the verifier must agree. Fast-check shrinks a failure and prints
 * the seed; HAZINA_TEST_SEED replays it. HAZINA_TEST_LONG=1 runs twenty times as many.
 */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { AccountId, AccountLimit, Command, Submission } from '../../src/ledger/types'
import { createTestDatabase } from '../support/database'
import { Model } from './model'
import { openLedger, verify, type TestLedger } from './support'

const RUNS = process.env.HAZINA_TEST_LONG ? 4_000 : 200
const LIMITS: AccountLimit[] = [
  'credits_must_not_exceed_debits',
  'none',
  ...Array<AccountLimit>(4).fill('debits_must_not_exceed_credits')
]

/** A command with indexes in place of ids, so that it can be generated before the accounts exist. */
type Draft =
  | {
      type: 'transfer'
      id: number
      debit: number
      credit: number
      amount: bigint
      pending: boolean
      seconds: number
      linked: boolean
    }
  | { type: 'post' | 'void'; id: number; hold: number; amount: bigint | undefined; foreign: boolean; linked: boolean }
  | { type: 'close'; account: number; linked: boolean }

// Few transfers and many resolutions of them, with ids of their own or, now and then, somebody else's.
const id = fc.nat(9)
const resolutionId = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 10, max: 29 }) },
  { weight: 1, arbitrary: fc.nat(30) }
)
const account = fc.oneof({ weight: 1, arbitrary: fc.nat(7) }, { weight: 2, arbitrary: fc.constantFrom(0, 2, 3) })
const linked = fc.boolean()
// Round amounts meet limits exactly; the others fall beside them.
const amount = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(10n, 20n, 30n, 50n, 100n) },
  { weight: 3, arbitrary: fc.bigInt(1n, 60n) },
  { weight: 1, arbitrary: fc.constantFrom(0n, -1n, 2n ** 64n - 1n, 2n ** 64n) }
)
const draft: fc.Arbitrary<Draft> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('transfer' as const),
      id: fc.oneof({ weight: 12, arbitrary: id }, { weight: 1, arbitrary: fc.constant(30) }),
      debit: account,
      credit: account,
      amount,
      pending: fc.boolean(),
      seconds: fc.constantFrom(0, 0, 0, 1, 5, 60, -1, 0.5, 400_000_000),
      linked: fc.integer({ min: 0, max: 4 }).map((value) => value === 0)
    })
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('post' as const, 'void' as const),
      id: resolutionId,
      hold: id,
      amount: fc.option(amount, { nil: undefined }),
      foreign: fc.integer({ min: 0, max: 6 }).map((value) => value === 0),
      linked: fc.integer({ min: 0, max: 6 }).map((value) => value === 0)
    })
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), account, linked }) }
)
const step = fc.record({
  commands: fc.array(draft, { minLength: 1, maxLength: 6 }),
  seconds: fc.constantFrom(0, 0, 0, 1, 4, 30)
})
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })

describe('the ledger and its model', () => {
  let database: { url: string; drop(): Promise<void> }
  let test: TestLedger

  beforeAll(async () => {
    database = await createTestDatabase()
    test = openLedger(database.url)
  })
  afterAll(async () => {
    await test.close()
    await database.drop()
  })

  it('agree on every result and every total', async () => {
    const seed = process.env.HAZINA_TEST_SEED ? { seed: Number(process.env.HAZINA_TEST_SEED) } : {}
    await fc.assert(
      fc.asyncProperty(story, async (rounds) => {
        await tell(test, rounds)
      }),
      { numRuns: RUNS, ...seed }
    )
    const verdict = await verify(database.url)
    expect(verdict.firstBad).toBeUndefined()
    expect(verdict.transfers).toBeGreaterThan(BigInt(RUNS))
  }, 600_000)
})

async function tell({ ledger, clock }: TestLedger, rounds: { commands: Draft[]; seconds: number }[][]): Promise<void> {
  const model = new Model(clock.now)
  const accounts = await open(ledger, model)
  const ids = Array.from({ length: 31 }, (_, index) => (index === 30 ? 'not-an-id' : randomUUID()))
  await fund(ledger, model, accounts)
  for (const round of rounds) {
    clock.advanceSeconds(round[0]!.seconds)
    const submissions: Submission[] = round.map(({ commands }) => ({
      commands: commands.map((one) => commandOf(one, ids, accounts))
    }))
    const outcomes = await Promise.all(submissions.map((submission) => ledger.submit(submission)))
    const expected = submissions.map((submission) => model.submit(submission.commands))
    expect(outcomes.map((outcome) => outcome.results)).toEqual(expected)
    const stored = await ledger.accounts(accounts)
    const totals = stored.map(
      (one) =>
        one && {
          debitsPosted: one.debitsPosted,
          debitsPending: one.debitsPending,
          creditsPosted: one.creditsPosted,
          creditsPending: one.creditsPending
        }
    )
    expect(totals).toEqual(accounts.map((one) => model.totals(one)))
  }
}

async function open(ledger: TestLedger['ledger'], model: Model): Promise<AccountId[]> {
  const ids = await ledger.allocateAccountIds(LIMITS.length + 1)
  const opened = ids.map((one, index) => ({
    id: one,
    ledger: index === LIMITS.length ? 2 : 1,
    code: 1,
    limit: LIMITS[index] ?? ('none' as const),
    owner: randomUUID()
  }))
  await ledger.submit({ accounts: opened, commands: [] })
  for (const one of opened) model.open(one.id, one.ledger, one.limit)
  return ids
}

async function fund(ledger: TestLedger['ledger'], model: Model, accounts: readonly AccountId[]): Promise<void> {
  const commands: Command[] = accounts.slice(2, 4).map((credit) => ({
    type: 'transfer',
    id: randomUUID(),
    debitAccountId: accounts[0]!,
    creditAccountId: credit,
    amount: 50n,
    code: 1
  }))
  expect((await ledger.submit({ commands })).results).toEqual(model.submit(commands))
}

function commandOf(one: Draft, ids: readonly string[], accounts: readonly AccountId[]): Command {
  const accountAt = (index: number): AccountId => accounts[index] ?? 999_999_999_999n
  switch (one.type) {
    case 'transfer':
      return {
        type: 'transfer',
        id: ids[one.id]!,
        debitAccountId: accountAt(one.debit),
        creditAccountId: accountAt(one.credit),
        amount: one.amount,
        code: 1,
        pending: one.pending,
        holdSeconds: one.seconds,
        linked: one.linked
      }
    case 'post':
      return {
        type: 'post',
        id: ids[one.id]!,
        holdId: ids[one.hold]!,
        amount: one.amount,
        linked: one.linked,
        ...(one.foreign ? { holdCodes: [7] } : {})
      }
    case 'void':
      return {
        type: 'void',
        id: ids[one.id]!,
        holdId: ids[one.hold]!,
        linked: one.linked,
        ...(one.foreign ? { holdCodes: [7] } : {})
      }
    case 'close':
      return { type: 'close', accountId: accountAt(one.account), linked: one.linked }
  }
}
