import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { PaymentPointerKey } from '../../entities'
import type { RequestContext } from '../../services/context'
import { PaymentPointerKeyService } from '../../services/payment-pointers/payment-pointer-key-service'
import { KEY_FAILURES } from './failures'
import { respond } from './mutation'
import {
  CreatePaymentPointerKeyInput,
  CreatePaymentPointerKeyMutationResponse,
  paymentPointerKeyNode,
  RevokePaymentPointerKeyInput,
  RevokePaymentPointerKeyMutationResponse,
  type PaymentPointerKeyNode
} from './payment-pointer-key-types'

const CREATE = { code: '500', message: 'Error trying to create payment pointer key' } as const
const REVOKE = { code: '500', message: 'Error trying to revoke payment pointer key' } as const

@injectable()
@Resolver()
export class PaymentPointerKeyResolver {
  constructor(private readonly keys: PaymentPointerKeyService) {}

  @Mutation(() => CreatePaymentPointerKeyMutationResponse, {
    nullable: true,
    description: 'Add a public key to a payment pointer, by which its Open Payments requests are verified.'
  })
  createPaymentPointerKey(
    @Arg('input', () => CreatePaymentPointerKeyInput) input: CreatePaymentPointerKeyInput,
    @Ctx() context: RequestContext
  ): Promise<CreatePaymentPointerKeyMutationResponse> {
    return respond(context, CREATE, KEY_FAILURES, 'Added Key To Payment Pointer', payloadOf, () =>
      this.keys.add(context, input)
    )
  }

  @Mutation(() => RevokePaymentPointerKeyMutationResponse, {
    nullable: true,
    description: 'Revoke a public key of a payment pointer for ever: requests signed with it are refused.'
  })
  revokePaymentPointerKey(
    @Arg('input', () => RevokePaymentPointerKeyInput) input: RevokePaymentPointerKeyInput,
    @Ctx() context: RequestContext
  ): Promise<RevokePaymentPointerKeyMutationResponse> {
    return respond(context, REVOKE, KEY_FAILURES, 'Payment pointer key revoked', payloadOf, () =>
      this.keys.revoke(context, input)
    )
  }
}

function payloadOf(key: PaymentPointerKey | undefined): { paymentPointerKey: PaymentPointerKeyNode | null } {
  return { paymentPointerKey: key ? paymentPointerKeyNode(key) : null }
}
