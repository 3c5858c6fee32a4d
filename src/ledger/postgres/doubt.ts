/** What became of a batch whose answer was lost with the connection. */
import type { Pipeline, Session } from '../../database/pipeline'
import { LedgerOutcomeUnknown, type Outcome } from '../types'
import { isConnectionLoss } from './failures'
import { pauseAfter, type Patience } from './patience'
import { begin, headOf, type Head } from './reading'
import type { HeadRow } from './rows'
import { batchHash, COMMIT, headAt } from './statements'
import { takePlace } from './writing'

/** The batch was sent to the database and its fate is not known yet. */
export class InDoubt extends Error {
  constructor(
    /** The batch, as the head of the chain that it wanted to be. Undefined: it has no link to find it by. */
    readonly sealed: Head | undefined,
    readonly outcomes: Outcome[],
    cause: unknown
  ) {
    super('the connection was lost while committing', { cause })
  }
}

/**
 * Whether a batch in doubt is in the chain. If not, it never will be: the chain goes on here, for the batch may still be
 * on its way to the server. One that takes no writes, such as a standby that was asked too early, does not know.
 */
export async function wasCommitted(writer: Pipeline, doubt: InDoubt, patience: Patience): Promise<boolean> {
  const { sealed } = doubt
  if (!sealed) throw new LedgerOutcomeUnknown(doubt.cause)
  for (let attempt = 1; ; attempt++) {
    try {
      return await settle(await writer.session(), sealed)
    } catch (error) {
      writer.discard()
      if (!isConnectionLoss(error) || patience.isOver()) throw new LedgerOutcomeUnknown(doubt.cause)
      await pauseAfter(attempt)
    }
  }
}

async function settle(session: Session, sealed: Head): Promise<boolean> {
  const [, , links, heads] = await Promise.all([
    ...begin(session),
    session.query<{ hash: string }>(batchHash(sealed.sequence)),
    session.query<HeadRow>(headAt(0n))
  ])
  const [link] = links
  await (link ? session.send(COMMIT) : takePlace(session, headOf(heads[0])))
  return link?.hash === sealed.hash
}
