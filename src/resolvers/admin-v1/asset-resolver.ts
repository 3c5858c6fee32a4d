import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import type { Asset } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import {
  assetNode,
  AssetMutationResponse,
  AssetNode,
  AssetsConnection,
  checkScale,
  CreateAssetInput,
  UpdateAssetInput
} from './asset-types'
import { ASSET_FAILURES } from './failures'
import { respond } from './mutation'

const CREATE = { catchAll: { code: '500', message: 'Error trying to create asset' }, failures: ASSET_FAILURES }
const UPDATE = {
  catchAll: { code: '400', message: 'Error trying to update asset withdrawal threshold' },
  failures: ASSET_FAILURES
}

@injectable()
@Resolver(() => AssetNode)
export class AssetResolver {
  constructor(private readonly service: AssetService) {}

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
  async createAsset(
    @Arg('input', () => CreateAssetInput) input: CreateAssetInput,
    @Ctx() context: RequestContext
  ): Promise<AssetMutationResponse> {
    checkScale(input)
    return respond(context, CREATE, 'Created Asset', payloadOf, () => this.service.create(context, input))
  }

  @Mutation(() => AssetMutationResponse, { description: 'Set or remove the withdrawal threshold of an asset.' })
  updateAssetWithdrawalThreshold(
    @Arg('input', () => UpdateAssetInput) input: UpdateAssetInput,
    @Ctx() context: RequestContext
  ): Promise<AssetMutationResponse> {
    const operation = { ...UPDATE, ids: [input.id] }
    return respond(context, operation, 'Updated Asset Withdrawal Threshold', payloadOf, () =>
      this.service.setWithdrawalThreshold(context, input)
    )
  }
}

function payloadOf(asset: Asset | undefined): { asset: AssetNode | null } {
  return { asset: asset ? assetNode(asset) : null }
}
