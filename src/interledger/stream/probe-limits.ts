/**
 * Bounds how many paths are probed at the same time. Each probe is a good deal of work for one request for a
 * quote, and may take ten seconds; clients elsewhere can ask as often as they like.
 * Counted in this process.
 */
export interface ProbeLimitSettings {
  /** Probes at the same time, whoever asked for them, at least 1. */
  readonly quoteProbesMax: number
  /** And for one Open Payments client, at least 1. */
  readonly quoteProbesPerClientMax: number
}

export class ProbeLimits {
  private underWay = 0
  /** By client; those without a probe are not there. */
  private readonly ofClients = new Map<string, number>()

  constructor(private readonly settings: ProbeLimitSettings) {}

  /** What the probe found. Undefined: there are too many, and it was not begun. The operator is no client. */
  async run<Found>(client: string | undefined, probe: () => Promise<Found>): Promise<Found | undefined> {
    if (this.underWay >= this.settings.quoteProbesMax) return undefined
    if (this.of(client) >= this.settings.quoteProbesPerClientMax) return undefined
    this.add(client, 1)
    try {
      return await probe()
    } finally {
      this.add(client, -1)
    }
  }

  private of(client: string | undefined): number {
    return client === undefined ? 0 : (this.ofClients.get(client) ?? 0)
  }

  private add(client: string | undefined, change: 1 | -1): void {
    this.underWay += change
    if (client === undefined) return
    const left = this.of(client) + change
    if (left > 0) this.ofClients.set(client, left)
    else this.ofClients.delete(client)
  }
}
