/**
 * The ledger's vocabulary: accounts, transfers, the commands that make them and the results they get.
 *
 * All amounts are in the smallest unit of the account's ledger. A ledger is one unit of account (an asset);
 * transfers never cross ledgers.
 */
import { OutcomeUnknown, WriterBusy } from '../database/write-errors'
import type { Attachment } from '../database/statement'

/** A submission was refused because of what it wanted to write beside its transfers. Nothing was stored. */
export { AttachmentRefused } from '../database/write-errors'

/** Largest amount of one transfer: 2^64 − 1. */
export const AMOUNT_MAX = 2n ** 64n - 1n
/** Largest running total of an account: 2^128 − 1. */
export const TOTAL_MAX = 2n ** 128n - 1n
/** Longest hold: ten years, in seconds. */
export const HOLD_SECONDS_MAX = 315_360_000
/** Most transfers in one submission. */
export const SUBMISSION_TRANSFERS_MAX = 8_192

export type AccountId = bigint

/**
 * Which side of an account may not grow past the other.
 * - `debits_must_not_exceed_credits`: debits posted + pending ≤ credits posted (money held for somebody).
 * - `credits_must_not_exceed_debits`: credits posted + pending ≤ debits posted (a settlement account).
 */
export type AccountLimit = 'none' | 'debits_must_not_exceed_credits' | 'credits_must_not_exceed_debits'

/** What an account is for. The ledger stores the number and gives it no meaning; services own the list. */
export type AccountCode = number
/** What a transfer is for, likewise (1 … 32767). */
export type TransferCode = number

export interface NewAccount {
  /** From `Ledger.allocateAccountIds`; never reused. */
  readonly id: AccountId
  /** The unit of account, 1 … 2^31 − 1. */
  readonly ledger: number
  readonly code: AccountCode
  readonly limit: AccountLimit
  /** UUID of the thing that owns the account. (owner, code) is unique. */
  readonly owner: string
}

/** Four running totals. Pending totals hold what open holds reserve. */
export interface Totals {
  readonly debitsPosted: bigint
  readonly debitsPending: bigint
  readonly creditsPosted: bigint
  readonly creditsPending: bigint
}

export interface Account extends NewAccount, Totals {
  /** A closed account refuses every new transfer and hold; its open holds may still be resolved. */
  readonly closed: boolean
}

/** A posted transfer, or with `pending` a hold that a later post or void resolves. */
export interface TransferCommand {
  readonly type: 'transfer'
  /** Client-chosen UUID in lower case; one namespace over all transfers, holds, posts and voids, for ever. */
  readonly id: string
  readonly debitAccountId: AccountId
  readonly creditAccountId: AccountId
  /** 1 … 2^64 − 1. */
  readonly amount: bigint
  readonly code: TransferCode
  /** Reserve only. `holdSeconds` 0 or absent: the hold never expires; otherwise 1 … HOLD_SECONDS_MAX. */
  readonly pending?: boolean
  readonly holdSeconds?: number
  /** UUID of what the transfer belongs to (a payment, an event), for reports. */
  readonly reference?: string
  /** Succeeds or fails together with the next command. */
  readonly linked?: boolean
}

/** Makes a hold final. `amount` (1 … held) posts a part and releases the rest; absent posts all. */
export interface PostCommand {
  readonly type: 'post'
  readonly id: string
  readonly holdId: string
  readonly amount?: bigint
  /** Refuses with `unknown_hold` a hold whose code is not among these. */
  readonly holdCodes?: readonly TransferCode[]
  readonly linked?: boolean
}

/** Releases a hold. */
export interface VoidCommand {
  readonly type: 'void'
  readonly id: string
  readonly holdId: string
  readonly holdCodes?: readonly TransferCode[]
  readonly linked?: boolean
}

/**
 * Closes an account that holds nothing: posted totals equal and no open hold. `account_not_empty` otherwise.
 * Closing is final and closing twice is `account_closed`.
 */
export interface CloseCommand {
  readonly type: 'close'
  readonly accountId: AccountId
  readonly linked?: boolean
}

export type Command = TransferCommand | PostCommand | VoidCommand | CloseCommand

/**
 * Every answer a command can get, in order of precedence: the checks run in this order and the first that
 * fails gives the answer. Not every check applies to every command.
 */
