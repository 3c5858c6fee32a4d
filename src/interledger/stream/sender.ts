/** Pays by STREAM, with the library that knows how: probes a path, and sends along it. */
import '../debug-colors'
import assert from 'node:assert'
import {
  closeConnection,
  Counter,
  Int,
  isPaymentError,
  pay,
  PaymentType,
  Ratio as LibraryRatio,
  startQuote,
  type PaymentError,
  type PositiveInt,
  type PositiveRatio,
  type ResolvedPayment
} from '@interledger/pay'
import { isValidIlpAddress } from 'ilp-packet'
import type { PaymentErrorName } from '../../services/payments/methods/payment-error'
import { ratioOf, type Ratio } from '../../services/rates/ratio'
import type { Unit } from '../../services/rates/rates-service'
import type { Plugin } from './plugin'
import { useSendingLoop } from './scheduler'

useSendingLoop()

/** Who is paid. Every use of it needs credentials of its own, as packets of one connection are numbered. */
export interface StreamDestination {
  readonly ilpAddress: string
  readonly sharedSecret: Buffer
  readonly unit: Unit
}

/** What is known of the path to a destination. */
export interface StreamPath {
  /** Smallest units that arrive for one smallest unit sent: at least this many. */
  readonly low: Ratio
  /** Always fewer than this many. */
  readonly high: Ratio
  /** Largest packet that gets there, in the sending asset, 1 … 2^64 − 1. */
  readonly maxPacketAmount: bigint
}

export interface StreamOrder {
  /** What is to arrive, at least 1. Now and then a little more does, as the last packet may. */
  readonly receiveAmount: bigint
  /** What it may cost, at least 1. */
  readonly principal: bigint
  /** Packets that would deliver less for one unit are not sent, or not fulfilled. */
  readonly minRate: Ratio
  readonly path: StreamPath
}

export interface StreamResult {
  /** Absent: everything arrived. */
  readonly error?: PaymentErrorName
  /** What the receiver confirmed, in the receiving asset. */
  readonly delivered: bigint
}

/** Packets that nobody can fulfil find out what the path to a destination is like. No money moves. */
export async function probePath(
  plugin: Plugin,
  destination: StreamDestination
): Promise<StreamPath | PaymentErrorName> {
  const connection = connectionOf(destination)
  try {
    // Amounts and the limit of the rate are computed elsewhere, exactly; here the whole slippage lets any rate pass.
    const quote = await startQuote({ plugin, destination: connection, amountToSend: 1n, slippage: 1 })
    const { lowEstimatedExchangeRate: low, highEstimatedExchangeRate: high, maxPacketAmount } = quote
    close(plugin, connection)
    if (!low.isPositive()) return 'InsufficientExchangeRate'
    return { low: ratio(low), high: ratio(high), maxPacketAmount }
  } catch (error) {
    if (isPaymentError(error)) return errorNameOf(error)
    throw error
  }
}

/** Sends until everything has arrived, or until it makes no sense to go on. */
export async function sendAlong(
  plugin: Plugin,
  destination: StreamDestination,
  { receiveAmount, principal, minRate, path }: StreamOrder
): Promise<StreamResult> {
  const connection = connectionOf(destination)
  const { error, amountDelivered: delivered } = await pay({
    plugin,
    destination: connection,
    quote: {
      paymentType: PaymentType.FixedDelivery,
      maxSourceAmount: principal,
      minDeliveryAmount: receiveAmount,
      maxPacketAmount: path.maxPacketAmount,
      minExchangeRate: lowerBound(minRate),
      lowEstimatedExchangeRate: lowerBound(path.low),
      highEstimatedExchangeRate: upperBound(path.high)
    }
  })
  if (!error) close(plugin, connection)
  return error ? { error: errorNameOf(error), delivered } : { delivered }
}

function connectionOf({ ilpAddress, sharedSecret, unit }: StreamDestination): ResolvedPayment {
  assert(isValidIlpAddress(ilpAddress), 'a destination has a valid address')
  return {
    destinationAddress: ilpAddress,
    sharedSecret,
    destinationAsset: { code: unit.assetCode, scale: unit.assetScale },
    requestCounter: Counter.from(0)!
  }
}

/** Tells the receiver that nothing more comes. It is a courtesy: nobody waits for it, and it may fail. */
function close(plugin: Plugin, connection: ResolvedPayment): void {
  closeConnection(plugin, connection).catch(() => undefined)
}

/** Every name of the library is one of ours. */
function errorNameOf(error: PaymentError): PaymentErrorName {
  return error
}

function lowerBound({ numerator, denominator }: Ratio): LibraryRatio {
  return LibraryRatio.of(Int.from(numerator)!, positive(denominator))
}

function upperBound({ numerator, denominator }: Ratio): PositiveRatio {
  return LibraryRatio.of(positive(numerator), positive(denominator))
}

function positive(value: bigint): PositiveInt {
  const amount = Int.from(value)
  assert(amount?.isPositive(), 'a ratio is positive')
  return amount
}

function ratio({ a, b }: { readonly a: { readonly value: bigint }; readonly b: { readonly value: bigint } }): Ratio {
  return ratioOf(a.value, b.value)
}
