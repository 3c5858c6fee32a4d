import type { Attachment } from '../database/statement'
import type { Ledger } from '../ledger/ledger'
import { AttachmentRefused, type AccountId, type NewAccount } from '../ledger/types'

/**
 * What a submission to the ledger adds so that money for a receiver and the receiver's own state change
 * together. It is made of what the receiver was when it was read; if that is no longer so, the submission is
 * refused as a whole.
 */
export interface Credit {
  /** The account to be credited. */
  readonly accountId: AccountId
  /** What the submission has to open; empty if the account is there. */
  readonly accounts: readonly NewAccount[]
  /** What to attach, given whether the money went through. */
  attachments(credited: boolean): readonly Attachment[]
}

/** The same for several amounts at once, each of which goes through or not. */
export interface CreditOfMany extends Pick<Credit, 'accountId' | 'accounts'> {
  /** What to attach, given those that went through, in their order. */
  attachments(amounts: readonly bigint[]): readonly Attachment[]
}

/** A credit of one amount. */
export function creditOf({ accountId, accounts, attachments }: CreditOfMany, amount: bigint): Credit {
  return { accountId, accounts, attachments: (credited) => attachments(credited ? [amount] : []) }
}

export function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n)
}

const ACCOUNT_OF_OWNER = 'ledger_account_owner'

/** Whether a submission was refused because somebody else opened the account that it wanted to open. */
export function wasOpenedMeanwhile(error: unknown): boolean {
  return error instanceof AttachmentRefused && error.constraint === ACCOUNT_OF_OWNER
}

export async function drawAccountId(ledger: Ledger): Promise<AccountId> {
  const [id] = (await ledger.allocateAccountIds(1)) as [AccountId]
  return id
}
