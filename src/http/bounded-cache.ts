/** Keeps what was used last, up to a number of entries and a total weight. */
export class BoundedCache<Value> {
  /** In the order of use, the longest unused first. */
  private readonly entries = new Map<string, { readonly value: Value; readonly weight: number }>()
  private weight = 0

  constructor(
    private readonly entriesMax: number,
    private readonly weightMax: number
  ) {}

  get size(): number {
    return this.entries.size
  }

  get(key: string): Value | undefined {
    const entry = this.entries.get(key)
    if (!entry) return undefined
    this.entries.delete(key)
    this.entries.set(key, entry)
    return entry.value
  }

  set(key: string, value: Value, weight: number): void {
    this.delete(key)
    this.entries.set(key, { value, weight })
    this.weight += weight
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.entriesMax && this.weight <= this.weightMax) break
      this.delete(oldest)
    }
  }

  private delete(key: string): void {
    const entry = this.entries.get(key)
    if (!entry) return
    this.entries.delete(key)
    this.weight -= entry.weight
  }
}
