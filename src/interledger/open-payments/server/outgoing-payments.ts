import type { OutgoingPaymentFailure } from '../../../services/payments/outgoing/outgoing-payment-failures'
import type { OutgoingPaymentService } from '../../../services/payments/outgoing/outgoing-payment-service'
import { jsonAnswer, Refusal, type OpenPaymentsAnswer } from '../messages'
import type { Call } from './call'
import { NOT_FOUND } from './pointers'
import { outgoingPaymentJson, pageJson } from './representations'

const INVALID_QUOTE = new Refusal(400, 'invalid quote')

const FAILURES: Readonly<Record<OutgoingPaymentFailure, Refusal>> = {
  unknown_payment_pointer: NOT_FOUND,
  inactive_payment_pointer: NOT_FOUND,
  unknown_quote: new Refusal(404, 'unknown quote'),
  used_quote: INVALID_QUOTE,
  foreign_quote: INVALID_QUOTE,
  expired_quote: INVALID_QUOTE,
  grant_exceeded: new Refusal(403, 'unauthorized'),
  receiver_not_payable: INVALID_QUOTE
}

export class OutgoingPayments {
  constructor(private readonly payments: OutgoingPaymentService) {}

  async create({ context, pointer, permission, body }: Call): Promise<OpenPaymentsAnswer> {
    const answer = await this.payments.create(context, {
      paymentPointerId: pointer.id,
      quoteId: lastSegmentOf(String(body.quoteId)),
      metadata: body.metadata as Record<string, unknown> | undefined,
      client: { url: permission.client, grant: permission.grant }
    })
    if (!answer.done) throw FAILURES[answer.failure]
    return jsonAnswer(201, outgoingPaymentJson(answer.value, pointer))
  }

  async get({ pointer, permission, id }: Call): Promise<OpenPaymentsAnswer> {
    const found = await this.payments.find(id)
    const isVisible = permission.reachesAll || found?.payment.client === permission.client
    if (found?.payment.paymentPointerId !== pointer.id || !isVisible) throw NOT_FOUND
    return jsonAnswer(200, outgoingPaymentJson(found, pointer))
  }

  async list({ pointer, permission, page: request }: Call): Promise<OpenPaymentsAnswer> {
    const client = permission.reachesAll ? undefined : permission.client
    const page = await this.payments.page(pointer.id, request, client)
    const result = page.nodes.map((node) => outgoingPaymentJson(node, pointer))
    return jsonAnswer(200, pageJson(page, result))
  }
}

/** The id in a quote's URL. */
function lastSegmentOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url
  return path.split('/').filter(Boolean).at(-1) ?? ''
}
