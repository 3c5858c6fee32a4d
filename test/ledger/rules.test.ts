/**
 * Goal: the order of the checks and the limits of numbers, without a database.
 * Method: for each command, one that breaks everything at once; mending the first broken thing must bring up
 * the next answer, in the order in which RESULTS lists them.
 */
import { Book, type KnownTransfer, type OpenAccount } from '../../src/ledger/book'
import { expire, judge } from '../../src/ledger/rules'
import {
  AMOUNT_MAX,
  HOLD_SECONDS_MAX,
  RESULTS,
  TOTAL_MAX,
  type Command,
  type PostCommand,
  type Result,
  type TransferCommand,
  type TransferRecord
} from '../../src/ledger/types'

const NOW = 1_700_000_000_000_000n
const ids = Array.from({ length: 9 }, (_, index) => `00000000-0000-4000-8000-00000000000${index + 1}`)
const USED = ids[8]!

function account(id: bigint, more: Partial<OpenAccount> = {}): OpenAccount {
  return {
    id,
    ledger: 1,
    limit: 'none',
    batch: 1n,
    closed: false,
    debitsPosted: 0n,
    debitsPending: 0n,
    creditsPosted: 0n,
    creditsPending: 0n,
    ...more
  }
}

function book(accounts: OpenAccount[], transfers: KnownTransfer[] = []): Book {
  const known = new Map(transfers.map((transfer) => [transfer.record.id, transfer]))
  return new Book(new Map(accounts.map((one) => [one.id, one])), new Set([USED, ...known.keys()]), known, 1n, NOW)
}

function hold(more: Partial<TransferRecord> = {}): TransferRecord {
  return {
    sequence: 1n,
    id: ids[0]!,
    kind: 'hold',
    debitAccountId: 1n,
    creditAccountId: 2n,
    amount: 10n,
    code: 1,
    holdId: null,
    expiresMicroseconds: null,
    reference: null,
    ...more
  }
}

const GOOD: TransferCommand = {
  type: 'transfer',
  id: ids[1]!,
  debitAccountId: 1n,
  creditAccountId: 2n,
  amount: 10n,
  code: 1
}

describe('a transfer', () => {
  const limited = account(1n, { limit: 'debits_must_not_exceed_credits', creditsPosted: 10n })
  const settlement = account(2n, { limit: 'credits_must_not_exceed_debits', debitsPosted: 10n })
  const cases: [Result, Partial<TransferCommand>, OpenAccount, OpenAccount][] = [
    ['invalid_id', { id: 'x', amount: 0n, holdSeconds: 1, creditAccountId: 1n }, limited, settlement],
    ['invalid_id', { id: '00000000-0000-0000-0000-000000000000' }, limited, settlement],
    ['invalid_id', { id: ids[1]!.replace('8000', 'A000') }, limited, settlement],
    ['invalid_amount', { amount: 0n, holdSeconds: 1, creditAccountId: 1n }, limited, settlement],
    ['invalid_amount', { amount: -1n }, limited, settlement],
    ['invalid_amount', { amount: AMOUNT_MAX + 1n }, limited, settlement],
    ['invalid_timeout', { holdSeconds: 1, creditAccountId: 1n }, limited, settlement],
    ['invalid_timeout', { pending: true, holdSeconds: -1 }, limited, settlement],
    ['invalid_timeout', { pending: true, holdSeconds: 1.5 }, limited, settlement],
    ['invalid_timeout', { pending: true, holdSeconds: HOLD_SECONDS_MAX + 1 }, limited, settlement],
    ['same_accounts', { debitAccountId: 7n, creditAccountId: 7n }, limited, settlement],
    ['unknown_debit_account', { debitAccountId: 7n, creditAccountId: 8n }, limited, settlement],
    ['unknown_credit_account', { creditAccountId: 8n, id: USED }, limited, settlement],
    ['different_ledgers', { id: USED }, account(1n, { closed: true }), account(2n, { ledger: 2 })],
    ['account_closed', { id: USED }, account(1n, { closed: true }), settlement],
    ['account_closed', { id: USED }, limited, account(2n, { closed: true })],
    ['exists', { id: USED, amount: 11n }, limited, settlement],
    ['total_overflow', {}, account(1n, { debitsPosted: TOTAL_MAX - 9n }), account(2n)],
    ['total_overflow', {}, account(1n, { debitsPosted: TOTAL_MAX - 19n, debitsPending: 10n }), account(2n)],
    ['total_overflow', {}, account(1n), account(2n, { creditsPending: TOTAL_MAX - 9n })],
    ['exceeds_debits', { amount: 11n }, limited, settlement],
    ['exceeds_debits', {}, limited, account(2n, { ...settlement, creditsPending: 1n })],
    ['exceeds_credits', { amount: 11n }, limited, account(2n)],
    ['exceeds_credits', {}, account(1n, { ...limited, debitsPending: 1n }), account(2n)],
    ['ok', {}, limited, settlement],
    ['ok', { amount: AMOUNT_MAX }, account(1n, { debitsPosted: TOTAL_MAX - AMOUNT_MAX }), account(2n)],
    ['ok', { pending: true, holdSeconds: HOLD_SECONDS_MAX }, limited, settlement]
  ]
  it.each(cases)('answers %s to %p', (expected, change, debit, credit) => {
    const [first, second] = [{ ...debit }, { ...credit }]
    const judged = book([first, second])
    expect(judge([{ ...GOOD, ...change }], judged)).toEqual([expected])
    if (expected !== 'ok') {
      expect([first, second]).toEqual([debit, credit])
      expect(judged.records).toEqual([])
    }
  })

  it('is checked in the order that is documented', () => {
    const order = cases.map(([result]) => RESULTS.indexOf(result)).slice(0, -3)
    expect(order).toEqual([...order].sort((left, right) => left - right))
  })
})

