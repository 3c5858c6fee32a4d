/** Remembers what was learned from others for a while, and of that only so much. */
export class TimedCache<Value> {
  /** The oldest first. */
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>()

  constructor(
    private readonly lifetimeMilliseconds: number,
    private readonly entriesMax: number
  ) {}

  get(key: string, now: Date): Value | undefined {
    const entry = this.entries.get(key)
    return entry && now.getTime() < entry.until ? entry.value : undefined
  }

  set(key: string, value: Value, now: Date): void {
    this.entries.delete(key)
    this.entries.set(key, { value, until: now.getTime() + this.lifetimeMilliseconds })
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.entriesMax) return
      this.entries.delete(oldest)
    }
  }
}
