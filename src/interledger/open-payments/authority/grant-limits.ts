/**
 * Bounds how often grants are asked for. Whoever publishes a key gets them for the asking, and each is a look-up
 * of that key elsewhere and rows that stay for a while.
 */
import { MinuteBudget } from '../../../services/minute-budget'

export interface GrantLimitSettings {
  /** Grants a minute for one client, at least 1. */
  readonly grantsPerClientMax: number
  /** Requests a minute for grants from one address, at least 1. */
  readonly grantsPerAddressMax: number
}

export class GrantLimits {
  private readonly clients: MinuteBudget
  private readonly addresses: MinuteBudget

  constructor({ grantsPerClientMax, grantsPerAddressMax }: GrantLimitSettings) {
    this.clients = new MinuteBudget(grantsPerClientMax)
    this.addresses = new MinuteBudget(grantsPerAddressMax)
  }

  /** Seconds to wait, if the address has used its budget up. Asked before anything else is done. */
  request(address: string): Promise<number | undefined> {
    return this.addresses.take(address)
  }

  /** Seconds to wait, if the client has. Asked once it has signed, so that nobody uses up what is another's. */
  grant(client: string): Promise<number | undefined> {
    return this.clients.take(client)
  }
}
