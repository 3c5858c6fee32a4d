import { injectable } from 'tsyringe'
import { Arg, Query, Resolver } from 'type-graphql'
import { findAsset, RAMP_NETWORKS, type NetworkCode } from '../../services/ramp/assets'
import { refusal } from '../ramp/failures'
import { WithdrawalInfo } from './withdrawal-types'

@injectable()
@Resolver()
export class WithdrawalResolver {
  @Query(() => WithdrawalInfo, {
    nullable: true,
    description: 'What is needed to withdraw an asset to a wallet on chain.'
  })
  withdrawalInfo(
    @Arg('symbol', () => String, { description: 'Symbol of the asset, in any case.' }) symbol: string
  ): WithdrawalInfo {
    const asset = findAsset(symbol)
    if (!asset) throw refusal('UNSUPPORTED_ASSET')
    const codes = Object.keys(asset.contracts) as NetworkCode[]
    // Addresses look the same on all networks of an asset.
    const [network] = codes.map((code) => RAMP_NETWORKS[code])
    return {
      symbol: asset.symbol,
      name: asset.name,
      icon: asset.icon,
      networks: codes,
      addressRegex: network?.addressRegex ?? null,
      memoRegex: network?.memoRegex ?? null
    }
  }
}
