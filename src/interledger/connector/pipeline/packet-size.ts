/** Step 4: the largest packet that a neighbour may send. */
import type { Source } from '../types'
import { Refusal } from './refusal'

/** @throws Refusal F08 */
export function checkPacketSize(source: Source, amount: bigint): void {
  if (source.kind !== 'peer') return
  const { maxPacketAmount } = source.peer
  if (maxPacketAmount !== null && amount > maxPacketAmount) throw tooLarge(amount, maxPacketAmount)
}

/** Senders make their packets smaller by what stands in the data: the amount and the limit, 8 bytes each. */
export function tooLarge(amount: bigint, limit: bigint): Refusal {
  const data = Buffer.alloc(16)
  data.writeBigUInt64BE(amount, 0)
  data.writeBigUInt64BE(limit, 8)
  return new Refusal('F08', `packet size too large. received=${amount} maximum=${limit}`, data)
}