describe('a post or void', () => {
  const accounts = (): OpenAccount[] => [account(1n, { debitsPending: 10n }), account(2n, { creditsPending: 10n })]
  const post: PostCommand = { type: 'post', id: ids[2]!, holdId: ids[0]! }
  const open: KnownTransfer = { record: hold(), resolution: undefined }
  it.each<[Result, Partial<PostCommand>, KnownTransfer[]]>([
    ['invalid_id', { id: 'x', amount: 0n }, []],
    ['invalid_amount', { amount: 0n, id: USED }, []],
    ['exists', { id: USED }, []],
    ['exists', { id: ids[0]! }, [open]],
    ['unknown_hold', {}, []],
    ['unknown_hold', { holdCodes: [2] }, [{ ...open, resolution: 'void' }]],
    ['unknown_hold', {}, [{ record: hold({ kind: 'void', holdId: ids[4]! }), resolution: undefined }]],
    ['already_voided', {}, [{ ...open, resolution: 'void' }]],
    ['already_posted', {}, [{ ...open, resolution: 'post' }]],
    ['already_posted', {}, [{ record: hold({ kind: 'transfer' }), resolution: undefined }]],
    ['expired', { amount: 11n }, [{ ...open, resolution: 'expire' }]],
    ['exceeds_hold', { amount: 11n }, [open]],
    ['ok', { amount: 10n }, [open]],
    ['ok', { amount: 1n, holdCodes: [2, 1] }, [open]]
  ])('answers %s to %p', (expected, change, transfers) => {
    expect(judge([{ ...post, ...change }], book(accounts(), transfers))).toEqual([expected])
  })

  it('posts a part and releases the rest', () => {
    const [debit, credit] = accounts()
    judge([{ ...post, amount: 4n }], book([debit!, credit!], [open]))
    expect(debit).toMatchObject({ debitsPosted: 4n, debitsPending: 0n })
    expect(credit).toMatchObject({ creditsPosted: 4n, creditsPending: 0n })
  })

  it('releases all of an expired hold and leaves posted totals alone', () => {
    const [debit, credit] = accounts()
    expire(hold({ expiresMicroseconds: NOW }), ids[5]!, book([debit!, credit!]))
    expect(debit).toMatchObject({ debitsPosted: 0n, debitsPending: 0n })
    expect(credit).toMatchObject({ creditsPosted: 0n, creditsPending: 0n })
    expect(() => expire(hold({ expiresMicroseconds: NOW + 1n }), ids[5]!, book(accounts()))).toThrow('due')
  })
})

describe('a chain', () => {
  const one: Command = { ...GOOD, linked: true }
  const two: Command = { ...GOOD, id: ids[2]!, linked: true }
  const last: Command = { ...GOOD, id: ids[3]! }

  it('succeeds as a whole, later members seeing what earlier ones did', () => {
    const middle = account(3n, { limit: 'debits_must_not_exceed_credits' })
    const chain: Command[] = [
      { ...one, creditAccountId: 3n } as TransferCommand,
      { ...last, debitAccountId: 3n } as TransferCommand
    ]
    expect(judge(chain, book([account(1n), account(2n), middle]))).toEqual(['ok', 'ok'])
  })

  it('fails as a whole, names the culprit and burns no id', () => {
    const accounts = [account(1n), account(2n)]
    const judged = book(accounts)
    expect(judge([one, { ...two, amount: 0n } as TransferCommand, last], judged)).toEqual([
      'linked_failed',
      'invalid_amount',
      'linked_failed'
    ])
    expect(accounts).toEqual([account(1n), account(2n)])
    expect(judge([GOOD, last], judged)).toEqual(['ok', 'ok'])
  })

  it('must have an end', () => {
    expect(judge([last, one, two], book([account(1n), account(2n)]))).toEqual([
      'ok',
      'linked_failed',
      'linked_chain_open'
    ])
  })
})

describe('closing', () => {
  it.each<[Result, Partial<OpenAccount>]>([
    ['ok', { debitsPosted: 5n, creditsPosted: 5n }],
    ['account_not_empty', { creditsPosted: 5n }],
    ['account_not_empty', { debitsPending: 1n }],
    ['account_not_empty', { creditsPending: 1n }],
    ['account_closed', { closed: true }]
  ])('answers %s for %p', (expected, state) => {
    expect(judge([{ type: 'close', accountId: 1n }], book([account(1n, state)]))).toEqual([expected])
  })
  it('does not know an account that is not there', () => {
    expect(judge([{ type: 'close', accountId: 9n }], book([]))).toEqual(['unknown_debit_account'])
  })
})
