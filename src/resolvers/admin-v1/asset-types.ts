import { GraphQLError } from 'graphql'
import { Field, InputType, Int, ObjectType } from 'type-graphql'
import type { Asset } from '../../entities'
import { connectionType } from '../shared/pagination'
import { UInt64 } from '../shared/scalars'
import { Model, MutationResponse } from './interfaces'

const CODE = 'Code of the currency or commodity, such as `USD`.'
const SCALE = "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
const THRESHOLD =
  "Smallest amount received by a payment pointer that makes a withdrawal event due at once, in the asset's smallest unit; null: no amount does."

@ObjectType('Asset', { implements: Model, description: 'A unit of account: a currency at a scale.' })
export class AssetNode extends Model {
  @Field(() => String, { description: CODE })
  code!: string

  @Field(() => Int, { description: SCALE })
  scale!: number

  @Field(() => UInt64, { nullable: true, description: THRESHOLD })
  withdrawalThreshold!: bigint | null
}

export function assetNode(asset: Asset): AssetNode {
  const { id, code, scale, withdrawalThreshold, createdAt } = asset
  return { id, code, scale, withdrawalThreshold, createdAt: createdAt.toISOString() }
}

@InputType('AssetInput', { description: 'A unit of account. An asset of it is created if there is none.' })
export class AssetInput {
  @Field(() => String, { description: CODE })
  code!: string

  @Field(() => Int, { description: SCALE })
  scale!: number
}

const SCALE_MAX = 255

/** @throws GraphQLError for a scale that no asset can have */
export function checkScale({ scale }: { readonly scale: number }): void {
  if (scale >= 0 && scale <= SCALE_MAX) return
  throw new GraphQLError(`scale must be a whole number in 0 … ${SCALE_MAX}, not ${scale}`, {
    extensions: { code: 'BAD_USER_INPUT' }
  })
}

@InputType('CreateAssetInput', { description: 'A new asset.' })
export class CreateAssetInput {
  @Field(() => String, { description: CODE })
  code!: string

  @Field(() => Int, { description: SCALE })
  scale!: number

  @Field(() => UInt64, { nullable: true, description: THRESHOLD })
  withdrawalThreshold?: bigint | null
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
