/**
 * Packets in the ledger. All legs of a packet are linked: they happen together or not at all. Submissions that
 * arrive together share a commit, so many packets of one account cost little more than one.
 */
import {
  LedgerBusy,
  type Command,
  type PostCommand,
  type Result,
  type TransferCommand,
  type VoidCommand
} from '../../ledger/types'
import type { Ledger } from '../../ledger/ledger'
import type { CreditOfMany } from '../../services/credit'
import type { Logger } from '../../services/context'
import type { Identifiers } from '../../services/identifiers'
import { TRANSFER_CODES } from '../../services/ledger-codes'
import { legsOf, type Leg } from './pipeline/legs'
import type { Movement, PacketAccount, PacketHold, PacketLedger } from './pipeline/ports'
import { Refusal, UNKNOWN_DESTINATION } from './pipeline/refusal'

/** Longer than a hop may take and its answer be stored: what is still held then belongs to a process that died. */
export const HOLD_SECONDS = 90
/** How often an end of a hold is tried to be stored, and the pause before the next time. */
const ATTEMPTS_MAX = 6
const PAUSE_MILLISECONDS = 100
const LATE_PAUSE_MILLISECONDS = 2_000

export class LedgerOfPackets implements PacketLedger {
  /** What neighbours are owed and what is being stored at present, with the ids of its holds. */
  private readonly owed = new Map<Promise<unknown>, readonly string[]>()

  constructor(
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers,
    private readonly logger: Logger
  ) {}

  /**
   * Posts packets for one destination, each for itself, together with what the credited thing writes. Says of
   * each packet why it was not posted.
   *
   * @throws AttachmentRefused if the credit is refused
   */
  async credit(
    movements: readonly Movement[],
    destination: PacketAccount,
    credit: CreditOfMany
  ): Promise<(Error | undefined)[]> {
    const packets = movements.map((movement) => this.transfers(legsOf(movement, destination), movement.reference, {}))
    const failuresOf = (results: readonly Result[]): (Error | undefined)[] => {
      let start = 0
      return packets.map(({ length }) => failureOf(results.slice(start, (start += length))))
    }
    const { results } = await this.ledger.submit({
      accounts: credit.accounts,
      commands: packets.flat(),
      attach: (outcome) => {
        const failures = failuresOf(outcome.results)
        const posted = movements.filter((_, index) => failures[index] === undefined)
        return credit.attachments(posted.map(({ destinationAmount }) => destinationAmount))
      }
    })
    return failuresOf(results)
  }

  async hold(movement: Movement, destination: PacketAccount): Promise<PacketHold> {
    const pending = { pending: true, holdSeconds: HOLD_SECONDS }
    const holds = this.transfers(legsOf(movement, destination), movement.reference, pending)
    const { results } = await this.ledger.submit({ commands: holds })
    const failure = failureOf(results)
    if (failure) throw failure
    return {
      post: () => this.owe(holds, this.end('post', holds)),
      postEventually: () => this.owe(holds, this.endEventually(holds)),
      void: () =>
        this.end('void', holds).catch((error: unknown) => {
          const facts = { error, holds: holds.map(({ id }) => id) }
          this.logger.error(facts, 'Money set aside for a packet could not be given back: it waits for its time')
        })
    }
  }

  /** Resolves when what neighbours are owed at present has been stored, or cannot be. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.owed.keys())
  }

  /** Tells the operator what nobody will go on to store when the process ends now. */
  tellOwed(): void {
    if (this.owed.size === 0) return
    const facts = { holds: [...this.owed.values()].flat() }
    this.logger.error(facts, 'Neighbours are owed what could not be stored before the end: settle it with them')
  }

  private owe<Value>(holds: readonly TransferCommand[], stored: Promise<Value>): Promise<Value> {
    const settle = (): void => void this.owed.delete(stored)
    this.owed.set(
      stored,
      holds.map(({ id }) => id)
    )
    stored.then(settle, settle)
    return stored
  }

  /** For what a neighbour has fulfilled already: it is owed the money, however long it takes to write that down. */
  private async endEventually(holds: readonly TransferCommand[]): Promise<boolean> {
    const facts = { holds: holds.map(({ id }) => id) }
    const deadline = performance.now() + HOLD_SECONDS * 1_000
    while (performance.now() < deadline) {
      try {
        await this.end('post', holds)
        this.logger.info(facts, 'A packet that a neighbour had fulfilled was stored late')
        return true
      } catch (error) {
        if (error instanceof Ended) {
          // An earlier attempt may have been stored after all, with an id that nobody remembers.
          if (error.results.includes('already_posted')) return true
          break
        }
        await new Promise((resolve) => setTimeout(resolve, LATE_PAUSE_MILLISECONDS))
      }
    }
    this.logger.error(facts, 'A packet that a neighbour fulfilled could not be stored: settle it with the neighbour')
    return false
  }

  private transfers(legs: readonly Leg[], reference: string | undefined, more: object): TransferCommand[] {
    return legs.map((leg, index) => ({
      ...leg,
      ...more,
      type: 'transfer',
      id: this.identifiers.next(),
      code: TRANSFER_CODES.PACKET,
      ...(reference === undefined ? {} : { reference }),
      linked: index < legs.length - 1
    }))
  }

  /** Tried again with the same ids while nobody knows whether it was stored. @throws Error */
  private async end(type: 'post' | 'void', holds: readonly TransferCommand[]): Promise<void> {
    const commands: Command[] = holds.map(({ id: holdId, linked }): PostCommand | VoidCommand => ({
      type,
      id: this.identifiers.next(),
      holdId,
      linked
    }))
    for (let attempt = 1; ; attempt++) {
      try {
        const { results } = await this.ledger.submit({ commands })
        if (results.every((result) => result === 'ok') || (attempt > 1 && results.includes('exists'))) return
        throw new Ended(type, results)
      } catch (error) {
        if (error instanceof Ended || attempt === ATTEMPTS_MAX) throw error
        if (!(error instanceof LedgerBusy)) this.logger.warn({ error, type }, 'The end of a hold is stored again')
        await new Promise((resolve) => setTimeout(resolve, attempt * PAUSE_MILLISECONDS))
      }
    }
  }
}

/** The hold has come to another end. */
class Ended extends Error {
  constructor(
    type: string,
    readonly results: readonly Result[]
  ) {
    super(`the ${type} of a hold was answered ${results.join(', ')}`)
    this.name = 'Ended'
  }
}

/** The first leg takes the money from the source, the second one, if any, from an asset's liquidity. */
function failureOf(results: readonly Result[]): Error | undefined {
  if (results.every((result) => result === 'ok')) return undefined
  if (results[0] === 'exceeds_credits') return new Refusal('T04', 'InsufficientBalance')
  if (results[1] === 'exceeds_credits') return new Refusal('T04', 'InsufficientLiquidity')
  if (results.includes('account_closed')) return new Refusal('F02', UNKNOWN_DESTINATION)
  return new Error(`the ledger answered ${results.join(', ')} to a packet`)
}
