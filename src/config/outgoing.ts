/** Rates, quotes and outgoing payments. */
import { choice, fraction, integer, optionalHttpUrl, optionalText, type Setting } from './kinds'

const HOUR_MILLISECONDS = 3_600_000
const YEAR_MILLISECONDS = 31_536_000_000
const LOCAL_PAYMENT_METHODS = ['ledger', 'stream'] as const

export const OUTGOING_SETTINGS = {
  exchangeRatesUrl: optionalHttpUrl(
    'EXCHANGE_RATES_URL',
    'Answers `GET ?base=<code>` with `{ "base": …, "rates": { <code>: <units for one of base>, … } }`, and with `"sides": { <code>: { "buy": …, "sell": … }, … }` where it knows markets, which the ramp follows for USD. Unset, and without a file: only equal codes can be exchanged.'
  ),
  exchangeRatesFile: optionalText(
    'EXCHANGE_RATES_FILE',
    'file',
    'Holds one such answer, from which the rates between all its codes follow. Instead of a URL.'
  ),
  exchangeRatesLifetimeMilliseconds: integer(
    'EXCHANGE_RATES_LIFETIME',
    [1, HOUR_MILLISECONDS],
    15_000,
    'How long exchange rates are used after they were asked for.'
  ),
  exchangeRatesTimeoutMilliseconds: integer(
    'EXCHANGE_RATES_TIMEOUT',
    [1, 60_000],
    5_000,
    'How long an answer with exchange rates may take.'
  ),
  quoteLifespanMilliseconds: integer(
    'QUOTE_LIFESPAN',
    [1, YEAR_MILLISECONDS],
    300_000,
    'How long a quote can be used and its payment funded.'
  ),
  quoteProbesMax: integer(
    'QUOTE_PROBES_MAX',
    [1, 100_000],
    64,
    'Quotes for receivers elsewhere that probe the path at the same time, for each instance of the service.'
  ),
  quoteProbesPerClientMax: integer(
    'QUOTE_PROBES_PER_CLIENT',
    [1, 100_000],
    4,
    'And those of one Open Payments client.'
  ),
  quoteUrl: optionalHttpUrl(
    'QUOTE_URL',
    'Is asked about every quote and alone decides on fees. Unset: the sending fees of assets apply.'
  ),
  quoteTimeoutMilliseconds: integer('QUOTE_TIMEOUT', [1, 60_000], 5_000, 'How long its answer may take.'),
  outgoingPaymentWorkers: integer(
    'OUTGOING_PAYMENT_WORKERS',
    [0, 1_000],
    32,
    'Most outgoing payments that are sent at the same time; 0 leaves it to other instances.'
  ),
  outgoingPaymentDurationMillisecondsMax: integer(
    'OUTGOING_PAYMENT_MAX_DURATION',
    [1_000, HOUR_MILLISECONDS],
    300_000,
    'Longest attempt to send a payment in packets.'
  ),
  slippage: fraction(
    'SLIPPAGE',
    '0.01',
    'How much less than the exchange rate lets expect may arrive at receivers elsewhere.'
  ),
  localPaymentMethod: choice(
    'LOCAL_PAYMENT_METHOD',
    LOCAL_PAYMENT_METHODS,
    'ledger',
    'How receivers on this instance are paid: by one transfer, or for a test of the packets in packets too.'
  )
} satisfies Record<string, Setting<unknown>>
