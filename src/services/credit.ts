import type { Attachment } from '../database/statement'
import type { AccountId, NewAccount } from '../ledger/types'

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
