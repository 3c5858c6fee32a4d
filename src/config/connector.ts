/** The connector: packets of neighbours, and credentials for packets. */
import { base64Secret, fraction, ilpAddress, integer, optionalInteger, port, type Setting } from './kinds'

const HOUR_MILLISECONDS = 3_600_000

export const CONNECTOR_SETTINGS = {
  connectorPort: port('CONNECTOR_PORT', 3002, 'Packets of peers: ILP over HTTP. 0 takes any free port.'),
  ilpAddress: ilpAddress(
    'ILP_ADDRESS',
    'test.hazina',
    'Of this node in the Interledger network. What others pay here has an address below it.'
  ),
  ilpSpread: fraction(
    'ILP_SPREAD',
    '0',
    'Part of the exchange rate that is kept of packets that go on in another currency: 0.01 is a hundredth.'
  ),
  ilpInFlightMax: integer(
    'ILP_MAX_INFLIGHT',
    [1, 100_000],
    500,
    'Most packets of peers under way at once in this instance; more are rejected.'
  ),
  ilpInFlightPerPeerMax: integer(
    'ILP_MAX_INFLIGHT_PER_PEER',
    [1, 100_000],
    100,
    'Most packets under way at once from one peer, and as many to it.'
  ),
  ilpPacketsPerMinute: integer(
    'ILP_PACKETS_PER_MINUTE',
    [1, 1_000_000_000],
    10_000,
    'Most packets a minute from one peer, or of one payment, for each instance.'
  ),
  ilpThroughputLimit: optionalInteger(
    'ILP_THROUGHPUT_LIMIT',
    [1, 999_999_999_999_999],
    'Most that packets bring from one peer a second, and most that they take to one, in the smallest unit of its asset, for each instance. Unset: any amount.'
  ),
  ilpPeerLiquidityLow: optionalInteger(
    'ILP_PEER_LIQUIDITY_LOW',
    [1, 1_000_000_000_000],
    'Whole units of its asset; a peer with less liquidity is warned of in the log. Unset: no warning.'
  ),
  streamSecret: base64Secret(
    'STREAM_SECRET',
    'From which the credentials of what can be paid follow: base64 of 32 bytes. Unset: one that is kept in the database.'
  ),
  streamSecretPrevious: base64Secret(
    'STREAM_SECRET_PREVIOUS',
    'The one before, while what was handed out under it can still be paid.'
  ),
  outgoingPaymentWorkerIdleMilliseconds: integer(
    'OUTGOING_PAYMENT_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long sending sleeps at most when no payment is due.'
  )
} satisfies Record<string, Setting<unknown>>
