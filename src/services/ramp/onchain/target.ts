/** Where coins are sent: what, on which network, to whom. */
import { done, refused } from '../../answer'
import { findAsset, findNetwork, isAddress, type AssetSymbol, type NetworkCode } from '../assets'
import type { RampAnswer } from '../failures'

export interface OnchainTarget {
  readonly symbol: AssetSymbol
  readonly network: NetworkCode
  readonly address: string
}

/** Any name of the coin and of the network becomes the one that is answered. */
export function findTarget(wish: Readonly<Record<keyof OnchainTarget, string>>): RampAnswer<OnchainTarget> {
  const asset = findAsset(wish.symbol)
  if (!asset) return refused('UNSUPPORTED_ASSET')
  const network = findNetwork(wish.network)
  if (!network || !Object.hasOwn(asset.contracts, network.code)) return refused('UNSUPPORTED_NETWORK')
  const address = wish.address.trim()
  if (!isAddress(network, address)) return refused('INVALID_ADDRESS')
  return done({ symbol: asset.symbol, network: network.code, address })
}

/** Where a transaction can be looked at; null for a network that is not served any more. */
export function transactionUrl(network: string, hash: string): string | null {
  const known = findNetwork(network)
  return known ? `${known.transactionUrl}${encodeURIComponent(hash)}` : null
}
