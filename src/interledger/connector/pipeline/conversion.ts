/** Step 7: what arrives, in the destination's asset. The fraction of a unit stays here: nothing is made of nothing. */
import { AMOUNT_MAX } from '../../../ledger/types'
import { multiplyDown, times, type Ratio } from '../../../services/rates/ratio'
import type { PacketAsset } from '../types'
import { tooLarge } from './packet-size'
import type { Destination, ExchangeRates } from './ports'
import { Refusal } from './refusal'

/** @throws Refusal F07, F08, R01; RatesUnavailable */
export async function convert(
  amount: bigint,
  source: PacketAsset,
  destination: Destination,
  rates: ExchangeRates,
  /** What is left of a rate when the operator has taken a share of what passes. */
  kept: Ratio
): Promise<bigint> {
  const asset = destination.kind === 'peer' ? destination.peer.asset : destination.local.asset
  if (amount === 0n || asset.id === source.id) return amount
  const rate = await rates.conversion(source, asset)
  if (!rate) throw new Refusal('F07', 'Exchange rate error: InvalidDestinationPrice')
  const isCharged = destination.kind === 'peer' && asset.code !== source.code
  const used = isCharged ? times(rate, kept) : rate
  const arriving = multiplyDown(amount, used)
  if (arriving === 0n) throw new Refusal('R01', 'the amount is less than one unit of the destination')
  if (arriving > AMOUNT_MAX) throw tooLarge(amount, (AMOUNT_MAX * used.denominator) / used.numerator)
  return arriving
}
