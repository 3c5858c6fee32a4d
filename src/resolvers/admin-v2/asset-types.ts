import { Field, InputType, ObjectType } from 'type-graphql'
import type { Asset } from '../../entities'
import { connectionType } from '../shared/pagination'
import { UInt64, UInt8 } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model, MutationResponse } from './interfaces'

@ObjectType('Asset', { implements: Model, description: 'A unit of account: a currency at a scale.' })
export class AssetNode extends Model {
  @Field(() => String, { description: 'Code of the currency or commodity, such as `USD`.' })
  code!: string

  @Field(() => UInt8, {
    description: "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
  })
  scale!: number

  @Field(() => UInt64, {
    nullable: true,
    description:
      "Smallest amount received by a payment pointer that makes a withdrawal event due at once, in the asset's smallest unit; null: no amount does."
  })
  withdrawalThreshold!: bigint | null

  /** Not shown. */
  liquidityAccountId!: bigint
}

export function assetNode(asset: Asset): AssetNode {
  const { id, code, scale, withdrawalThreshold, liquidityAccountId, createdAt } = asset
  return { id, code, scale, withdrawalThreshold, liquidityAccountId, createdAt: createdAt.toISOString() }
}

@InputType('CreateAssetInput', { description: 'A new asset.' })
export class CreateAssetInput {
  @Field(() => String, {
    description: 'Code of the currency or commodity; should be an ISO 4217 code where there is one.'
  })
  code!: string

  @Field(() => UInt8, {
    description: "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
  })
  scale!: number

  @Field(() => UInt64, {
    nullable: true,
    description:
      "Smallest amount received by a payment pointer that makes a withdrawal event due at once, in the asset's smallest unit; null or absent: no amount does."
  })
  withdrawalThreshold?: bigint | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@InputType('UpdateAssetInput', { description: 'A change to an asset.' })
export class UpdateAssetInput {
  @Field(() => String, { description: 'Identifier of the asset whose threshold is set.' })
  id!: string

  @Field(() => UInt64, {
    nullable: true,
    description: "The new withdrawal threshold, in the asset's smallest unit; null or absent removes it."
  })
  withdrawalThreshold?: bigint | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('AssetMutationResponse', {
  implements: MutationResponse,
  description: 'What a mutation of an asset answers.'
})
export class AssetMutationResponse extends MutationResponse {
  @Field(() => AssetNode, { nullable: true, description: 'The asset as it is now; null on failure.' })
  asset!: AssetNode | null
}

export const AssetsConnection = connectionType(AssetNode, {
  connection: 'AssetsConnection',
  edge: 'AssetEdge',
  what: 'assets'
})
