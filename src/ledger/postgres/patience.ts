/** How long a batch waits for a database that was lost: all its parts together, from the loss to the next commit. */
export class Patience {
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
