import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import type { Loader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { IncomingPayment } from '../../../entities'
import { ahead } from '../../ahead'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import { parseUuid } from '../../identifiers'
import type { Idempotency } from '../../idempotency/idempotency'
import type { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import type { IncomingPaymentCreation } from './creation'
import { endOf } from './deadlines'
import type { ExpiryPolicy } from './expiry'
import type { CreateIncomingPayment, IncomingPaymentFailure } from './inputs'
import { transitionText } from './life-cycle'

const COMPLETE = transitionText('complete')

export class IncomingPaymentService {
  private readonly reads: EntityReads<IncomingPayment>
  /** Each payment with the expiry that counts. */
  private readonly select: string
  private readonly byId: Loader<string, IncomingPayment>
  private readonly byConnection: Loader<string, IncomingPayment>

  constructor(
    entities: EntityReader,
    private readonly paymentPointers: PaymentPointerService,
    private readonly creation: IncomingPaymentCreation,
    private readonly idempotency: Idempotency,
    private readonly unitOfWork: UnitOfWork,
    private readonly settlingMilliseconds: number
  ) {
    this.reads = entities.of(IncomingPayment)
    this.select = this.reads.table.select('incoming_payment', '', { expires_at: endOf('incoming_payment') })
    const by = <Key extends string>(
      key: string,
      keyOf: (payment: IncomingPayment) => Key
    ): Loader<Key, IncomingPayment> => {
      const text = `SELECT ${this.select} FROM incoming_payment WHERE ${key} = ANY($1::uuid[])`
      return this.reads.loader(`incoming_payment_shown_by_${key}`, text, keyOf)
    }
    this.byId = by('id', ({ id }) => id)
    this.byConnection = by('connection_id', ({ connectionId }) => String(connectionId))
  }

  /** A payment that expired without having received anything counts as not there. */
  async find(id: string): Promise<IncomingPayment | undefined> {
    const uuid = parseUuid(id)
    const payment = uuid === undefined ? undefined : await this.byId.load(uuid)
    return payment?.removedAt === null ? payment : undefined
  }

  /** The payment of a connection, which it has as long as it is open. */
  async findByConnection(id: string): Promise<IncomingPayment | undefined> {
    const uuid = parseUuid(id)
    return uuid === undefined ? undefined : this.byConnection.load(uuid)
  }

  /** The payments of a payment pointer; with a client only those that the client made. */
  page(paymentPointerId: string, request: PageRequest, client?: string): Promise<Page<IncomingPayment>> {
    const condition = 'payment_pointer_id = $3 AND removed_at IS NULL'
    const scope =
      client === undefined
        ? { name: 'of_payment_pointer', condition, values: [paymentPointerId] }
        : { name: 'of_client', condition: `${condition} AND client = $4`, values: [paymentPointerId, client] }
    return this.reads.page(request, scope, this.select)
  }

  /** `expiry`: another policy than the service's own. */
  create(
    context: RequestContext,
    input: CreateIncomingPayment,
    expiry?: ExpiryPolicy
  ): Promise<Answer<IncomingPayment, IncomingPaymentFailure>> {
    const paymentPointerRead = ahead(this.paymentPointers.find(input.paymentPointerId))
    return this.idempotency.execute<Answer<IncomingPayment, IncomingPaymentFailure>>(
      context,
      'create_incoming_payment',
      input,
      async (recorder) => {
        const draft = await this.creation.draft(context.now(), paymentPointerRead, input, expiry)
        if (!draft.done) return draft
        return this.creation.write(recorder, draft.value, done(draft.value.payment))
      }
    )
  }

  /**
   * Ends a payment on the receiver's wish. What it received is announced once all that was under way has
   * settled. The payment must belong to the payment pointer.
   */
  async complete(
    context: RequestContext,
    paymentPointerId: string,
    id: string
  ): Promise<Answer<IncomingPayment, 'unknown_payment' | 'wrong_state'>> {
    const payment = await this.find(id)
    if (!payment || payment.paymentPointerId !== paymentPointerId) return refused('unknown_payment')
    const now = context.now()
    const announceAt = new Date(now.getTime() + this.settlingMilliseconds)
    return this.unitOfWork.run(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(COMPLETE, [[payment.id], now, announceAt])
      if (count === 0) return refused('wrong_state')
      return done(await manager.findOneByOrFail(IncomingPayment, { id: payment.id }))
    })
  }
}
