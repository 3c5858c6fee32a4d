import { Field, ID, InterfaceType, ObjectType } from 'type-graphql'

@InterfaceType('Model', { description: 'What every stored thing has.' })
export abstract class Model {
  @Field(() => ID, { description: 'Unique identifier, a UUID.' })
  id!: string

  @Field(() => String, { description: 'Date and time of creation, ISO 8601 in UTC with milliseconds.' })
  createdAt!: string
}

@InterfaceType('MutationResponse', { description: 'What every mutation answers.' })
export abstract class MutationResponse {
  @Field(() => String, {
    description: 'Outcome in the manner of an HTTP status: `200` on success, `4xx` or `5xx` otherwise.'
  })
  code!: string

  @Field(() => Boolean, { description: 'Whether the mutation was done.' })
  success!: boolean

  @Field(() => String, { description: 'Outcome for people; programs look at `code`.' })
  message!: string
}

@ObjectType('TransferMutationResponse', {
  implements: MutationResponse,
  description: 'What a mutation that moves money answers when there is nothing else to tell.'
})
export class TransferMutationResponse extends MutationResponse {}
