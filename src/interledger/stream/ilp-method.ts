/**
 * Payments to receivers elsewhere, in packets. Nobody promises a rate along the path: a quote probes what
 * arrives at present, and promises what the exchange rate gives, less the slippage. Packets that would bring
 * less are not fulfilled. What the payment costs less than it was quoted stays with the sender.
 */
import type { Asset } from '../../entities'
import type { RequestContext } from '../../services/context'
import type {
  AttemptResult,
  PaymentAttempt,
  PaymentMethod,
  Receiver,
  Resolution,
  Target,
  Terms,
  TermsFailure
} from '../../services/payments/methods/payment-method'
import type { PaymentErrorName } from '../../services/payments/methods/payment-error'
import { pathOf, rateOf } from '../../services/payments/quotes/quote-rates'
import { RatesUnavailable } from '../../services/rates/rate-table'
import { unitOf, type RatesService } from '../../services/rates/rates-service'
import { ceilingOf, isAtLeast, multiplyDown, ratioOf, times, type Ratio } from '../../services/rates/ratio'
import type { Neighbours } from '../router/neighbours'
import { exactPath } from './exact-path'
import type { ProbeLimits } from './probe-limits'
import type { StreamPayments } from './stream-payments'

/** A receiver with the credentials to pay it. Each resolution brings fresh ones, for one quote or one attempt. */
export interface IlpReceiver extends Receiver {
  readonly ilpAddress: string
  /** 32 bytes. Never logged. */
  readonly sharedSecret: Buffer
}

/** The port to other servers, which know their receivers. */
export interface RemoteReceivers {
  /** Undefined for URLs that cannot be a receiver's. */
  resolve(context: RequestContext, url: string): Promise<Resolution<IlpReceiver> | undefined>
}

const PROBE_FAILURES: Readonly<Partial<Record<PaymentErrorName, TermsFailure>>> = {
  RateProbeFailed: 'probe_failed',
  InsufficientExchangeRate: 'rate_too_low'
}

export class IlpPaymentMethod implements PaymentMethod<IlpReceiver> {
  constructor(
    private readonly receivers: RemoteReceivers,
    private readonly rates: RatesService,
    private readonly streams: StreamPayments,
    /** What is left of the exchange rate once the slippage is taken off, more than 0 and at most 1. */
    private readonly kept: Ratio,
    private readonly limits: ProbeLimits,
    private readonly neighbours: Pick<Neighbours, 'next'>
  ) {}

  resolve(context: RequestContext, url: string): Promise<Resolution<IlpReceiver> | undefined> {
    return this.receivers.resolve(context, url)
  }

  async quote(
    context: RequestContext,
    sender: Asset,
    receiver: IlpReceiver,
    target: Target,
    client?: string
  ): Promise<Terms | TermsFailure> {
    const expected = await this.expectedRate(context, sender, receiver)
    if (typeof expected === 'string') return expected
    const path = await this.limits.run(client, () => this.streams.probe(sender, receiver))
    if (path === undefined) return 'too_many_probes'
    if (typeof path === 'string') {
      context.logger.info({ error: path }, 'the path to a receiver could not be probed')
      return PROBE_FAILURES[path] ?? 'no_path'
    }
    const rate = times(expected, this.kept)
    if (!isAtLeast(path.low, rate)) return 'rate_too_low'
    const terms = termsOf(target, rate)
    return terms === undefined ? 'nothing_delivered' : { ...terms, rate, path }
  }

  pay(_context: RequestContext, receiver: IlpReceiver, attempt: PaymentAttempt): Promise<AttemptResult> {
    const path = pathOf(attempt.quote) ?? exactPath(rateOf(attempt.quote))
    return this.streams.pay(attempt, receiver, path)
  }

  async peer({ ilpAddress }: IlpReceiver, sendAssetId: string): Promise<string | undefined> {
    return (await this.neighbours.next(ilpAddress, sendAssetId))?.id
  }

  private async expectedRate(
    context: RequestContext,
    sender: Asset,
    { unit }: IlpReceiver
  ): Promise<Ratio | TermsFailure> {
    try {
      return (await this.rates.conversion(context.logger, unitOf(sender), unit)) ?? 'no_rate'
    } catch (error) {
      if (error instanceof RatesUnavailable) return 'rates_unavailable'
      throw error
    }
  }
}

/**
 * What is promised at a rate. Each part of a payment is rounded against whoever sends it: of what is sent one
 * unit may be lost, and for what is to arrive one unit more is set aside.
 */
function termsOf(target: Target, rate: Ratio): { principal: bigint; receiveAmount: bigint } | undefined {
  const { numerator, denominator } = rate
  if ('receiveAmount' in target) {
    return { ...target, principal: multiplyDown(target.receiveAmount, ratioOf(denominator, numerator)) + 1n }
  }
  const receiveAmount = ceilingOf((target.principal - 1n) * numerator, denominator)
  return receiveAmount > 0n ? { ...target, receiveAmount } : undefined
}
