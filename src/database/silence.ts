/**
 * Notices a server that has fallen silent. A machine that died, or a network that forgot the connection, sends nothing
 * at all, and the operating system goes on waiting for about a quarter of an hour.
 */

/** How many statements were sent on a connection, and how many of them were answered. */
export interface Progress {
  readonly sent: number
  readonly answered: number
}

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
