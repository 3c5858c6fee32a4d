import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { FeeService } from '../../services/fees/fee-service'
import { Balances } from '../../services/liquidity/balances'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { UInt64 } from '../shared/scalars'
import {
  assetNode,
  AssetMutationResponse,
  AssetNode,
  AssetsConnection,
  CreateAssetInput,
  UpdateAssetInput
} from './asset-types'
import { ASSET_FAILURES } from './failures'
import { feeNode, FeeNode } from './fee-types'
import { liquidityOf } from './liquidity-field'
import { respond } from './mutation'

const CREATE = { code: '500', message: 'Error trying to create asset' } as const
const UPDATE = { code: '400', message: 'Error trying to update asset withdrawal threshold' } as const

@injectable()
@Resolver(() => AssetNode)
export class AssetResolver {
  constructor(
    private readonly service: AssetService,
    private readonly fees: FeeService,
    private readonly balances: Balances
  ) {}

  @Query(() => AssetNode, { nullable: true, description: 'An asset. An error `No asset` if there is none of this id.' })
  async asset(@Arg('id', () => String, { description: 'Identifier of the asset.' }) id: string): Promise<AssetNode> {
    const asset = await this.service.find(id)
    if (!asset) throw notFound('No asset')
    return assetNode(asset)
  }

  @Query(() => AssetsConnection, { description: 'All assets, a page at a time.' })
  async assets(@Args(() => PageArguments) page: PageArguments): Promise<Connection<AssetNode>> {
    return connectionOf(await this.service.page(pageRequestOf(page)), assetNode)
  }

  @Mutation(() => AssetMutationResponse, {
    description:
      'Create an asset, with the accounts through which its money enters and leaves. `409` if there is one of this code and scale.'
  })
  createAsset(
    @Arg('input', () => CreateAssetInput) input: CreateAssetInput,
    @Ctx() context: RequestContext
  ): Promise<AssetMutationResponse> {
    return respond(context, CREATE, ASSET_FAILURES, 'Created Asset', payloadOf, () =>
      this.service.create(context, input)
    )
  }

  @Mutation(() => AssetMutationResponse, { description: 'Set or remove the withdrawal threshold of an asset.' })
  updateAssetWithdrawalThreshold(
    @Arg('input', () => UpdateAssetInput) input: UpdateAssetInput,
    @Ctx() context: RequestContext
  ): Promise<AssetMutationResponse> {
    return respond(context, UPDATE, ASSET_FAILURES, 'Updated Asset Withdrawal Threshold', payloadOf, () =>
      this.service.setWithdrawalThreshold(context, input)
    )
  }

  @FieldResolver(() => UInt64, {
    nullable: true,
    description: "What the asset's liquidity account has to spend now, in the asset's smallest unit."
  })
  liquidity(@Root() asset: AssetNode): Promise<bigint> {
    return liquidityOf(this.balances, asset.liquidityAccountId)
  }

  @FieldResolver(() => FeeNode, {
    nullable: true,
    description: 'The fee on payments sent in the asset; null if none was set.'
  })
  sendingFee(@Root() asset: AssetNode): Promise<FeeNode | null> {
    return this.latestFee(asset, 'SENDING')
  }

  @FieldResolver(() => FeeNode, {
    nullable: true,
    description: 'The fee on payments received in the asset; null if none was set.'
  })
  receivingFee(@Root() asset: AssetNode): Promise<FeeNode | null> {
    return this.latestFee(asset, 'RECEIVING')
  }

  private async latestFee(asset: AssetNode, type: FeeNode['type']): Promise<FeeNode | null> {
    const fee = await this.fees.latest(asset.id, type)
    return fee ? feeNode(fee) : null
  }
}

function payloadOf(asset: Parameters<typeof assetNode>[0] | undefined): { asset: AssetNode | null } {
  return { asset: asset ? assetNode(asset) : null }
}
