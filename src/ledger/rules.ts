/**
 * The rules of the ledger: a batch and what it knows of the ledger in, results and new totals out.
 *
 * Pure: no I/O, no clock, no randomness. Each command is checked in the order that `RESULTS` documents; the
 * first check that fails gives the answer and the command changes nothing.
 */
import assert from 'node:assert'
import type { Book, OpenAccount } from './book'
import {
  AMOUNT_MAX,
  HOLD_SECONDS_MAX,
  TOTAL_MAX,
  type CloseCommand,
  type Command,
  type PostCommand,
  type Result,
  type TransferCommand,
  type TransferRecord,
  type VoidCommand
} from './types'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UUID_NIL = '00000000-0000-0000-0000-000000000000'

export function isTransferId(id: string): boolean {
  return UUID.test(id) && id !== UUID_NIL
}

/** Judges one submission's commands in order. Linked commands succeed or fail together. */
export function judge(commands: readonly Command[], book: Book): Result[] {
  const results: Result[] = []
  for (let first = 0; first < commands.length;) {
    const last = chainEnd(commands, first)
    results.push(...judgeChain(commands.slice(first, last + 1), book))
    first = last + 1
  }
  return results
}

/** Index of the first command from `first` on that is not linked to its successor. */
function chainEnd(commands: readonly Command[], first: number): number {
  let last = first
  while (last < commands.length - 1 && commands[last]?.linked) last++
  return last
}

function judgeChain(chain: readonly Command[], book: Book): Result[] {
  if (chain.length === 1 && !chain[0]!.linked) return [judgeCommand(chain[0]!, book)]
  if (chain.at(-1)!.linked)
    return chain.map((_, index) => (index === chain.length - 1 ? 'linked_chain_open' : 'linked_failed'))
  const mark = book.mark()
  for (const [index, command] of chain.entries()) {
    const result = judgeCommand(command, book)
    if (result === 'ok') continue
    book.revert(mark)
    return chain.map((_, other) => (other === index ? result : 'linked_failed'))
  }
  return chain.map(() => 'ok')
}

function judgeCommand(command: Command, book: Book): Result {
  switch (command.type) {
    case 'transfer':
      return judgeTransfer(command, book)
    case 'post':
    case 'void':
      return judgeResolution(command, book)
    case 'close':
      return judgeClose(command, book)
  }
}

function judgeTransfer(command: TransferCommand, book: Book): Result {
  const { amount, holdSeconds = 0, pending = false } = command
  if (!isTransferId(command.id)) return 'invalid_id'
  if (amount < 1n || amount > AMOUNT_MAX) return 'invalid_amount'
  if (!isHoldTime(holdSeconds, pending)) return 'invalid_timeout'
  if (command.debitAccountId === command.creditAccountId) return 'same_accounts'
  const debit = book.account(command.debitAccountId)
  if (!debit) return 'unknown_debit_account'
  const credit = book.account(command.creditAccountId)
  if (!credit) return 'unknown_credit_account'
  if (debit.ledger !== credit.ledger) return 'different_ledgers'
  if (debit.closed || credit.closed) return 'account_closed'
  if (book.isUsed(command.id)) return 'exists'
  if (overflows(debit.debitsPosted + debit.debitsPending, amount)) return 'total_overflow'
  if (overflows(credit.creditsPosted + credit.creditsPending, amount)) return 'total_overflow'
  if (exceedsDebits(credit, amount)) return 'exceeds_debits'
  if (exceedsCredits(debit, amount)) return 'exceeds_credits'

  book.remember(debit)
  book.remember(credit)
  if (pending) {
    debit.debitsPending += amount
    credit.creditsPending += amount
  } else {
    debit.debitsPosted += amount
    credit.creditsPosted += amount
  }
  assertLimits(debit, credit)
  book.add({
    sequence: book.nextSequence(),
    id: command.id,
    kind: pending ? 'hold' : 'transfer',
    debitAccountId: debit.id,
    creditAccountId: credit.id,
    amount,
    code: command.code,
    holdId: null,
    expiresMicroseconds: holdSeconds > 0 ? book.nowMicroseconds + BigInt(holdSeconds) * 1_000_000n : null,
    reference: command.reference ?? null
  })
  return 'ok'
}

