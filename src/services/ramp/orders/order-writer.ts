/** Stores a step of an order: its transfers, its rows and what is told of it, in one transaction or not at all. */
import type { Attachment } from '../../../database/statement'
import type { Ledger } from '../../../ledger/ledger'
import { AttachmentRefused, type Command, type Result } from '../../../ledger/types'
import type { RequestContext } from '../../context'
import type { PlannedDelivery } from '../onchain/onchain-delivery'
import { OVERTAKEN } from '../parties/overtaken'
import type { RampAccounts } from '../parties/ramp-accounts'
import type { NewRampEvent, RampOutbox } from '../webhooks/outbox'
import type { PlatformAccounts } from './legs'
import { PAYMENT_TRANSITION, REQUEST_TRANSITION } from './life-cycle'
import { AGENT_COMPLETED, DAY_COUNTED, QUOTE_USED } from './statements'

export interface Step {
  /** All of them are done, or none. */
  readonly commands: readonly Command[]
  readonly rows: readonly Attachment[]
  readonly events: readonly NewRampEvent[]
  /** What follows a completed deposit to a wallet. */
  readonly delivery?: PlannedDelivery
}

/** `short`: the money of an account does not cover it. `over_limit`: the customer's day is full. */
export type StepEnd = 'done' | 'short' | 'over_limit' | typeof OVERTAKEN

/** Rows that somebody else may have changed since they were read. */
const GUARDED: ReadonlySet<string> = new Set([REQUEST_TRANSITION, QUOTE_USED, AGENT_COMPLETED])
const isGuarded = (statement: string): boolean => GUARDED.has(statement) || statement.startsWith(PAYMENT_TRANSITION)

export class OrderWriter {
  constructor(
    private readonly ledger: Ledger,
    private readonly outbox: RampOutbox,
    private readonly accounts: RampAccounts
  ) {}

  async platform(currencyCode: string): Promise<PlatformAccounts> {
    const [clearing, fees, spread, world] = await Promise.all([
      this.accounts.id('p2p:clearing'),
      this.accounts.id('platform:fees'),
      this.accounts.id('platform:fx_spread'),
      this.world(currencyCode)
    ])
    return { clearing, fees, spread, world }
  }

  world(currencyCode: string): Promise<bigint> {
    return this.accounts.fiatWorld(currencyCode)
  }

  /**
   * Refusals by constraints come out as errors: they are their caller's.
   *
   * @throws AttachmentRefused
   */
  async write(context: RequestContext, { commands, rows, events, delivery }: Step): Promise<StepEnd> {
    const own = commands.map((command, index) => ({ ...command, linked: index < commands.length - 1 }))
    const isDone = (results: readonly Result[]): boolean => results.slice(0, own.length).every((one) => one === 'ok')
    const rest = (results: readonly Result[]): readonly Result[] => results.slice(own.length)
    try {
      const { results } = await this.ledger.submit({
        commands: [...own, ...(delivery?.commands ?? [])],
        attach: ({ results }) =>
          isDone(results)
            ? [...rows, ...(delivery?.attachments(rest(results)) ?? []), ...this.outbox.attachments(events)]
            : []
      })
      if (!isDone(results)) return refusalOf(results)
      await delivery?.begun(context, rest(results))
      return 'done'
    } catch (error) {
      if (!(error instanceof AttachmentRefused) || error.constraint !== undefined) throw error
      if (error.statement === DAY_COUNTED) return 'over_limit'
      if (isGuarded(error.statement)) return OVERTAKEN
      throw error
    }
  }
}

/** Of a failed chain one member has a reason of its own. */
function refusalOf(results: readonly Result[]): StepEnd {
  const reason = results.find((result) => result !== 'ok' && result !== 'linked_failed')
  switch (reason) {
    case 'exceeds_credits':
      return 'short'
    case 'exists':
    case 'already_posted':
    case 'already_voided':
      // Somebody else has taken the order further.
      return OVERTAKEN
    default:
      throw new Error(`a step of an order was refused: ${reason}`)
  }
}
