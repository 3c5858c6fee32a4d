/** What all payments have in common, and the list of them all. */
import { Field, ID, InputType, InterfaceType, ObjectType, registerEnumType } from 'type-graphql'
import type { Payment, PaymentType } from '../../services/payments/payment-timeline'
import { connectionType } from '../shared/pagination'
import { JSONObject, UInt64, UInt8 } from '../shared/scalars'
import { Model } from './interfaces'

const METADATA = 'What the creator of the payment wrote on it; null if nothing.'

@InterfaceType('BasePayment', { description: 'What every payment has.' })
export abstract class BasePayment {
  @Field(() => ID, { description: 'Unique identifier, a UUID.' })
  id!: string

  @Field(() => ID, { description: 'Identifier of the payment pointer that sends or receives.' })
  paymentPointerId!: string

  @Field(() => JSONObject, { nullable: true, description: METADATA })
  metadata!: Record<string, unknown> | null

  @Field(() => String, { description: 'Date and time of creation, ISO 8601 in UTC with milliseconds.' })
  createdAt!: string
}

@ObjectType('Amount', { description: 'An amount of an asset.' })
export class Amount {
  @Field(() => UInt64, { description: "How much, in the asset's smallest unit, such as cents of `USD`." })
  value!: bigint

  @Field(() => String, { description: 'Code of the asset that the amount is in, such as `USD`.' })
  assetCode!: string

  @Field(() => UInt8, {
    description: "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
  })
  assetScale!: number
}

/** An amount in an asset, or in whatever else has a code and a scale. */
export function amountOf(value: bigint, unit: { readonly code: string; readonly scale: number }): Amount {
  return { value, assetCode: unit.code, assetScale: unit.scale }
}

@InputType('AmountInput', { description: 'An amount of an asset.' })
export class AmountInput {
  @Field(() => UInt64, { description: "How much, in the asset's smallest unit, such as cents of `USD`." })
  value!: bigint

  @Field(() => String, { description: 'Code of the asset that the amount is in, such as `USD`.' })
  assetCode!: string

  @Field(() => UInt8, {
    description: "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
  })
  assetScale!: number
}

export const PaymentTypeEnum: Readonly<Record<PaymentType, PaymentType>> = {
  INCOMING: 'INCOMING',
  OUTGOING: 'OUTGOING'
}
registerEnumType(PaymentTypeEnum, {
  name: 'PaymentType',
  description: 'Which way a payment goes.',
  valuesConfig: {
    INCOMING: { description: 'Money comes to the payment pointer.' },
    OUTGOING: { description: 'Money leaves the payment pointer.' }
  }
})

@ObjectType('Payment', {
  implements: [BasePayment, Model],
  description: 'An incoming or outgoing payment, by what both have in common.'
})
export class PaymentNode implements BasePayment {
  id!: string
  paymentPointerId!: string
  metadata!: Record<string, unknown> | null
  createdAt!: string

  @Field(() => PaymentTypeEnum, { description: 'Which way the payment goes.' })
  type!: PaymentType

  @Field(() => String, {
    description: 'State of the payment, by its name in `IncomingPaymentState` or `OutgoingPaymentState`.'
  })
  state!: string
}

export function paymentNode(payment: Payment): PaymentNode {
  return { ...payment, createdAt: payment.createdAt.toISOString() }
}

export const PaymentConnection = connectionType(PaymentNode, {
  connection: 'PaymentConnection',
  edge: 'PaymentEdge',
  what: 'payments'
})
