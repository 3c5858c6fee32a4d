import { Field, InputType } from 'type-graphql'
import { IDEMPOTENCY_KEY } from './descriptions'

@InputType('DepositEventLiquidityInput', { description: 'The money that an event asks for.' })
export class DepositEventLiquidityInput {
  @Field(() => String, { description: 'Identifier of an `outgoing_payment.created` event.' })
  eventId!: string

  @Field(() => String, { description: IDEMPOTENCY_KEY })
  idempotencyKey!: string
}

@InputType('WithdrawEventLiquidityInput', { description: 'The money that an event leaves to be withdrawn.' })
export class WithdrawEventLiquidityInput {
  @Field(() => String, { description: 'Identifier of an event that tells of money received or left over.' })
  eventId!: string

  @Field(() => String, { description: IDEMPOTENCY_KEY })
  idempotencyKey!: string
}
