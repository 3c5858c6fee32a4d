import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { Fee } from '../../entities'
import { FEE_TYPES, type FeeType } from '../../entities/fee'
import { UInt64 } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model, MutationResponse } from './interfaces'

export const FeeTypeEnum = Object.fromEntries(FEE_TYPES.map((type) => [type, type]))
registerEnumType(FeeTypeEnum, {
  name: 'FeeType',
  description: 'Which payments a fee is for.',
  valuesConfig: {
    SENDING: { description: 'Payments that are sent in the asset.' },
    RECEIVING: { description: 'Payments that are received in the asset.' }
  }
})

@ObjectType('Fee', { implements: Model, description: 'What the operator charges for payments in an asset.' })
export class FeeNode extends Model {
  @Field(() => ID, { description: 'Identifier of the asset whose payments bear the fee.' })
  assetId!: string

  @Field(() => FeeTypeEnum, { description: 'Which payments the fee is for.' })
  type!: FeeType

  @Field(() => UInt64, {
    description: "Part of the fee that is the same for every payment, in the asset's smallest unit."
  })
  fixed!: bigint

  @Field(() => Int, {
    description: 'Part of the fee that grows with the payment, in hundredths of a percent, 0 to 10000.'
  })
  basisPoints!: number
}

export function feeNode({ id, assetId, type, fixed, basisPoints, createdAt }: Fee): FeeNode {
  return { id, assetId, type, fixed, basisPoints, createdAt: createdAt.toISOString() }
}

@InputType('FeeDetails', {
  description: 'How much is charged for a payment: a fixed part, and one that grows with the payment.'
})
export class FeeDetails {
  @Field(() => UInt64, {
    description: "Part of the fee that is the same for every payment, in the asset's smallest unit."
  })
  fixed!: bigint

  @Field(() => Int, {
    description: 'Part of the fee that grows with the payment, in hundredths of a percent, 0 to 10000.'
  })
  basisPoints!: number
}

@InputType('SetFeeInput', { description: 'A new fee in the place of the last one of its kind.' })
export class SetFeeInput {
  @Field(() => ID, { description: 'Identifier of the asset whose payments bear the fee.' })
  assetId!: string

  @Field(() => FeeTypeEnum, { description: 'Which payments the fee is for.' })
  type!: FeeType

  @Field(() => FeeDetails, { description: 'How much is charged; nothing at all if both parts of it are 0.' })
  fee!: FeeDetails

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('SetFeeResponse', { implements: MutationResponse, description: 'What `setFee` answers.' })
export class SetFeeResponse extends MutationResponse {
  @Field(() => FeeNode, { nullable: true, description: 'The fee now in force; null on failure.' })
  fee!: FeeNode | null
}
