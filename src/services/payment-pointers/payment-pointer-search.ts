/**
 * Payment pointers that somebody asks for by URL. The operator is told of one that there is not, and has a
 * moment to make it while the request waits.
 *
 * Anybody can ask for any URL, so telling and waiting are bounded: one URL is told once in a while, whoever asks
 * for it waits together, and when too many URLs are waited for, or were asked for within a minute, the next one is
 * just not there.
 */
import { randomUUID } from 'node:crypto'
import type { GroupWriter } from '../../database/group-writer'
import type { PaymentPointer } from '../../entities'
import type { RequestContext } from '../context'
import { MinuteBudget } from '../minute-budget'
import type { WebhookOutbox } from '../webhooks/outbox'
import type { PaymentPointerService } from './payment-pointer-service'
import { parsePaymentPointerUrl } from './payment-pointer-url'

export interface PaymentPointerSearchSettings {
  /** How long a request waits for a payment pointer that it asked for. */
  readonly paymentPointerLookupTimeoutMilliseconds: number
  /** How often it looks meanwhile. */
  readonly paymentPointerPollingMilliseconds: number
}

/** URLs that are looked for in a minute, on behalf of one address and in all. */
const SEARCHES_PER_ADDRESS_MAX = 60
const SEARCHES_MAX = 600
/** URLs that are waited for at a time. */
const WAITS_MAX = 100
/** URLs that are remembered as told. */
const TOLD_MAX = 10_000
const TOLD_MILLISECONDS = 60_000

export class PaymentPointerSearch {
  private readonly waits = new Map<string, Promise<PaymentPointer | undefined>>()
  /** When each URL was told, the oldest first. */
  private readonly told = new Map<string, number>()
  private readonly perAddress = new MinuteBudget(SEARCHES_PER_ADDRESS_MAX)
  private readonly inAll = new MinuteBudget(SEARCHES_MAX)

  constructor(
    private readonly paymentPointers: PaymentPointerService,
    private readonly writer: GroupWriter,
    private readonly outbox: WebhookOutbox,
    private readonly settings: PaymentPointerSearchSettings
  ) {}

  /** The payment pointer of a URL, in whatever form the URL is written; waits a while for one that is missing. */
  async find(context: RequestContext, text: string): Promise<PaymentPointer | undefined> {
    const url = parsePaymentPointerUrl(text)
    if (url === undefined) return undefined
    const found = await this.paymentPointers.findByUrl(url)
    if (found) return found
    const mayWait = this.waits.has(url) || (await this.hasBudget(context))
    // Somebody else may have begun to wait for it meanwhile.
    const waiting = this.waits.get(url)
    if (waiting) return waiting
    if (!mayWait) return undefined
    if (this.waits.size >= WAITS_MAX) {
      context.logger.warn({}, 'too many unknown payment pointers are asked for at once')
      return undefined
    }
    const wait = this.wait(context, url).finally(() => this.waits.delete(url))
    this.waits.set(url, wait)
    return wait
  }

  /** What is beyond an address's own budget does not count against the others'. */
  private async hasBudget({ address }: RequestContext): Promise<boolean> {
    if (address !== undefined && (await this.perAddress.take(address)) !== undefined) return false
    return (await this.inAll.take('all')) === undefined
  }

  private async wait(context: RequestContext, url: string): Promise<PaymentPointer | undefined> {
    const { paymentPointerLookupTimeoutMilliseconds, paymentPointerPollingMilliseconds } = this.settings
    const deadline = performance.now() + paymentPointerLookupTimeoutMilliseconds
    await this.tell(context, url)
    for (;;) {
      const left = deadline - performance.now()
      if (left <= 0) return undefined
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, paymentPointerPollingMilliseconds)))
      const found = await this.paymentPointers.findByUrl(url)
      if (found) return found
    }
  }

  private async tell(context: RequestContext, url: string): Promise<void> {
    const createdAt = context.now()
    if (createdAt.getTime() - (this.told.get(url) ?? -Infinity) < TOLD_MILLISECONDS) return
    this.remember(url, createdAt)
    const data = { paymentPointerUrl: url }
    const event = { id: randomUUID(), type: 'payment_pointer.not_found', data, resourceId: url, createdAt } as const
    const rows = this.outbox.attachments([event])
    if (rows.length > 0) await this.writer.write(rows)
  }

  private remember(url: string, time: Date): void {
    this.told.delete(url)
    this.told.set(url, time.getTime())
    const [oldest] = this.told.keys()
    if (this.told.size > TOLD_MAX && oldest !== undefined) this.told.delete(oldest)
  }
}
