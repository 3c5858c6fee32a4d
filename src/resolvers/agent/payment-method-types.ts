import { Field, ID, ObjectType } from 'type-graphql'
import type { RampPaymentMethod } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { maskDigits } from '../../services/ramp/profile/masking'
import { P2PPaymentMethodField, P2PPaymentMethodOwnership } from '../ramp/types'

@ObjectType('P2PPaymentMethod', { description: 'An account on a rail, of an agent or of a customer.' })
export class P2PPaymentMethod {
  @Field(() => ID, { description: 'Global id.' })
  id!: string

  @Field(() => String, { description: 'A friendly label, such as `Jane - 0246977890`.' })
  value!: string

  @Field(() => String, { description: 'The same, with all but the last four digits of numbers masked.' })
  displayValue!: string

  @Field(() => Boolean, { description: 'Whether its owner removed it.' })
  deleted!: boolean

  @Field(() => P2PPaymentMethodOwnership, { nullable: true, description: 'Whose account it is; null if never said.' })
  ownership!: P2PPaymentMethodOwnership | null

  @Field(() => String, { description: 'What orders it serves: `deposit`, `withdrawal` or `both`.' })
  designation!: string

  @Field(() => Boolean, { description: 'Whether money arrives at once.' })
  instant!: boolean

  @Field(() => [P2PPaymentMethodField], { description: 'What it says about itself.' })
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
