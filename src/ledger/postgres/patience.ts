/** How long a batch waits, all its parts together: for a database that was lost, from the loss to the next commit. */
export class Patience {
  /** A row that somebody else has locked was waited for in vain. What follows does not wait so long again. */
  isHurried = false
  private deadline: number | undefined

  constructor(private readonly milliseconds: number) {}

  /** To be asked after each loss: the first one starts the time. */
  isOver(): boolean {
    const now = performance.now()
    this.deadline ??= now + this.milliseconds
    return now >= this.deadline
  }

  /** The database answers again. */
  renew(): void {
    this.deadline = undefined
  }
}

/** Waits after the failure of an attempt, the first being 1: twice as long each time, a second at most. */
export function pauseAfter(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 20 * 2 ** attempt)))
}
