import { injectable } from 'tsyringe'
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import type { Asset, IncomingPayment } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { parseDateTime, type ExpiryPolicy } from '../../services/payments/incoming/expiry'
import { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import type { IncomingPaymentFailure } from '../../services/payments/incoming/inputs'
import { CATCH_ALL, INCOMING_PAYMENT_FAILURES, type FailureTable } from './failures'
import {
  CreateIncomingPaymentInput,
  incomingPaymentNode,
  IncomingPaymentNode,
  IncomingPaymentResponse
} from './incoming-payment-types'
import { Amount, amountOf, respondQuietly, withMetadata } from './payment-types'

const CREATE = { code: '500', message: 'Error trying to create incoming payment' }
/** A time that is none has no name of its own, other than one that has passed. */
const NOT_A_TIME: FailureTable<IncomingPaymentFailure> = { ...INCOMING_PAYMENT_FAILURES, invalid_expiry: CATCH_ALL }
const DAY_MILLISECONDS = 86_400_000
/** Clients of this API were promised 90 days, and any later time that they ask for. */
const EXPIRY: ExpiryPolicy = { defaultMilliseconds: 90 * DAY_MILLISECONDS }

@injectable()
@Resolver(() => IncomingPaymentNode)
export class IncomingPaymentResolver {
  constructor(
    private readonly service: IncomingPaymentService,
    private readonly assets: AssetService
  ) {}

  @Mutation(() => IncomingPaymentResponse, { description: 'Expect money at a payment pointer.' })
  createIncomingPayment(
    @Arg('input', () => CreateIncomingPaymentInput) input: CreateIncomingPaymentInput,
    @Ctx() context: RequestContext
  ): Promise<IncomingPaymentResponse> {
    const { paymentPointerId, expiresAt } = input
    const isTime = !expiresAt || parseDateTime(expiresAt) !== undefined
    const failures = isTime ? INCOMING_PAYMENT_FAILURES : NOT_A_TIME
    const operation = { catchAll: CREATE, failures, ids: [paymentPointerId] }
    return respondQuietly(context, operation, payloadOf, async () =>
      this.service.create(context, withMetadata(input), EXPIRY)
    )
  }

  @FieldResolver(() => Amount, {
    nullable: true,
    description: 'What the payment expects to receive; null: any amount is welcome.'
  })
  async incomingAmount(@Root() payment: IncomingPaymentNode): Promise<Amount | null> {
    const { incomingValue } = payment
    return incomingValue === null ? null : amountOf(incomingValue, await this.assetOf(payment))
  }

  @FieldResolver(() => Amount, { description: 'All that the payment ever received. Withdrawals do not make it less.' })
  async receivedAmount(@Root() payment: IncomingPaymentNode): Promise<Amount> {
    return amountOf(payment.receivedValue, await this.assetOf(payment))
  }

  private async assetOf({ id, assetId }: IncomingPaymentNode): Promise<Asset> {
    const asset = await this.assets.find(assetId)
    if (!asset) throw new Error(`the asset of payment ${id} is gone`)
    return asset
  }
}

function payloadOf(payment: IncomingPayment | undefined): { payment: IncomingPaymentNode | null } {
  return { payment: payment ? incomingPaymentNode(payment) : null }
}
