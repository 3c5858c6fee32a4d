/**
 * What time does to incoming payments: it ends those that expired and announces what finished ones received.
 *
 * Each call is one short transaction. It takes only rows that nobody else has in hand and never waits for one
 * while it holds others, so any number of processes may call it at once.
 */
import type { EntityManager } from 'typeorm'
import type { EntityReader } from '../../../database/entity-reader'
import type { EntityTable } from '../../../database/entity-table'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { Asset, IncomingPayment } from '../../../entities'
import type { WebhookOutbox } from '../../webhooks/outbox'
import { receivedEvent } from './events'
import { isOpen, transitionText } from './life-cycle'

const EXPIRE = transitionText('expire')
const ANNOUNCED = `UPDATE incoming_payment SET process_at = NULL WHERE id = ANY($1::uuid[])`

export class IncomingPaymentProcessor {
  private readonly table: EntityTable<IncomingPayment>
  private readonly assets: EntityTable<Asset>
  private readonly due: string

  constructor(
    entities: EntityReader,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: WebhookOutbox,
    private readonly settlingMilliseconds: number
  ) {
    this.table = entities.of(IncomingPayment).table
    this.assets = entities.of(Asset).table
    this.due = `SELECT ${this.table.select()} FROM incoming_payment WHERE process_at <= $1
      ORDER BY process_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`
  }

  /** Takes at most `limit` due payments a step further. Returns their ids: fewer than `limit` say that no more are due. */
  processDue(now: Date, limit: number): Promise<readonly string[]> {
    return this.unitOfWork.run(async (manager) => {
      const rows = await manager.query<Record<string, unknown>[]>(this.due, [now, limit])
      const payments = rows.map((row) => this.table.entityOf(row))
      await this.expire(manager, payments.filter(isOpen), now)
      await this.announce(
        manager,
        payments.filter((payment) => !isOpen(payment)),
        now
      )
      return payments.map(({ id }) => id)
    })
  }

  private async expire(manager: EntityManager, payments: readonly IncomingPayment[], now: Date): Promise<void> {
    if (payments.length === 0) return
    const announceAt = new Date(now.getTime() + this.settlingMilliseconds)
    await manager.query(EXPIRE, [payments.map(({ id }) => id), now, announceAt])
  }

  private async announce(manager: EntityManager, payments: readonly IncomingPayment[], now: Date): Promise<void> {
    if (payments.length === 0) return
    const assets = await this.assetsOf(manager, payments)
    const received = payments.filter(({ receivedAmount }) => receivedAmount > 0n)
    const events = received.map((payment) => receivedEvent(payment, assets.get(payment.assetId)!, now))
    await this.outbox.write(manager, events)
    await manager.query(ANNOUNCED, [payments.map(({ id }) => id)])
  }

  private async assetsOf(manager: EntityManager, payments: readonly IncomingPayment[]): Promise<Map<string, Asset>> {
    const ids = [...new Set(payments.map(({ assetId }) => assetId))]
    const rows = await manager.query<Record<string, unknown>[]>(
      `SELECT ${this.assets.select()} FROM asset WHERE id = ANY($1::uuid[])`,
      [ids]
    )
    return new Map(rows.map((row) => this.assets.entityOf(row)).map((asset) => [asset.id, asset]))
  }
}
