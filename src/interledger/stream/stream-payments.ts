/** Quotes and payments over STREAM: from here through the connector to whoever has the credentials' other half. */
import assert from 'node:assert'
import type { Asset } from '../../entities'
import type { AssetService } from '../../services/assets/asset-service'
import type { AttemptResult, PaymentAttempt } from '../../services/payments/methods/payment-method'
import type { PaymentErrorName } from '../../services/payments/methods/payment-error'
import { rateOf } from '../../services/payments/quotes/quote-rates'
import { Durations } from '../connector/figures'
import type { Connector } from '../connector/types'
import { streamPlugin } from './plugin'
import { probePath, sendAlong, type StreamDestination, type StreamPath } from './sender'

/** The library gives a probe up after this time too, but asks for the time only when a packet is answered. */
const PROBE_MILLISECONDS = 10_000

/** What is counted since the process began. */
export interface StreamCounts {
  probes: number
  probesFailed: number
  attempts: number
  attemptsFailed: number
  /** Attempts that go on at present. */
  underWay: number
}

export class StreamPayments {
  readonly counts: StreamCounts = {
    probes: 0,
    probesFailed: 0,
    attempts: 0,
    attemptsFailed: 0,
    underWay: 0
  }

  /** How long probing paths took. */
  readonly probeDurations = new Durations()

  constructor(
    private readonly connector: Connector,
    private readonly assets: AssetService
  ) {}

  /** What the path from an asset to a destination is like. No money moves. */
  async probe(asset: Asset, destination: StreamDestination): Promise<StreamPath | PaymentErrorName> {
    const begun = performance.now()
    const handle = (prepare: Buffer): Promise<Buffer> => this.connector.handle(prepare, { kind: 'probe', asset })
    const plugin = streamPlugin({ handle, patienceMilliseconds: PROBE_MILLISECONDS })
    const found = await probePath(plugin, destination)
    this.counts.probes++
    this.probeDurations.add((performance.now() - begun) / 1_000)
    if (typeof found === 'string') this.counts.probesFailed++
    return found
  }

  /** Delivers what is left of a payment, in as many packets as it takes. */
  async pay(attempt: PaymentAttempt, destination: StreamDestination, path: StreamPath): Promise<AttemptResult> {
    const { payment, quote, receiveAmount, principal, isStopped } = attempt
    const asset = await this.assets.find(quote.sendAssetId)
    assert(asset, `the sending asset of payment ${payment.id} exists`)
    const source = { kind: 'payment', payment, asset } as const
    const plugin = streamPlugin({ handle: (prepare) => this.connector.handle(prepare, source), isStopped })
    this.counts.attempts++
    this.counts.underWay++
    try {
      const order = { receiveAmount, principal, minRate: rateOf(quote), path }
      const { error, delivered } = await sendAlong(plugin, destination, order)
      if (error) this.counts.attemptsFailed++
      return error ? { state: 'failed', error, delivered } : { state: 'delivered', delivered }
    } finally {
      this.counts.underWay--
    }
  }
}
