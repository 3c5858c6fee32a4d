/** Work that is based on what was read, and is done again when somebody changed that meanwhile. */
import { AttachmentRefused, WriterBusy } from '../../../database/write-errors'

/** What was read is no longer so. Nothing was stored. */
export const OVERTAKEN = Symbol('overtaken')

const ATTEMPTS_MAX = 32
const PAUSE_MILLISECONDS_MAX = 20

/**
 * Tries until nobody comes in between. After a failed attempt it waits for a moment that nobody else waits for.
 *
 * @throws WriterBusy when others always do
 */
export async function untilNotOvertaken<Result>(attempt: () => Promise<Result | typeof OVERTAKEN>): Promise<Result> {
  for (let count = 1; count <= ATTEMPTS_MAX; count++) {
    const result = await attempt()
    if (result !== OVERTAKEN) return result
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MILLISECONDS_MAX))
  }
  throw new WriterBusy('others change the same thing all the time; try again later')
}

/** What a submission comes to; `OVERTAKEN` when one of the named statements no longer found its row. */
export async function unlessOvertaken<Result>(
  statements: readonly string[],
  submission: Promise<Result>
): Promise<Result | typeof OVERTAKEN> {
  try {
    return await submission
  } catch (error) {
    const isOvertaken =
      error instanceof AttachmentRefused && error.constraint === undefined && statements.includes(error.statement)
    if (isOvertaken) return OVERTAKEN
    throw error
  }
}
