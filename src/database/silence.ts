/**
 * Notices a server that has fallen silent. A machine that died, or a network that forgot the connection, sends nothing
 * at all, and the operating system goes on waiting for about a quarter of an hour.
 */
import type { Socket } from 'node:net'
import type { Client } from 'pg'

/** How much was sent on a connection, in statements or otherwise, and how much of it was answered. */
export interface Progress {
  readonly sent: number
  readonly answered: number
}

/** What an answer may take longer than its statement. */
export const GRACE_MILLISECONDS = 5_000
/** A connection that nobody uses is tried by the operating system after so long. */
export const KEEP_ALIVE_MILLISECONDS = 10_000

/** Looks in the time of a silence. They are turns of the event loop, so a process that stood still blames nobody. */
const LOOKS = 4

/**
 * Calls back once when something waits and nothing was answered for so long. Answers come one after another, so a
 * statement that waits behind others is no sign of silence. Returns what ends the watch.
 */
export function watchForSilence(progress: Progress, milliseconds: number, onSilence: () => void): () => void {
  let answered = 0
  let silentLooks = 0
  const timer = setInterval(() => {
    const isSilent = progress.sent > progress.answered && progress.answered === answered
    answered = progress.answered
    silentLooks = isSilent ? silentLooks + 1 : 0
    // The first may come right after the sending.
    if (silentLooks <= LOOKS) return
    clearInterval(timer)
    onSilence()
  }, milliseconds / LOOKS)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Gives up a connection of the driver's own kind, which asks one thing at a time, when nothing was answered for so long.
 * It fails like one that was cut, with all that waits on it. Its farewell waits for an answer too, so none waits for ever.
 */
export function giveUpOnSilence(client: Client, name: string, milliseconds: number): void {
  const { connection } = client
  // With TLS and without, it is a socket that the driver writes to.
  const socket = connection.stream as Socket
  let answered = socket.bytesWritten
  // Before the driver's own listener, which sends what comes next.
  connection.prependListener('readyForQuery', () => (answered = socket.bytesWritten))
  const progress: Progress = {
    get sent() {
      return socket.bytesWritten
    },
    get answered() {
      return answered
    }
  }
  const endWatch = watchForSilence(progress, milliseconds, () => socket.destroy(silenceOf(name)))
  client.once('end', endWatch)
}

/** What a connection fails with whose server fell silent. */
export function silenceOf(name: string): Error {
  return new Error(`${name}: the server does not answer, the connection is given up`)
}
