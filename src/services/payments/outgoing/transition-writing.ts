import type { EntityManager } from 'typeorm'
import type { Statement } from '../../../database/statement'
import type { UnitOfWork } from '../../../database/unit-of-work'

/** The payment is no longer what the transition was decided on. Nothing was stored. */
class Overtaken extends Error {}

/**
 * Makes a transition that moves no money, together with what else `write` writes. False, and nothing of it
 * stored, if the payment was changed or taken over meanwhile.
 */
export async function applyTransition(
  unitOfWork: UnitOfWork,
  { text, values }: Statement,
  write: (manager: EntityManager) => Promise<void>
): Promise<boolean> {
  try {
    await unitOfWork.run(async (manager) => {
      const [, touched] = await manager.query<[unknown, number]>(text, [...values])
      if (touched !== 1) throw new Overtaken()
      await write(manager)
    })
    return true
  } catch (error) {
    if (error instanceof Overtaken) return false
    throw error
  }
}
