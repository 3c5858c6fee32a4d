import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import { UInt64 } from '../shared/scalars'
import { MutationResponse } from './interfaces'
import { PaymentPointerNode } from './payment-pointer-types'

export const LIQUIDITY_ERRORS = {
  AlreadyCommitted: 'The withdrawal was finalized before, or the transfer never was one to be finalized.',
  AlreadyRolledBack: 'The withdrawal was rolled back before.',
  AmountZero: 'The amount is zero.',
  InsufficientBalance: 'The account does not hold the amount.',
  InvalidId: 'The id is not a UUID of version 4.',
  TransferExists: 'A transfer with this id exists, whatever it was and whatever became of it.',
  UnknownAsset: 'There is no such asset.',
  UnknownIncomingPayment: 'There is no such incoming payment.',
  UnknownPayment: 'There is no such outgoing payment.',
  UnknownPaymentPointer: 'There is no such payment pointer.',
  UnknownPeer: 'There is no such peer.',
  UnknownTransfer: 'There is no such withdrawal.'
} as const
export type LiquidityError = keyof typeof LIQUIDITY_ERRORS

const LiquidityErrorType = Object.fromEntries(Object.keys(LIQUIDITY_ERRORS).map((name) => [name, name]))
registerEnumType(LiquidityErrorType, {
  name: 'LiquidityError',
  description: 'Why liquidity was not moved.',
  valuesConfig: Object.fromEntries(
    Object.entries(LIQUIDITY_ERRORS).map(([name, description]) => [name, { description }])
  )
})

const ERROR = 'Why the money was not moved; null on success and on failures without a name.'
const TRANSFER_ID =
  'Identifier of the transfer, chosen by the caller: a UUID of version 4, used by no other transfer of any kind.'
const AMOUNT = "Amount in the asset's smallest unit, more than zero."

@InputType('AddAssetLiquidityInput', { description: 'A deposit to an asset.' })
export class AddAssetLiquidityInput {
  @Field(() => String, { description: 'The asset that gets the liquidity.' })
  assetId!: string

  @Field(() => UInt64, { description: AMOUNT })
  amount!: bigint

  @Field(() => String, { description: TRANSFER_ID })
  id!: string
}

@InputType('AddPeerLiquidityInput', { description: 'A deposit to a peer.' })
export class AddPeerLiquidityInput {
  @Field(() => String, { description: 'The peer that gets the liquidity.' })
  peerId!: string

  @Field(() => UInt64, { description: AMOUNT })
  amount!: bigint

  @Field(() => String, { description: TRANSFER_ID })
  id!: string
}

@InputType('CreateAssetLiquidityWithdrawalInput', { description: 'A withdrawal from an asset.' })
export class CreateAssetLiquidityWithdrawalInput {
  @Field(() => String, { description: 'The asset whose liquidity is withdrawn.' })
  assetId!: string

  @Field(() => UInt64, { description: AMOUNT })
  amount!: bigint

  @Field(() => String, { description: TRANSFER_ID })
  id!: string
}

@InputType('CreatePeerLiquidityWithdrawalInput', { description: 'A withdrawal from a peer.' })
export class CreatePeerLiquidityWithdrawalInput {
  @Field(() => String, { description: 'The peer whose liquidity is withdrawn.' })
  peerId!: string

  @Field(() => UInt64, { description: AMOUNT })
  amount!: bigint

  @Field(() => String, { description: TRANSFER_ID })
  id!: string
}

@InputType('CreatePaymentPointerWithdrawalInput', {
  description: 'A withdrawal of all that a payment pointer received itself.'
})
export class CreatePaymentPointerWithdrawalInput {
  @Field(() => String, { description: 'Identifier of the payment pointer whose money is withdrawn.' })
  paymentPointerId!: string

  @Field(() => String, { description: TRANSFER_ID })
  id!: string
}

@ObjectType('LiquidityMutationResponse', {
  implements: MutationResponse,
  description: 'What a mutation that moves liquidity answers.'
})
export class LiquidityMutationResponse extends MutationResponse {
  @Field(() => LiquidityErrorType, { nullable: true, description: ERROR })
  error!: LiquidityError | null
}

@ObjectType('PaymentPointerWithdrawal', { description: 'A withdrawal from a payment pointer.' })
export class PaymentPointerWithdrawalNode {
  @Field(() => ID, { description: 'Identifier of the withdrawal, as the caller chose it.' })
  id!: string

  @Field(() => UInt64, { description: "What is withdrawn, in the smallest unit of the payment pointer's asset." })
  amount!: bigint

  @Field(() => PaymentPointerNode, { description: 'The payment pointer whose money is withdrawn.' })
  paymentPointer!: PaymentPointerNode
}

@ObjectType('PaymentPointerWithdrawalMutationResponse', {
  implements: MutationResponse,
  description: 'What `createPaymentPointerWithdrawal` answers.'
})
export class PaymentPointerWithdrawalMutationResponse extends MutationResponse {
  @Field(() => LiquidityErrorType, { nullable: true, description: ERROR })
  error!: LiquidityError | null

  @Field(() => PaymentPointerWithdrawalNode, { nullable: true, description: 'The withdrawal; null on failure.' })
  withdrawal!: PaymentPointerWithdrawalNode | null
}
