/**
 * An agent that works by itself. A webhook or a look at the open orders makes it take up an order; then it reads how
 * the order stands and does what comes next, until there is nothing that it could do:
 *
 *   withdrawal, pending    accept it
 *   withdrawal, accepted   pay the customer, then say so
 *   deposit, pending/paid  confirm it once the customer's money is in the till, to the last hundredth
 *
 * Webhooks come at least once and in any order, so it believes no webhook about where an order stands. Commands may
 * be repeated and the till pays an order once, so a crash between any two steps is made good by taking up the order
 * again.
 */
import { setTimeout } from 'node:timers/promises'
import { AgentApi, ApiRefused, type Order } from './agent-api'
import { parseLocal } from './money'
import type { Movement, Till } from './till'

export interface BotOptions {
  /** The Agent API. */
  readonly url: string
  /** The agent's secret key. */
  readonly key: string
  readonly till: Till
  /** How often it looks for orders that no webhook told of. */
  readonly pollMilliseconds: number
  readonly log?: (line: string) => void
}

const PAUSE_MILLISECONDS_MIN = 100
const PAUSE_MILLISECONDS_MAX = 10_000
const OPEN: readonly Order['status'][] = ['pending', 'accepted', 'paid']

export class AgentBot {
  private readonly stopping = new AbortController()
  private readonly api: AgentApi
  /** The last work on each order; what comes later waits for it. */
  private readonly working = new Map<string, Promise<void>>()
  private readonly polling: Promise<void>

  constructor(private readonly options: BotOptions) {
    this.api = new AgentApi({ ...options, stopping: this.stopping.signal })
    this.polling = this.poll()
  }

  /** Something may have happened to an order. */
  take(orderId: string): void {
    const before = this.working.get(orderId) ?? Promise.resolve()
    const work = before
      .then(() => this.untilAnswered(() => this.workOn(orderId)))
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) this.options.log?.(`order ${orderId}: ${String(error)}`)
      })
    this.working.set(orderId, work)
    void work.then(() => {
      if (this.working.get(orderId) === work) this.working.delete(orderId)
    })
  }

  /** A customer's money came in. */
  async receive(orderId: string, amount: bigint, currency: string): Promise<void> {
    await this.options.till.receive(orderId, amount, currency)
    this.take(orderId)
  }

  /** Whatever is not finished is taken up at the next start. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await Promise.all([this.polling, ...this.working.values()])
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopping
    while (!signal.aborted) {
      try {
        for (const status of OPEN) for (const { orderId } of await this.api.orders({ status })) this.take(orderId)
      } catch (error) {
        if (!signal.aborted) this.options.log?.(`open orders could not be read: ${String(error)}`)
      }
      await setTimeout(this.options.pollMilliseconds, undefined, { signal }).catch(() => undefined)
    }
  }

  private async workOn(orderId: string): Promise<void> {
    while (await this.step(orderId)) this.stopping.signal.throwIfAborted()
  }

  /** Does what comes next. False: nothing does, for now. */
  private async step(orderId: string): Promise<boolean> {
    const order = (await this.api.orders({ orderId })).find(({ status }) => OPEN.includes(status))
    if (!order) return false
    try {
      return order.paymentType === 'deposit' ? await this.confirm(order) : await this.payOut(order)
    } catch (error) {
      if (!(error instanceof ApiRefused)) throw error
      this.options.log?.(`order ${orderId}, ${order.status}: ${error.code}`)
      // It went on in the meantime. Anything else is for the agent to see to.
      return error.code === 'INVALID_STATUS' && (await this.hasMoved(order))
    }
  }

  private async hasMoved({ id, orderId, status }: Order): Promise<boolean> {
    return !(await this.api.orders({ orderId })).some((order) => order.id === id && order.status === status)
  }

  private async confirm(order: Order): Promise<boolean> {
    if (!this.options.till.hasReceived(order.orderId, moneyOf(order))) return false
    await this.api.command('markDepositAsReceived', order.id)
    this.options.log?.(`order ${order.orderId}: received ${order.amountLocal} ${order.currency}`)
    return true
  }

  private async payOut(order: Order): Promise<boolean> {
    const { id, orderId, status, customerPaymentMethod, agentPaymentMethod } = order
    if (status === 'pending') {
      await this.api.command('acceptWithdrawal', id)
      return true
    }
    if (status !== 'accepted' || !customerPaymentMethod || !agentPaymentMethod) return false
    const receipt = await this.options.till.pay(orderId, moneyOf(order), customerPaymentMethod.value)
    await this.api.markWithdrawalAsPaid(id, agentPaymentMethod.id, receipt)
    this.options.log?.(
      `order ${orderId}: paid ${order.amountLocal} ${order.currency} to ${customerPaymentMethod.value}`
    )
    return true
  }

  /** Asks again, more and more slowly, until the service has answered. */
  private async untilAnswered(work: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        const { signal } = this.stopping
        signal.throwIfAborted()
        const milliseconds = Math.min(PAUSE_MILLISECONDS_MIN * 2 ** attempt, PAUSE_MILLISECONDS_MAX)
        this.options.log?.(`${String(error)}; again in ${milliseconds} ms`)
        await setTimeout(milliseconds, undefined, { signal })
      }
    }
  }
}

function moneyOf({ amountLocal, currency }: Order): Movement {
  return { amount: parseLocal(amountLocal), currency }
}
