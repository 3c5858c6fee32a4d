/**
 * A small account servicing entity: it keeps its customers' money, gives the service what their payments need and
 * takes out what arrives for them.
 *
 * An event goes three steps, and each is on the disk before the next one:
 *
 *   1. it is written down, and only then the webhook is answered with 200; one that is known already is not again
 *   2. the money of a payment to be made is taken from the customer
 *   3. the service is asked to deposit or withdraw, until it has answered, and the outcome is booked
 *
 * A crash between any two of them is made good at the next start: unfinished events are taken up again, and neither
 * the books nor the service does the same thing twice.
 */
import { WebhookEventsDocument, type HazinaClient } from '../../clients/typescript'
import { assetNameOf, Books, CUSTOMER_PREFIX, InsufficientMoney, movement, type Entry } from './books'
import { parseEvent, taskOf, type Collection, type Funding, type WebhookEvent } from './events'
import { Journal } from './journal'
import { Service, type PointerAsset } from './service'

/** What became of an event. */
export type Outcome =
  /** The customer's money was deposited, and the payment is under way. */
  | 'funded'
  /** The customer has not got the money. The payment can be funded no more once its quote has expired. */
  | 'declined'
  /** The service did not want the money any more; the customer has it back. */
  | 'released'
  /** The money was withdrawn and is the customer's. */
  | 'collected'
  /** There was nothing to do. */
  | 'noted'

export interface WalletOptions {
  readonly client: HazinaClient
  /** The wallet's only file; created if it is not there. */
  readonly journal: string
  /** Events that are worked on at a time. */
  readonly concurrency?: number
  /**
   * How much of what a completed payment left over is a fee, and so the wallet's: the service leaves what `setFee`
   * charges in the payment. Without it everything left over is the customer's.
   */
  readonly feeOf?: (leftover: Collection) => bigint
  readonly log?: (line: string) => void
}

export interface Account extends PointerAsset {
  readonly customer: string
  readonly paymentPointerId: string
}

type Line =
  | { readonly line: 'account'; readonly account: Account }
  | { readonly line: 'entry'; readonly entry: WrittenEntry }
  | { readonly line: 'event'; readonly event: WebhookEvent }
  | { readonly line: 'outcome'; readonly eventId: string; readonly outcome: Outcome }

/** JSON has no whole numbers of any size, so amounts are text. */
type WrittenEntry = Omit<Entry, 'postings'> & {
  readonly postings: readonly { readonly account: string; readonly amount: string }[]
}

const CONCURRENCY = 16
const EVENTS_PER_PAGE = 100

export class Wallet {
  readonly books = new Books()
  readonly service: Service
  private readonly stopping = new AbortController()
  private readonly accounts = new Map<string, Account>()
  /** Every event that was ever written down, with the moment when it was. */
  private readonly known = new Map<string, Promise<void>>()
  private readonly outcomes = new Map<string, Outcome>()
  /** Entries that are booked and not yet on the disk. */
  private readonly writing = new Map<string, Promise<void>>()
  private readonly waiting: WebhookEvent[] = []
  private readonly underWay = new Set<Promise<void>>()
  private journal!: Journal<Line>

  private constructor(private readonly options: WalletOptions) {
    this.service = new Service(options.client, this.stopping.signal, (line) => options.log?.(line))
  }

  /** Reads the journal and takes up what it left unfinished. */
  static async open(options: WalletOptions): Promise<Wallet> {
    const wallet = new Wallet(options)
    const unfinished = new Map<string, WebhookEvent>()
    wallet.journal = await Journal.open<Line>(options.journal, (line) => wallet.replay(line, unfinished))
    wallet.waiting.push(...unfinished.values())
    wallet.work()
    return wallet
  }

  /** A payment pointer of a customer. The wallet reads from the service in which asset it is. */
  async addAccount(customer: string, paymentPointerId: string): Promise<Account> {
    const known = this.accounts.get(paymentPointerId)
    if (known?.customer === customer) return known
    if (known) throw new RangeError(`${paymentPointerId} belongs to ${known.customer}`)
    if (!/^[\w.-]{1,64}$/.test(customer)) throw new RangeError('a customer is letters, digits, ".", "-" and "_"')
    const account = { customer, paymentPointerId, ...(await this.service.assetOf(paymentPointerId)) }
    // Another request may have come between.
    if (this.accounts.has(paymentPointerId)) return this.addAccount(customer, paymentPointerId)
    this.accounts.set(paymentPointerId, account)
    await this.journal.append({ line: 'account', account })
    return account
  }

  /** A customer pays in. The same id pays in once. */
  async topUp(id: string, paymentPointerId: string, amount: bigint): Promise<void> {
    const account = this.accounts.get(paymentPointerId)
    if (!account) throw new RangeError(`no customer has the payment pointer ${paymentPointerId}`)
    if (amount <= 0n) throw new RangeError('the amount must be more than 0')
    await this.post(movement(`top-up/${id}`, assetNameOf(account), 'outside', accountOf(account.customer), amount))
  }

  /** What a customer has, in the smallest unit of the payment pointer's asset. */
  balanceOf(paymentPointerId: string): bigint {
    const account = this.accounts.get(paymentPointerId)
    return account ? this.books.balance(accountOf(account.customer), assetNameOf(account)) : 0n
  }

  accountList(): Account[] {
    return [...this.accounts.values()]
  }

  /**
   * Takes an event in; when it resolves the event is safe. The same event again does nothing.
   *
   * @throws MalformedEvent
   */
  async receive(event: WebhookEvent): Promise<void> {
    taskOf(event)
    const known = this.known.get(event.id)
    if (known) return known
    const written = this.journal.append({ line: 'event', event })
    this.known.set(event.id, written)
    await written
    this.waiting.push(event)
    this.work()
  }

