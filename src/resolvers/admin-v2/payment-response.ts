/** Responses that have nothing to say on success: their message is null. */
import { Field, ObjectType } from 'type-graphql'
import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import type { FailureLabel } from './failures'
import { respond, type CatchAll } from './mutation'

/** Not a type of the schema itself. */
@ObjectType()
export abstract class PaymentResponse {
  @Field(() => String, {
    description: 'Outcome in the manner of an HTTP status: `200` on success, `4xx` or `5xx` otherwise.'
  })
  code!: string

  @Field(() => Boolean, { description: 'Whether the mutation was done.' })
  success!: boolean

  @Field(() => String, { nullable: true, description: 'Outcome for people; null on success.' })
  message!: string | null
}

/** As `respond`, with the message of a success left out. */
export async function respondQuietly<Value, Failure extends string, Payload>(
  context: RequestContext,
  catchAll: CatchAll,
  failures: Readonly<Record<Failure, FailureLabel>>,
  payloadOf: (value: Value | undefined) => Payload,
  work: () => Promise<Answer<Value, Failure>>
): Promise<PaymentResponse & Payload> {
  const response = await respond(context, catchAll, failures, '', payloadOf, work)
  return { ...response, message: response.success ? null : response.message }
}
