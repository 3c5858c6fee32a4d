import type { QuoteFailure } from '../../../services/payments/quotes/quote-failures'
import type { QuoteService } from '../../../services/payments/quotes/quote-service'
import { jsonAnswer, Refusal, type OpenPaymentsAnswer } from '../messages'
import type { Call } from './call'
import { NOT_FOUND } from './pointers'
import { quoteJson } from './representations'

const FAILURES: Readonly<Record<QuoteFailure, Refusal>> = {
  invalid_amount: new Refusal(400, 'invalid amount'),
  unknown_payment_pointer: NOT_FOUND,
  inactive_payment_pointer: NOT_FOUND,
  invalid_receiver: new Refusal(400, 'invalid receiver'),
  no_rate: new Refusal(400, 'no exchange rate'),
  rates_unavailable: new Refusal(422, 'exchange rates unavailable'),
  no_path: new Refusal(400, 'receiver not reachable'),
  probe_failed: new Refusal(400, 'rate probe failed'),
  rate_too_low: new Refusal(400, 'insufficient exchange rate'),
  too_many_probes: new Refusal(429, 'too many quotes at the same time'),
  quote_refused: new Refusal(422, 'quote refused')
}

export class Quotes {
  constructor(private readonly quotes: QuoteService) {}

  async create({ context, pointer, permission, body, amounts }: Call): Promise<OpenPaymentsAnswer> {
    const answer = await this.quotes.create(context, {
      paymentPointerId: pointer.id,
      receiver: String(body.receiver),
      sendAmount: amounts.sendAmount,
      receiveAmount: amounts.receiveAmount,
      client: permission.client
    })
    if (!answer.done) throw FAILURES[answer.failure]
    return jsonAnswer(201, quoteJson(answer.value, pointer))
  }

  async get({ pointer, permission, id }: Call): Promise<OpenPaymentsAnswer> {
    const quote = await this.quotes.find(id)
    const isVisible = permission.reachesAll || quote?.client === permission.client
    if (quote?.paymentPointerId !== pointer.id || !isVisible) throw NOT_FOUND
    return jsonAnswer(200, quoteJson(quote, pointer))
  }
}
