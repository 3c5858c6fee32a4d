import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { RampCustomer, RampPaymentMethod } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { P2PPaymentMethodField, P2PPaymentMethodOwnership } from '../ramp/types'
import { Node } from './node'

@ObjectType('MerchantCustomer', { implements: Node, description: 'Somebody who pays or is paid through orders.' })
export class MerchantCustomer extends Node {
  @Field(() => String, { description: 'Email of the customer, in lower case; each is used once in an account.' })
  email!: string

  @Field(() => String, { description: 'Given name of the customer.' })
  firstName!: string

  @Field(() => String, { description: 'Family name of the customer.' })
  lastName!: string

  /** Where its country and its payment methods are looked up. */
  countryId!: string
  customerId!: string
}

export function customerNode(customer: RampCustomer): MerchantCustomer {
  const { id, email, firstName, lastName, countryId } = customer
  const node = new MerchantCustomer()
  return Object.assign(node, {
    id: globalId('MerchantCustomer', id),
    email,
    firstName,
    lastName,
    countryId,
    customerId: id
  })
}

@ObjectType('P2PPaymentMethod', { description: 'An account of a customer at a bank or a wallet.' })
export class P2PPaymentMethod {
  @Field(() => ID, { description: 'Global id of the payment method.' })
  id!: string

  @Field(() => String, { description: 'Name of the payment method for people, such as `Jane Doe - 0123456789`.' })
  value!: string

  @Field(() => [P2PPaymentMethodField], { description: 'What identifies the account, such as its number.' })
  fields!: P2PPaymentMethodField[]

  @Field(() => P2PPaymentMethodOwnership, {
    nullable: true,
    description: 'Whose account the payment method is; null if nobody said.'
  })
  ownership!: P2PPaymentMethodOwnership | null

  /** Where the rail is looked up. */
  railId!: string
}

export function paymentMethodNode(method: RampPaymentMethod): P2PPaymentMethod {
  const { id, value, fields, ownership, railId } = method
  return { id: globalId('P2PPaymentMethod', id), value, fields: [...fields], ownership, railId }
}

@InputType('P2PPaymentMethodFieldInput', { description: 'A field of a payment method, with its value.' })
export class P2PPaymentMethodFieldInput {
  @Field(() => String, { description: 'Name of the field as its rail gives it, such as `account_number`.' })
  identifier!: string

  @Field(() => String, { description: 'What the field says, such as `0123456789`.' })
  value!: string
}
