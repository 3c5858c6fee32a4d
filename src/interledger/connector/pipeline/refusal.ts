/** Why the connector itself refuses a packet, and how it says so. */
import { serializeIlpReject } from 'ilp-packet'

/** What is refused for which reason. The numbers of a code's class: F final, T try again, R too late or too little. */
export type RefusalCode =
  'F00' | 'F02' | 'F05' | 'F07' | 'F08' | 'R00' | 'R01' | 'R02' | 'T00' | 'T01' | 'T02' | 'T03' | 'T04' | 'T05'

const NO_DATA = Buffer.alloc(0)

/** Thrown by the steps of the pipeline. It says what happened to a packet, not to the program: it has no stack. */
export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly data: Buffer = NO_DATA
  ) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = limit
    this.name = 'Refusal'
  }

  /** The Reject, from the node of this address. */
  serialize(triggeredBy: string): Buffer {
    const { code, message, data } = this
    return serializeIlpReject({ code, triggeredBy, message, data })
  }
}

export const UNKNOWN_DESTINATION = 'unknown destination account'
export const DISABLED_DESTINATION = 'destination account is disabled'
export const PACKET_EXPIRED = 'packet expired.'
