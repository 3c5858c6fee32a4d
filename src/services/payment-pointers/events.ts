/**
 * Announces what payment pointers received themselves, so that the operator can withdraw it.
 *
 * Each unit received is announced at most once. What the operator withdrew without waiting for an announcement
 * is not announced any more: no more is ever announced than the account can pay at that time, and what it
 * cannot pay counts as told. It stays available to a direct withdrawal, should the first one be taken back.
 *
 * Balances are read before the transaction. It takes only rows that are still as they were read.
 */
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Reader } from '../../database/reader'
import type { UnitOfWork } from '../../database/unit-of-work'
import { AMOUNT_MAX } from '../../ledger/types'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { smaller } from '../extremes'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import type { Balances } from '../liquidity/balances'
import type { NewWebhookEvent, WebhookOutbox } from '../webhooks/outbox'

/** Most payment pointers that one request processes. */
export const TRIGGERED_MAX = 1_000

export interface TriggerPaymentPointerEvents extends Repeatable {
  /** Most payment pointers to process, 0 … TRIGGERED_MAX; more counts as that. */
  readonly limit: number
}

interface DueRow {
  readonly id: string
  readonly created_at: Date
  readonly asset_id: string
  readonly account_id: string
  readonly received_amount: string
  readonly announced_amount: string
}

/** A due payment pointer as it was read, and what is to be done about it. */
interface Announcement {
  readonly row: DueRow
  /** What the event tells of, in the asset's smallest unit; 0: no event. */
  readonly amount: bigint
  /** Up to which total everything counts as told. */
  readonly until: bigint
}

const DUE = {
  name: 'payment_pointer_income_due',
  text: `SELECT pointer.id, pointer.created_at, pointer.asset_id, pointer.web_monetization_account_id AS account_id,
      income.received_amount, income.announced_amount
    FROM payment_pointer_income AS income JOIN payment_pointer AS pointer ON pointer.id = income.payment_pointer_id
    WHERE income.announce_at <= $1 ORDER BY income.announce_at LIMIT $2`
} as const

const TAKE = `SELECT payment_pointer_id AS id FROM payment_pointer_income
  WHERE payment_pointer_id = ANY($1::uuid[]) AND announce_at <= $2 FOR NO KEY UPDATE SKIP LOCKED`

/** A credit that came after the reading stays due. */
const ANNOUNCE = `UPDATE payment_pointer_income AS income SET
    announced_amount = seen.until,
    announce_at = CASE WHEN income.received_amount = seen.until THEN NULL ELSE income.announce_at END
  FROM unnest($1::uuid[], $2::numeric[], $3::numeric[]) AS seen (id, announced, until)
  WHERE income.payment_pointer_id = seen.id AND income.announced_amount = seen.announced
  RETURNING income.payment_pointer_id AS id`

export class PaymentPointerEvents {
  constructor(
    private readonly reader: Reader,
    private readonly balances: Balances,
    private readonly outbox: WebhookOutbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly idempotency: Idempotency
  ) {}

  /** Processes due payment pointers on request; answers how many, those with nothing new among them. */
  trigger(context: RequestContext, input: TriggerPaymentPointerEvents): Promise<Answer<number, 'invalid_limit'>> {
    return this.idempotency.execute<Answer<number, 'invalid_limit'>>(
      context,
      'trigger_payment_pointer_events',
      input,
      async (recorder) => {
        if (input.limit < 0) return refused('invalid_limit')
        const now = context.now()
        const due = await this.read(now, Math.min(input.limit, TRIGGERED_MAX))
        if (due.length === 0) return done(0)
        return recorder.run(async (manager) => done((await this.announce(manager, due, now)).length))
      }
    )
  }

  /** Processes at most `limit` due payment pointers; returns the ids of those that it was the one to process. */
  async processDue(now: Date, limit: number): Promise<readonly string[]> {
    const due = await this.read(now, limit)
    return due.length === 0 ? [] : this.unitOfWork.run((manager) => this.announce(manager, due, now))
  }

  private async read(now: Date, limit: number): Promise<Announcement[]> {
    if (limit === 0) return []
    const rows = await this.reader.rows<DueRow>({ ...DUE, values: [now, limit] })
    return Promise.all(rows.map((row) => this.announcementOf(row)))
  }

  private async announcementOf(row: DueRow): Promise<Announcement> {
    const announced = BigInt(row.announced_amount)
    const untold = smaller(BigInt(row.received_amount) - announced, AMOUNT_MAX)
    const available = (await this.balances.available(BigInt(row.account_id))) ?? 0n
    return { row, amount: smaller(untold, available), until: announced + untold }
  }

  private async announce(manager: EntityManager, due: readonly Announcement[], now: Date): Promise<string[]> {
    const taken = await idsOf(manager.query<IdRow[]>(TAKE, [due.map(({ row }) => row.id), now]))
    const ours = due.filter(({ row }) => taken.has(row.id))
    const columns = [
      ours.map(({ row }) => row.id),
      ours.map(({ row }) => row.announced_amount),
      ours.map(({ until }) => until.toString())
    ]
    const [rows] = await manager.query<[IdRow[], number]>(ANNOUNCE, columns)
    const ids = new Set(rows.map(({ id }) => id))
    const told = ours.filter(({ row, amount }) => ids.has(row.id) && amount > 0n)
    await this.outbox.write(
      manager,
      told.map((announcement) => eventOf(announcement, now))
    )
    return [...ids]
  }
}

interface IdRow {
  readonly id: string
}

async function idsOf(query: Promise<readonly IdRow[]>): Promise<Set<string>> {
  return new Set((await query).map(({ id }) => id))
}

function eventOf({ row, amount }: Announcement, now: Date): NewWebhookEvent {
  const { id, created_at: createdAt, asset_id: assetId, account_id: accountId } = row
  return {
    id: randomUUID(),
    type: 'payment_pointer.web_monetization',
    data: { paymentPointer: { id, createdAt: createdAt.toISOString(), received: amount.toString() } },
    resourceId: id,
    createdAt: now,
    withdrawal: { accountId: BigInt(accountId), assetId, amount }
  }
}
