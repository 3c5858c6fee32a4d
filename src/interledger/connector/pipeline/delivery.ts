/** Step 8: what ends here. The STREAM receiver judges first; what it would fulfil is credited, then fulfilled. */
import { serializeIlpFulfill, serializeIlpReject } from 'ilp-packet'
import type { Prepare } from '../../packet/prepare'
import type { StreamReceiver } from '../types'
import { checkExpiry, checkInTime } from './expiry'
import type { LocalDestination, Movement } from './ports'

/** A packet that arrives. */
export interface Arrival {
  readonly prepare: Prepare
  /** In the destination's asset. */
  readonly amount: bigint
  /** Undefined if nothing is to be credited: the packet carries no amount, or is a probe. */
  readonly movement: Movement | undefined
  /** From then on its sender takes it for refused, so nothing may be credited. */
  readonly deadline: Date
}

/** The reply. @throws Refusal F02, R00, R02, T04 */
export async function deliver(
  { prepare, amount, movement, deadline }: Arrival,
  local: LocalDestination,
  receiver: StreamReceiver,
  now: () => Date
): Promise<Buffer> {
  checkExpiry(prepare.expiresAt, now())
  const answer = await receiver.reply(prepare.decoded(amount))
  if ('reject' in answer) return serializeIlpReject(answer.reject)
  if (movement) {
    try {
      checkInTime(deadline, now())
      await local.deliver(movement, deadline)
    } catch (error) {
      await answer.revert()
      throw error
    }
  } else if (amount > 0n) await answer.revert()
  return serializeIlpFulfill(answer.fulfil)
}
