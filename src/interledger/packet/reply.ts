/** Replies as they arrive from elsewhere, and as they leave. */
import { createHash } from 'node:crypto'
import { deserializeIlpReply, isFulfill, type IlpReply } from 'ilp-packet'

/** What the bytes say; undefined if they are neither a Fulfill nor a Reject. */
export function readReply(bytes: Buffer): IlpReply | undefined {
  try {
    return deserializeIlpReply(bytes)
  } catch {
    return undefined
  }
}

/** The code of a Reject; undefined for a Fulfill and for what is no reply. */
export function rejectCodeOf(bytes: Buffer): string | undefined {
  const reply = readReply(bytes)
  return reply === undefined || isFulfill(reply) ? undefined : reply.code
}

/** Whether a fulfillment is the one that the condition asks for. */
export function fulfils(fulfillment: Buffer, condition: Buffer): boolean {
  return createHash('sha256').update(fulfillment).digest().equals(condition)
}
