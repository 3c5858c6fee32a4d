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

const ACCOUNT_OF_OWNER = 'ledger_account_owner'

/** Whether a submission was refused because somebody else opened the account that it wanted to open. */
export function wasOpenedMeanwhile(error: unknown): boolean {
  return error instanceof AttachmentRefused && error.constraint === ACCOUNT_OF_OWNER
}

export async function drawAccountId(ledger: Ledger): Promise<AccountId> {
  const [id] = (await ledger.allocateAccountIds(1)) as [AccountId]
  return id
}
