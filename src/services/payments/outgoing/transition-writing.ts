import type { EntityManager } from 'typeorm'
import type { MergedRow } from '../../../database/statement'
import type { UnitOfWork } from '../../../database/unit-of-work'

/** The payment is no longer what the transition was decided on. Nothing was stored. */
class Overtaken extends Error {}

/**
 * Makes a transition that moves no money, together with what else `write` writes. False, and nothing of it
 * stored, if the payment was changed or taken over meanwhile.
 */
export async function applyTransition(
  unitOfWork: UnitOfWork,
  { text, row }: MergedRow,
  write: (manager: EntityManager) => Promise<void>
): Promise<boolean> {
  try {
    await unitOfWork.run(async (manager) => {
      const [, touched] = await manager.query<[unknown, number]>(
        text,
        row.map((value) => [value])
      )
      if (touched !== 1) throw new Overtaken()
      await write(manager)
    })
    return true
  } catch (error) {
    if (error instanceof Overtaken) return false
    throw error
  }
}
