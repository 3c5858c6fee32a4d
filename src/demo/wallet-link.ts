/**
 * The demo's side of the wire to a wallet like the one in `examples/wallet`.
 */
import { Unreachable } from './client'

export interface WalletAnswer {
  readonly status: number
  readonly body: unknown
}

const TIMEOUT_MILLISECONDS = 30_000

export class WalletLink {
  constructor(
    /** Without a path. */
    readonly url: string,
    /** Cuts what is under way. */
    private readonly stopping: AbortSignal
  ) {}

  get(path: string): Promise<WalletAnswer> {
    return this.exchange(path, { method: 'GET' })
  }

  post(path: string, body: object): Promise<WalletAnswer> {
    const headers = { 'content-type': 'application/json' }
    return this.exchange(path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  private async exchange(path: string, init: RequestInit): Promise<WalletAnswer> {
    const signal = AbortSignal.any([this.stopping, AbortSignal.timeout(TIMEOUT_MILLISECONDS)])
    try {
      const response = await fetch(new URL(path, this.url), { ...init, signal })
      return { status: response.status, body: (await response.json()) as unknown }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      throw new Unreachable(this.url, `is no wallet that answers (${cause})`, error)
    }
  }
}
