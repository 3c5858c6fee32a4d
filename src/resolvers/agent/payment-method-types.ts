import { Field, ID, ObjectType } from 'type-graphql'
import type { RampPaymentMethod } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { maskDigits } from '../../services/ramp/profile/masking'
import { P2PPaymentMethodField, P2PPaymentMethodOwnership } from '../ramp/types'

@ObjectType('P2PPaymentMethod', { description: 'An account on a rail, of an agent or of a customer.' })
export class P2PPaymentMethod {
  @Field(() => ID, { description: 'Global id of the payment method.' })
  id!: string

  @Field(() => String, { description: 'Name of the payment method for people, such as `Jane - 0246977890`.' })
  value!: string

  @Field(() => String, {
    description: 'Name of the payment method for people, with all but the last four digits of numbers masked.'
  })
  displayValue!: string

  @Field(() => Boolean, { description: 'Whether the owner removed the payment method.' })
  deleted!: boolean

  @Field(() => P2PPaymentMethodOwnership, {
    nullable: true,
    description: 'Whose account the payment method is; null if nobody said.'
  })
  ownership!: P2PPaymentMethodOwnership | null

  @Field(() => String, { description: 'Which orders the payment method serves: `deposit`, `withdrawal` or `both`.' })
  designation!: string

  @Field(() => Boolean, { description: 'Whether money that is sent to the payment method arrives at once.' })
  instant!: boolean

  @Field(() => [P2PPaymentMethodField], { description: 'What identifies the account, such as its number.' })
  fields!: P2PPaymentMethodField[]

  /** Where its rail is looked up. */
  railId!: string

  /** Where its liquidity is kept; null for a customer's. */
  liquidityAccountId!: bigint | null
}

export function paymentMethodNode(method: RampPaymentMethod): P2PPaymentMethod {
  const { id, value, ownership, designation, isInstant, fields, railId, deletedAt, liquidityAccountId } = method
  return {
    id: globalId('P2PPaymentMethod', id),
    value,
    displayValue: maskDigits(value),
    deleted: deletedAt !== null,
    ownership,
    designation,
    instant: isInstant,
    fields,
    railId,
    liquidityAccountId
  }
}
