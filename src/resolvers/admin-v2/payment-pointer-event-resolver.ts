import { injectable } from 'tsyringe'
import { Arg, Ctx, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { PaymentPointerEvents, TRIGGERED_MAX } from '../../services/payment-pointers/events'
import { IDEMPOTENCY_KEY } from './descriptions'
import type { FailureLabel } from './failures'
import { MutationResponse } from './interfaces'
import { respond } from './mutation'

@InputType('TriggerPaymentPointerEventsInput', { description: 'How many payment pointers to process.' })
export class TriggerPaymentPointerEventsInput {
  @Field(() => Int, {
    description: `Most payment pointers to process, 0 or more; more than ${TRIGGERED_MAX} counts as that.`
  })
  limit!: number

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('TriggerPaymentPointerEventsMutationResponse', {
  implements: MutationResponse,
  description: 'What `triggerPaymentPointerEvents` answers.'
})
export class TriggerPaymentPointerEventsMutationResponse extends MutationResponse {
  @Field(() => Int, {
    nullable: true,
    description: 'How many payment pointers were processed, those with nothing new among them; null on failure.'
  })
  count!: number | null
}

const TRIGGER = { code: '500', message: 'Error trying to trigger payment pointer events' } as const
const FAILURES: Readonly<Record<'invalid_limit', FailureLabel>> = { invalid_limit: TRIGGER }

@injectable()
@Resolver()
export class PaymentPointerEventResolver {
  constructor(private readonly events: PaymentPointerEvents) {}

  @Mutation(() => TriggerPaymentPointerEventsMutationResponse, {
    description: 'Announce what payment pointers received themselves, as far as its announcement is due.'
  })
  triggerPaymentPointerEvents(
    @Arg('input', () => TriggerPaymentPointerEventsInput) input: TriggerPaymentPointerEventsInput,
    @Ctx() context: RequestContext
  ): Promise<TriggerPaymentPointerEventsMutationResponse> {
    return respond(context, TRIGGER, FAILURES, 'Triggered Payment Pointer Events', payloadOf, () =>
      this.events.trigger(context, input)
    )
  }
}

function payloadOf(count: number | undefined): { count: number | null } {
  return { count: count ?? null }
}
