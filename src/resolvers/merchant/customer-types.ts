import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { RampCustomer, RampPaymentMethod } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { P2PPaymentMethodField, P2PPaymentMethodOwnership } from '../ramp/types'
import { Node } from './node'

@ObjectType('MerchantCustomer', { implements: Node, description: 'Somebody who pays or is paid through orders.' })
export class MerchantCustomer extends Node {
  @Field(() => String, { description: 'In lower case; each is used once in an account.' })
  email!: string

  @Field(() => String, { description: 'Given name.' })
  firstName!: string

  @Field(() => String, { description: 'Family name.' })
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
  @Field(() => ID, { description: 'Global id.' })
  id!: string

  @Field(() => String, { description: 'For people, such as `Jane Doe - 0123456789`.' })
  value!: string

  @Field(() => [P2PPaymentMethodField], { description: 'What it says about itself.' })
  fields!: P2PPaymentMethodField[]

  @Field(() => P2PPaymentMethodOwnership, { nullable: true, description: 'Whose account it is; null if not said.' })
  ownership!: P2PPaymentMethodOwnership | null

  /** Where the rail is looked up. */
  railId!: string
}

export function paymentMethodNode(method: RampPaymentMethod): P2PPaymentMethod {
  const { id, value, fields, ownership, railId } = method
  return { id: globalId('P2PPaymentMethod', id), value, fields: [...fields], ownership, railId }
}

@InputType('P2PPaymentMethodFieldInput', { description: 'One thing that a payment method says about itself.' })
export class P2PPaymentMethodFieldInput {
  @Field(() => String, { description: 'Which, as its rail calls it.' })
  identifier!: string

  @Field(() => String, { description: 'What.' })
  value!: string
}
