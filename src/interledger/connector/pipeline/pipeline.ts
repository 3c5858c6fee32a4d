/**
 * The way of a packet through this node, step by step. Each step either lets it pass or refuses it; the first
 * refusal is the reply. The sender of a packet always gets a reply: an error that nobody expected becomes a T00
 * for the sender and a line in the log.
 *
 *    1  STREAM address of ours?         8  ends here: ask the receiver, credit, fulfil
 *    2  protocols among neighbours      9  goes on: set the money aside
 *    3  who is to be paid              10  throughput of the destination (before 9)
 *    4  size of the packet             11  expiry for the next hop (before 9)
 *    5  packets a minute               12  deadline
 *    6  throughput of the source       13  send
 *    7  conversion                     14  check the fulfillment
 *                                      15  pay, or give back
 */
import { LedgerBusy } from '../../../ledger/types'
import { ratioOf, type Ratio } from '../../../services/rates/ratio'
import { rejectCodeOf } from '../../packet/reply'
import { Prepare } from '../../packet/prepare'
import type { Connector, Source, StreamReceiver } from '../types'
import { convert } from './conversion'
import { deliver } from './delivery'
import { assetOf, findDestination } from './destination'
import { byDeadline, checkInTime, replyDeadline } from './expiry'
import { forward, type ForwardingParts } from './forwarding'
import type { Limiter } from './limits'
import { checkPacketSize } from './packet-size'
import { answerPeerProtocol } from './peer-protocols'
import type { Destination, Destinations, ExchangeRates, Movement } from './ports'
import { Refusal } from './refusal'

export interface PipelineParts extends ForwardingParts {
  /** Of this node. */
  readonly ilpAddress: string
  readonly receiver: StreamReceiver
  readonly destinations: Destinations
  readonly limiter: Limiter
  readonly rates: ExchangeRates
  /** What is left of a rate for packets that go on in another asset, at most 1. */
  readonly kept?: Ratio
  /** Told of what nobody expected. */
  unexpected(error: unknown): void
}

/** What is known of a packet while it is under way. */
interface Progress {
  destination?: Destination
  arriving?: bigint
}

const WHOLE = ratioOf(1n, 1n)

export class Pipeline implements Connector {
  private underWay = 0
  private whenIdle: (() => void)[] = []

  constructor(private readonly parts: PipelineParts) {}

  /** @throws TypeError if the bytes are no Prepare */
  async handle(bytes: Buffer, source: Source): Promise<Buffer> {
    return this.take(new Prepare(bytes), source)
  }

  async take(prepare: Prepare, source: Source): Promise<Buffer> {
    const started = performance.now()
    const progress: Progress = {}
    const work = this.track(
      this.process(prepare, source, progress).catch((error: unknown) =>
        this.refusalOf(error).serialize(this.parts.ilpAddress)
      )
    )
    const reply = source.kind === 'peer' ? await this.inTime(work, prepare, source) : await work
    this.observe(prepare, source, progress, reply, started)
    return reply
  }

  /** A neighbour is told in time that its packet expired, and what is being done with it goes on to its end. */
  private async inTime(work: Promise<Buffer>, prepare: Prepare, source: Source): Promise<Buffer> {
    const { now, observer, ilpAddress } = this.parts
    const left = replyDeadline(prepare.expiresAt).getTime() - now().getTime()
    // What has expired, or is about to, is refused at once.
    if (left <= 0) return work
    const tooSoon = (reply: Buffer): void => {
      if (rejectCodeOf(reply) === undefined && prepare.amount > 0n) observer.answeredTooSoon(source)
    }
    return byDeadline(work, left, tooSoon).catch((refusal: unknown) => {
      if (refusal instanceof Refusal) return refusal.serialize(ilpAddress)
      throw refusal
    })
  }

  private async track(work: Promise<Buffer>): Promise<Buffer> {
    this.underWay++
    try {
      return await work
    } finally {
      this.underWay--
      if (this.underWay === 0) for (const wake of this.whenIdle.splice(0)) wake()
    }
  }

  /** Resolves when no packet is under way. */
  idle(): Promise<void> {
    return this.underWay === 0 ? Promise.resolve() : new Promise((resolve) => this.whenIdle.push(resolve))
  }

  private async process(prepare: Prepare, source: Source, progress: Progress): Promise<Buffer> {
    const { parts } = this
    const now = parts.now()
    const deadline = source.kind === 'peer' ? replyDeadline(prepare.expiresAt) : prepare.expiresAt
    if (prepare.expiresAt > now) checkInTime(deadline, now)
    const answer = answerPeerProtocol(prepare, source, now)
    if (answer) return answer
    const destination = await findDestination(prepare, source, parts.receiver, parts.destinations, now)
    progress.destination = destination
    checkPacketSize(source, prepare.amount)
    parts.limiter.checkIncoming(source, prepare.amount)
    const kept = parts.kept ?? WHOLE
    const arriving = await convert(prepare.amount, assetOf(source), destination, parts.rates, kept)
    progress.arriving = arriving
    const movement = movementOf(prepare, source, arriving)
    if (destination.kind === 'local') {
      const arrival = { prepare, amount: arriving, movement, deadline }
      return deliver(arrival, destination.local, parts.receiver, () => parts.now())
    }
    if (movement) parts.limiter.checkOutgoing(destination.peer.id, arriving)
    return forward(prepare, arriving, destination.peer, movement, parts)
  }

  private refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error
    if (error instanceof LedgerBusy) return new Refusal('T03', 'too much to do')
    this.parts.unexpected(error)
    return new Refusal('T00', 'unexpected internal error')
  }

  private observe(prepare: Prepare, source: Source, progress: Progress, reply: Buffer, started: number): void {
    const code = rejectCodeOf(reply)
    const moved = code === undefined && source.kind !== 'probe'
    this.parts.observer.answered({
      source,
      destination: progress.destination,
      result: code === undefined ? 'fulfilled' : 'rejected',
      code: code ?? '',
      sourceAmount: moved ? prepare.amount : 0n,
      destinationAmount: moved ? (progress.arriving ?? 0n) : 0n,
      milliseconds: performance.now() - started
    })
  }
}

/** What the packet moves; undefined if it moves nothing. */
function movementOf(prepare: Prepare, source: Source, arriving: bigint): Movement | undefined {
  if (source.kind === 'probe' || prepare.amount === 0n) return undefined
  const amounts = { sourceAmount: prepare.amount, destinationAmount: arriving }
  if (source.kind === 'peer') {
    return { source: { accountId: source.peer.accountId, asset: source.peer.asset }, ...amounts }
  }
  const { id: reference, liquidityAccountId: accountId } = source.payment
  if (accountId === null) throw new Error(`payment ${reference} sends packets and was not funded`)
  return { source: { accountId, asset: source.asset }, reference, ...amounts }
}
