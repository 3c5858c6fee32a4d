import type { IncomingPayment, PaymentPointer } from '../../../entities'
import type { IncomingPaymentFailure } from '../../../services/payments/incoming/inputs'
import type { IncomingPaymentService } from '../../../services/payments/incoming/incoming-payment-service'
import { jsonAnswer, Refusal, type OpenPaymentsAnswer } from '../messages'
import { isPayable, NOT_FOUND, type Pointers } from './pointers'
import type { Call } from './call'
import { incomingPaymentJson, pageJson } from './representations'

const FAILURES: Readonly<Record<IncomingPaymentFailure, Refusal>> = {
  invalid_expiry: new Refusal(400, 'invalid expiresAt'),
  invalid_amount: new Refusal(400, 'invalid amount'),
  unknown_payment_pointer: NOT_FOUND,
  inactive_payment_pointer: NOT_FOUND
}

const COMPLETION_FAILURES = {
  unknown_payment: new Refusal(404, 'unknown payment'),
  wrong_state: new Refusal(409, 'wrong state')
} as const

export class IncomingPayments {
  constructor(
    private readonly payments: IncomingPaymentService,
    private readonly pointers: Pointers
  ) {}

  async create({ context, pointer, permission, body, amounts }: Call): Promise<OpenPaymentsAnswer> {
    const answer = await this.payments.create(context, {
      paymentPointerId: pointer.id,
      incomingAmount: amounts.incomingAmount,
      expiresAt: body.expiresAt as string | undefined,
      metadata: body.metadata as Record<string, unknown> | undefined,
      client: permission.client
    })
    if (!answer.done) throw FAILURES[answer.failure]
    return jsonAnswer(201, await this.whole(answer.value, pointer, context.now()))
  }

  async get(call: Call): Promise<OpenPaymentsAnswer> {
    const payment = await this.visible(call)
    if (!payment) throw NOT_FOUND
    return jsonAnswer(200, await this.whole(payment, call.pointer, call.context.now()))
  }

  async list({ context, pointer, permission, page: request }: Call): Promise<OpenPaymentsAnswer> {
    const client = permission.reachesAll ? undefined : permission.client
    const page = await this.payments.page(pointer.id, request, client)
    const now = context.now()
    const asset = await this.pointers.assetOf(pointer.assetId)
    const result = page.nodes.map((payment) =>
      incomingPaymentJson(
        payment,
        pointer,
        asset,
        isPayable(payment, now) ? this.pointers.connectionUrl(payment) : undefined
      )
    )
    return jsonAnswer(200, pageJson(page, result))
  }

  /** Only the client that made a payment ends it. */
  async complete(call: Call): Promise<OpenPaymentsAnswer> {
    const { context, pointer, permission, id } = call
    const payment = await this.payments.find(id)
    if (payment?.client !== permission.client) throw COMPLETION_FAILURES.unknown_payment
    const answer = await this.payments.complete(context, pointer.id, id)
    if (!answer.done) throw COMPLETION_FAILURES[answer.failure]
    return jsonAnswer(200, incomingPaymentJson(answer.value, pointer, await this.pointers.assetOf(pointer.assetId)))
  }

  private async visible({ pointer, permission, id }: Call): Promise<IncomingPayment | undefined> {
    const payment = await this.payments.find(id)
    const isVisible = permission.reachesAll || payment?.client === permission.client
    return payment?.paymentPointerId === pointer.id && isVisible ? payment : undefined
  }

  /** With its connection, as long as it can be paid. */
  private async whole(payment: IncomingPayment, pointer: PaymentPointer, now: Date): Promise<object> {
    const asset = await this.pointers.assetOf(payment.assetId)
    const connection = isPayable(payment, now) ? this.pointers.connectionOf(payment, asset) : undefined
    return incomingPaymentJson(payment, pointer, asset, connection)
  }
}
