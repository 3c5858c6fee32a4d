import type { PacketFamily } from '../connector/figures'
import type { StreamCounts, StreamPayments } from './stream-payments'

/** What `/metrics` tells of payments in packets. */
export interface StreamFigure {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  readonly read: () => number
}

export function streamFigures(counts: StreamCounts): StreamFigure[] {
  const figure = (name: string, kind: StreamFigure['kind'], key: keyof StreamCounts, help: string): StreamFigure => ({
    name: `hazina_stream_${name}`,
    help,
    kind,
    read: () => counts[key]
  })
  return [
    figure('quotes_total', 'counter', 'probes', 'Paths to receivers that were probed for quotes'),
    figure('quotes_failed_total', 'counter', 'probesFailed', 'Of these, how many could not be'),
    figure('attempts_total', 'counter', 'attempts', 'Attempts to send a payment in packets'),
    figure('attempts_failed_total', 'counter', 'attemptsFailed', 'Of these, how many did not deliver everything'),
    figure('payments_under_way', 'gauge', 'underWay', 'Payments that are being sent in packets at present')
  ]
}

const QUOTE_SECONDS = 'stream_quote_seconds'

export function quoteSecondsFamily({ probeDurations }: Pick<StreamPayments, 'probeDurations'>): PacketFamily {
  const help = 'Time that probing the path to a receiver takes'
  return { name: QUOTE_SECONDS, help, type: 'histogram', read: () => probeDurations.valuesOf(QUOTE_SECONDS) }
}
