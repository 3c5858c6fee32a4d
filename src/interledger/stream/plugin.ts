/**
 * The sender's way to the connector, which looks at what passes.
 *
 * Receivers of the newest generation answer F04 or F05 where others answer F99: too little arrived, or the
 * packet was a probe. To the sender's library these would be the end of the payment, so it is shown an F99. It
 * still checks that the data in it are the receiver's own.
 */
import { deserializeIlpReply, isReject, serializeIlpReject, type IlpReject } from 'ilp-packet'

/** What the library sends through. */
export interface Plugin {
  sendData(prepare: Buffer): Promise<Buffer>
}

export interface PluginOptions {
  /** Takes a packet to its account's connector. */
  readonly handle: (prepare: Buffer) => Promise<Buffer>
  /** Whether nothing more may be sent. The sender ends as soon as what is under way is answered. */
  readonly isStopped?: () => boolean
  /** How long replies are waited for, all in all. Absent: for as long as their packets last. */
  readonly patienceMilliseconds?: number
}

const TRANSLATED: ReadonlySet<string> = new Set(['F04', 'F05'])
const REJECT_TYPE = 14

/** The library gives up at once on this code. */
const STOPPED = serializeIlpReject({ code: 'F00', triggeredBy: '', message: 'stopped', data: Buffer.alloc(0) })

/** The library tries again after this code, if it has time left. */
const NO_ANSWER = serializeIlpReject({ code: 'T00', triggeredBy: '', message: 'no answer', data: Buffer.alloc(0) })

export function streamPlugin({ handle, isStopped = () => false, patienceMilliseconds }: PluginOptions): Plugin {
  const end = patienceMilliseconds === undefined ? undefined : performance.now() + patienceMilliseconds
  const answer = (prepare: Buffer): Promise<Buffer> =>
    end === undefined ? handle(prepare) : before(end, handle(prepare))
  return {
    sendData: async (prepare) => (isStopped() ? STOPPED : translated(await answer(prepare)))
  }
}

/** The reply, or that there was none by then. */
async function before(end: number, reply: Promise<Buffer>): Promise<Buffer> {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<Buffer>((resolve) => {
    timer = setTimeout(() => resolve(NO_ANSWER), end - performance.now())
  })
  try {
    return await Promise.race([reply, passed])
  } finally {
    clearTimeout(timer)
  }
}

/** The reply as the library is shown it. */
export function translated(reply: Buffer): Buffer {
  if (reply[0] !== REJECT_TYPE) return reply
  const reject = rejectOf(reply)
  if (!reject || !TRANSLATED.has(reject.code) || reject.data.length === 0) return reply
  return serializeIlpReject({ ...reject, code: 'F99' })
}

function rejectOf(reply: Buffer): IlpReject | undefined {
  try {
    const packet = deserializeIlpReply(reply)
    return isReject(packet) ? packet : undefined
  } catch {
    return undefined
  }
}
