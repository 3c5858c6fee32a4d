/**
 * Work on one thing, one at a time in this process. Whoever works out something that only the first of several may
 * store waits here for its turn, rather than be refused and start over. Other processes are not waited for.
 */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>()

  /** Runs `work` when everything that asked for the same thing before is over, however it ended. */
  take<Result>(thing: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.last.get(thing) ?? Promise.resolve()).then(work, work)
    this.last.set(thing, turn)
    const leave = (): void => {
      if (this.last.get(thing) === turn) this.last.delete(thing)
    }
    turn.then(leave, leave)
    return turn
  }
}