function judgeResolution(command: PostCommand | VoidCommand, book: Book): Result {
  if (!isTransferId(command.id)) return 'invalid_id'
  const amount = command.type === 'post' ? command.amount : undefined
  if (amount !== undefined && (amount < 1n || amount > AMOUNT_MAX)) return 'invalid_amount'
  if (book.isUsed(command.id) || command.id === command.holdId) return 'exists'
  const known = book.transfer(command.holdId)
  if (!known || known.record.holdId) return 'unknown_hold'
  const hold = known.record
  if (command.holdCodes && !command.holdCodes.includes(hold.code)) return 'unknown_hold'
  if (known.resolution === 'void') return 'already_voided'
  if (known.resolution === 'post' || hold.kind !== 'hold') return 'already_posted'
  if (known.resolution === 'expire') return 'expired'
  if (amount !== undefined && amount > hold.amount) return 'exceeds_hold'
  resolve(hold, command.type, command.id, amount ?? hold.amount, book)
  return 'ok'
}

/** Releases a hold that is past its expiry. */
export function expire(hold: TransferRecord, id: string, book: Book): void {
  assert(hold.expiresMicroseconds !== null && hold.expiresMicroseconds <= book.nowMicroseconds, 'the hold is due')
  resolve(hold, 'expire', id, hold.amount, book)
}

function resolve(hold: TransferRecord, kind: 'post' | 'void' | 'expire', id: string, amount: bigint, book: Book): void {
  const debit = book.account(hold.debitAccountId)
  const credit = book.account(hold.creditAccountId)
  assert(debit && credit, `the accounts of hold ${hold.id} exist`)
  assert(debit.debitsPending >= hold.amount && credit.creditsPending >= hold.amount, `hold ${hold.id} is reserved`)
  book.remember(debit)
  book.remember(credit)
  debit.debitsPending -= hold.amount
  credit.creditsPending -= hold.amount
  if (kind === 'post') {
    debit.debitsPosted += amount
    credit.creditsPosted += amount
  }
  assertLimits(debit, credit)
  book.add({
    sequence: book.nextSequence(),
    id,
    kind,
    debitAccountId: hold.debitAccountId,
    creditAccountId: hold.creditAccountId,
    amount,
    code: hold.code,
    holdId: hold.id,
    expiresMicroseconds: null,
    reference: hold.reference
  })
}

function judgeClose(command: CloseCommand, book: Book): Result {
  const account = book.account(command.accountId)
  if (!account) return 'unknown_debit_account'
  if (account.closed) return 'account_closed'
  const empty =
    account.debitsPosted === account.creditsPosted && account.debitsPending === 0n && account.creditsPending === 0n
  if (!empty) return 'account_not_empty'
  book.remember(account)
  account.closed = true
  return 'ok'
}

function isHoldTime(seconds: number, pending: boolean): boolean {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= HOLD_SECONDS_MAX && (pending || seconds === 0)
}

function overflows(total: bigint, amount: bigint): boolean {
  return total + amount > TOTAL_MAX
}

function exceedsDebits(credit: OpenAccount, amount: bigint): boolean {
  return (
    credit.limit === 'credits_must_not_exceed_debits' &&
    credit.creditsPosted + credit.creditsPending + amount > credit.debitsPosted
  )
}

function exceedsCredits(debit: OpenAccount, amount: bigint): boolean {
  return (
    debit.limit === 'debits_must_not_exceed_credits' &&
    debit.debitsPosted + debit.debitsPending + amount > debit.creditsPosted
  )
}

/** What must hold of both accounts after every change, whatever the command was. */
function assertLimits(debit: OpenAccount, credit: OpenAccount): void {
  assert(!exceedsCredits(debit, 0n), `account ${debit.id} keeps its debits within its credits`)
  assert(!exceedsDebits(credit, 0n), `account ${credit.id} keeps its credits within its debits`)
}
