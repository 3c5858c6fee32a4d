/**
 * Bounds what one address asks of pages, and how often one order is commanded. Counted in this process: with
 * several instances the bounds are as many times higher.
 */
import { MinuteBudget } from '../../services/minute-budget'
import { addressOf } from '../address'
import type { Exchange } from '../exchange'

export interface HostedLimits {
  /** Requests a minute from one address. */
  readonly requestsPerAddress: number
  /** Commands a minute on one order. */
  readonly commandsPerOrder: number
}

export class HostedLimiter {
  private readonly addresses: MinuteBudget
  private readonly orders: MinuteBudget

  constructor({ requestsPerAddress, commandsPerOrder }: HostedLimits) {
    this.addresses = new MinuteBudget(requestsPerAddress)
    this.orders = new MinuteBudget(commandsPerOrder)
  }

  /** Seconds to wait, if the address has used its budget up. */
  request({ request }: Exchange): Promise<number | undefined> {
    return this.addresses.take(addressOf(request))
  }

  /** Seconds to wait, if the order has used its budget up. */
  command(orderId: string): Promise<number | undefined> {
    return this.orders.take(orderId)
  }
}