export const RESULTS = [
  'ok',
  /** A member of the same linked chain failed, so this one was not done either. */
  'linked_failed',
  /** The last command of a submission says `linked`: its chain has no end. */
  'linked_chain_open',
  /** The id is not a UUID in canonical lower-case form, or is the nil UUID. */
  'invalid_id',
  /** The amount is not in 1 … 2^64 − 1. */
  'invalid_amount',
  /** `holdSeconds` is not a whole number in 0 … HOLD_SECONDS_MAX, or is given without `pending`. */
  'invalid_timeout',
  /** Debit and credit account are the same. */
  'same_accounts',
  'unknown_debit_account',
  'unknown_credit_account',
  /** The two accounts belong to different ledgers. */
  'different_ledgers',
  /** One of the accounts is closed. */
  'account_closed',
  /** The id was used before, by any transfer, hold, post or void, whatever became of it. */
  'exists',
  /** Post or void of an id that no transfer has. */
  'unknown_hold',
  /** Post or void of a hold that was voided. */
  'already_voided',
  /** Post or void of a hold that was posted, or of a transfer that never was a hold. */
  'already_posted',
  /** Post or void of a hold past its expiry. */
  'expired',
  /** A post of more than the hold reserves. */
  'exceeds_hold',
  /** A running total would pass 2^128 − 1. */
  'total_overflow',
  /** The credited account's limit: its credits would exceed its debits. */
  'exceeds_debits',
  /** The debited account's limit: its debits would exceed its credits. */
  'exceeds_credits',
  /** Close of an account that still holds something. */
  'account_not_empty'
] as const

export type Result = (typeof RESULTS)[number]

/** What became of one submission: a result a command, in order, and when it was recorded. */
export interface Outcome {
  readonly results: readonly Result[]
  /** Microseconds since the Unix epoch, as recorded by the ledger; never goes backwards. */
  readonly recordedMicroseconds: bigint
}

/**
 * A unit of work for the ledger. Its commands are judged in order, each for itself unless linked. Accounts
 * are created first. `attach` is called once the results are known and names what else is written in the
 * same database transaction; a refused attachment undoes the whole submission, and only this one.
 */
export interface Submission {
  readonly accounts?: readonly NewAccount[]
  readonly commands: readonly Command[]
  readonly attach?: (outcome: Outcome) => readonly Attachment[]
}

export type RecordKind = 'transfer' | 'hold' | 'post' | 'void' | 'expire'

/** An immutable line of the ledger. */
export interface TransferRecord {
  /** Position in the ledger, from 1, without gaps. */
  readonly sequence: bigint
  readonly id: string
  readonly kind: RecordKind
  readonly debitAccountId: AccountId
  readonly creditAccountId: AccountId
  /** For a post what was posted, for a void or expiry what was released. */
  readonly amount: bigint
  readonly code: TransferCode
  /** The hold that a post, void or expiry resolves. */
  readonly holdId: string | null
  /** When an unresolved hold expires. */
  readonly expiresMicroseconds: bigint | null
  readonly reference: string | null
}

/** A line of an account's history, with the account's totals after it. */
export interface HistoryEntry {
  readonly transfer: TransferRecord
  readonly recordedMicroseconds: bigint
  readonly totals: Totals
}

/** A hold's state as seen now. */
export type HoldState = 'pending' | 'posted' | 'voided' | 'expired'

/** The ledger's queue is full, or its turn did not come; nothing was stored. Try again later. */
export class LedgerBusy extends WriterBusy {
  constructor(cause?: unknown) {
    super('The ledger has too much work queued; try again later', { cause })
    this.name = 'LedgerBusy'
  }
}

/** Nobody knows whether the submission was stored: the database did not come back in time. Retry by id. */
export class LedgerOutcomeUnknown extends OutcomeUnknown {
  constructor(cause: unknown) {
    super(cause, 'The database connection was lost while committing; retry with the same id')
    this.name = 'LedgerOutcomeUnknown'
  }
}

/** What is available to spend: credits posted − debits posted − debits pending. */
export function availableOf(totals: Totals): bigint {
  return totals.creditsPosted - totals.debitsPosted - totals.debitsPending
}
