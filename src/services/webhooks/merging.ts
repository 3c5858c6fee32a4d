/**
 * Hands items on in batches without making any wait: one batch is under way at a time, and the next is
 * whatever arrived meanwhile.
 */
export class Merging<Item> {
  private waiting: { readonly item: Item; readonly done: () => void; readonly failed: (error: unknown) => void }[] = []
  private underWay = false

  constructor(
    private readonly flush: (items: readonly Item[]) => Promise<unknown>,
    /** Most items of one batch. */
    private readonly limit: number
  ) {}

  /** Resolves when the item's batch is done; rejects with what its batch failed with. */
  add(item: Item): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed })
      if (!this.underWay) void this.run()
    })
  }

  private async run(): Promise<void> {
    this.underWay = true
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.limit)
      try {
        await this.flush(batch.map(({ item }) => item))
        batch.forEach(({ done }) => done())
      } catch (error) {
        batch.forEach(({ failed }) => failed(error))
      }
    }
    this.underWay = false
  }
}