  /**
   * Takes in what the service lists and webhooks did not bring: for a wallet that was away for longer than the service
   * goes on sending. Gives how many were new.
   */
  async catchUp(): Promise<number> {
    let count = 0
    for (let after: string | null = null; ;) {
      const page: { after: string | null; first: number } = { after, first: EVENTS_PER_PAGE }
      const { webhookEvents } = await this.options.client.request(WebhookEventsDocument, page)
      for (const { node } of webhookEvents.edges) {
        if (this.known.has(node.id)) continue
        await this.receive(parseEvent({ id: node.id, type: node.type, data: node.data }))
        count++
      }
      if (!webhookEvents.pageInfo.hasNextPage) return count
      after = webhookEvents.pageInfo.endCursor
    }
  }

  outcomeOf(eventId: string): Outcome | undefined {
    return this.outcomes.get(eventId)
  }

  /** Events that came in and are not settled. */
  get unsettled(): number {
    return this.known.size - this.outcomes.size
  }

  /** Resolves when nothing is left to do at present. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay)
  }

  /** Leaves what is unfinished to the next start. */
  async stop(): Promise<void> {
    this.stopping.abort()
    this.waiting.length = 0
    await this.idle()
    await this.journal.close()
  }

  private replay(line: Line, unfinished: Map<string, WebhookEvent>): void {
    switch (line.line) {
      case 'account':
        this.accounts.set(line.account.paymentPointerId, line.account)
        break
      case 'entry':
        this.books.post(readEntry(line.entry))
        break
      case 'event':
        this.known.set(line.event.id, Promise.resolve())
        unfinished.set(line.event.id, line.event)
        break
      case 'outcome':
        this.outcomes.set(line.eventId, line.outcome)
        unfinished.delete(line.eventId)
    }
  }

  private work(): void {
    while (this.underWay.size < (this.options.concurrency ?? CONCURRENCY)) {
      const event = this.waiting.shift()
      if (!event) return
      const work = this.settle(event).finally(() => {
        this.underWay.delete(work)
        this.work()
      })
      this.underWay.add(work)
    }
  }

  private async settle(event: WebhookEvent): Promise<void> {
    try {
      const outcome = await this.outcome(event)
      await this.journal.append({ line: 'outcome', eventId: event.id, outcome })
      this.outcomes.set(event.id, outcome)
      this.options.log?.(`${event.type} ${event.id}: ${outcome}`)
    } catch (error) {
      // A wallet that stops leaves the event to its next start; anything else is a defect that must be seen.
      if (!this.stopping.signal.aborted) this.options.log?.(`${event.type} ${event.id} is stuck: ${String(error)}`)
    }
  }

  private outcome(event: WebhookEvent): Promise<Outcome> {
    const task = taskOf(event)
    switch (task.kind) {
      case 'fund':
        return this.fund(event.id, task)
      case 'collect':
        return this.collect(event.id, task)
      case 'none':
        return Promise.resolve('noted')
    }
  }

  private async fund(eventId: string, { paymentId, paymentPointerId, amount, unit }: Funding): Promise<Outcome> {
    const account = this.accounts.get(paymentPointerId)
    if (!account) return 'declined'
    const asset = assetNameOf(unit)
    const customer = accountOf(account.customer)
    try {
      await this.post(movement(`${eventId}/reserve`, asset, customer, 'reserved', amount))
    } catch (error) {
      if (error instanceof InsufficientMoney) return 'declined'
      throw error
    }
    const isFunded = await this.service.deposit(eventId, paymentId)
    const booked = isFunded
      ? movement(`${eventId}/deposit`, asset, 'reserved', 'service', amount)
      : movement(`${eventId}/release`, asset, 'reserved', customer, amount)
    await this.post(booked)
    return isFunded ? 'funded' : 'released'
  }

  private async collect(eventId: string, collection: Collection): Promise<Outcome> {
    const { paymentPointerId, amount, unit } = collection
    const asset = assetNameOf(unit ?? (await this.service.assetOf(paymentPointerId)))
    if (!(await this.service.withdraw(eventId))) return 'noted'
    const account = this.accounts.get(paymentPointerId)
    const fee = this.feeOf(collection)
    const postings = [
      { account: 'service', amount: -amount },
      { account: account ? accountOf(account.customer) : 'unclaimed', amount: amount - fee },
      { account: 'fees', amount: fee }
    ]
    const entry = { id: `${eventId}/withdraw`, asset, postings: postings.filter((posting) => posting.amount !== 0n) }
    await this.post(entry)
    return 'collected'
  }

  /** Never more than there is, and nothing of what a failed payment gives back. */
  private feeOf(collection: Collection): bigint {
    if (collection.spent === undefined || !this.options.feeOf) return 0n
    const fee = this.options.feeOf(collection)
    if (fee < 0n) throw new RangeError('a fee is not less than 0')
    return fee < collection.amount ? fee : collection.amount
  }

  /** Books an entry once. When it resolves it is on the disk. */
  private async post(entry: Entry): Promise<void> {
    if (this.books.post(entry)) {
      const written = this.journal.append({ line: 'entry', entry: writeEntry(entry) })
      this.writing.set(
        entry.id,
        written.finally(() => this.writing.delete(entry.id))
      )
    }
    await this.writing.get(entry.id)
  }
}

function accountOf(customer: string): string {
  return `${CUSTOMER_PREFIX}${customer}`
}

function writeEntry(entry: Entry): WrittenEntry {
  return { ...entry, postings: entry.postings.map(({ account, amount }) => ({ account, amount: amount.toString() })) }
}

function readEntry(entry: WrittenEntry): Entry {
  return { ...entry, postings: entry.postings.map(({ account, amount }) => ({ account, amount: BigInt(amount) })) }
}
