import { injectable } from 'tsyringe'
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql'
import { OnchainWithdrawals } from '../../services/ramp/onchain/onchain-withdrawals'
import { TransactionHashes } from '../../services/ramp/onchain/transaction-hashes'
import type { RampContext } from '../ramp/context'
import { refusal, valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { Decimal, JSON as JsonScalar } from '../ramp/scalars'
import { metadataOf } from './metadata'
import { OnchainTx, onchainTxNode } from './onchain-types'

@injectable()
@Resolver()
export class OnchainResolver {
  constructor(
    private readonly withdrawals: OnchainWithdrawals,
    private readonly hashes: TransactionHashes
  ) {}

  @Query(() => OnchainTx, { nullable: true, description: 'A withdrawal to an address on chain.' })
  async onchainWithdrawal(
    @Arg('id', () => ID, { description: 'Global id of the withdrawal.' }) id: string,
    @Ctx() { principal }: RampContext
  ): Promise<OnchainTx> {
    const tx = await this.withdrawals.find(principal.id, uuidOf('Types::OnchainTx', id))
    if (!tx) throw refusal('NOT_FOUND')
    return onchainTxNode(tx)
  }

  @Mutation(() => OnchainTx, {
    nullable: true,
    description:
      'Send stablecoins to an address. The amount and what the network costs are reserved until it is settled.'
  })
  async withdrawOnchain(
    @Arg('address', () => String, { description: 'Address that the stablecoins go to, in the form of its network.' })
    address: string,
    @Arg('amountUsd', () => Decimal, { description: 'How much arrives at the address, in USD.' }) amountUsd: string,
    @Arg('network', () => String, { nullable: true, description: 'Network to send on; `CELO` if not said.' })
    network: string | null | undefined,
    @Arg('symbol', () => String, { nullable: true, description: 'Stablecoin to send; `USDC` if not said.' })
    symbol: string | null | undefined,
    @Arg('metadata', () => JsonScalar, {
      nullable: true,
      description: 'What the merchant notes on the withdrawal: an object of at most 16 KiB, echoed as it was sent.'
    })
    metadata: unknown,
    @Ctx() context: RampContext
  ): Promise<OnchainTx> {
    const input = { address, amountUsd, network, symbol, metadata: metadataOf(metadata) }
    return onchainTxNode(await valueOf(this.withdrawals.withdraw(context, context.principal.id, input)))
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: 'Say which transaction on chain pays for a withdrawal. Each names one order, for good.'
  })
  async confirmTransaction(
    @Arg('paymentRequest', () => ID, { description: 'Global id of the order.' }) paymentRequest: string,
    @Arg('transactionHash', () => String, { description: 'Hash of the transaction, as its network writes it.' })
    transactionHash: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('Types::Cashramp::API::MerchantPaymentRequest', paymentRequest)
    return valueOf(this.hashes.confirm(context, context.principal.id, id, transactionHash))
  }
}
