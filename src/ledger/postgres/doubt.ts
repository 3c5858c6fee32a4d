/** What became of a batch whose answer was lost with the connection. */
import type { Pipeline, Session } from '../../database/pipeline'
import { LedgerOutcomeUnknown, type Outcome } from '../types'
import { isConnectionLoss } from './failures'
import type { Patience } from './patience'
import { headOf, type Head } from './reading'
import type { HeadRow } from './rows'
import { batchHash, COMMIT, head as headAt } from './statements'
import { begin, takePlace } from './writing'

/** The batch was sent to the database and its fate is not known yet. */
export class InDoubt extends Error {
  constructor(
    /** The batch, as the head of the chain that it wanted to be. Undefined: it has no link to find it by. */
    readonly sealed: Head | undefined,
    readonly outcomes: Outcome[],
    /** It had the writer lock when it was sent. */
    readonly isLocked: boolean,
    cause: unknown
  ) {
    super('the connection was lost while committing', { cause })
  }
}

/**
 * Whether a batch in doubt is in the chain. If not, it never will be: one that had the writer lock has lost it, and of
 * one that had yet to take it, perhaps still on its way, the place is taken here.
 */
export async function wasCommitted(writer: Pipeline, doubt: InDoubt, patience: Patience): Promise<boolean> {
  const { sealed } = doubt
  if (!sealed) throw new LedgerOutcomeUnknown(doubt.cause)
  for (let attempt = 1; ; attempt++) {
    try {
      return await settle(await writer.session(), sealed, doubt.isLocked)
    } catch (error) {
      writer.discard()
      if (!isConnectionLoss(error) || patience.isOver()) throw new LedgerOutcomeUnknown(doubt.cause)
      await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 20 * 2 ** attempt)))
    }
  }
}

async function settle(session: Session, sealed: Head, isLocked: boolean): Promise<boolean> {
  const [, , links, heads] = await Promise.all([
    ...(begin(session) as [Promise<unknown>, Promise<unknown>]),
    session.query<{ hash: string }>(batchHash(sealed.sequence)),
    session.query<HeadRow>(headAt(0n))
  ])
  const head = headOf(heads[0])
  // Where the batch before it is not the last one, nothing can follow that one any more.
  const isPossible = links.length === 0 && head.sequence === sealed.sequence - 1n
  await (isPossible && !isLocked ? takePlace(session, head) : session.send(COMMIT))
  return links[0]?.hash === sealed.hash
}
