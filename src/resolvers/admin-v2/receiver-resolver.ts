import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import type { Receiver } from '../../services/payments/receivers/receiver'
import { ReceiverService } from '../../services/payments/receivers/receiver-service'
import { RECEIVER_FAILURES } from './payment-failures'
import { respondQuietly } from './payment-response'
import { CreateReceiverInput, CreateReceiverResponse, receiverNode, type ReceiverNode } from './receiver-types'

const CREATE = { code: '500', message: 'Error trying to create receiver' } as const

@injectable()
@Resolver()
export class ReceiverResolver {
  constructor(private readonly receivers: ReceiverService) {}

  @Mutation(() => CreateReceiverResponse, {
    description: 'Make an incoming payment at a payment pointer that is known by its URL. `404` if there is none.'
  })
  createReceiver(
    @Arg('input', () => CreateReceiverInput) input: CreateReceiverInput,
    @Ctx() context: RequestContext
  ): Promise<CreateReceiverResponse> {
    return respondQuietly(context, CREATE, RECEIVER_FAILURES, payloadOf, () => this.receivers.create(context, input))
  }
}

function payloadOf(receiver: Receiver | undefined): { receiver: ReceiverNode | null } {
  return { receiver: receiver ? receiverNode(receiver) : null }
}
