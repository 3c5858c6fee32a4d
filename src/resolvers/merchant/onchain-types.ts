import { Field, ID, ObjectType } from 'type-graphql'
import type { RampOnchainTx, RampVirtualAccount } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { formatDecimal, USD_SCALE } from '../../services/ramp/money'
import { transactionUrl } from '../../services/ramp/onchain/target'
import { Decimal, ISO8601DateTime, JSON as JsonScalar } from '../ramp/scalars'
import { OnchainTxStatus } from './enums'

@ObjectType('OnchainTx', { description: 'Stablecoins on their way to an address on chain.' })
export class OnchainTx {
  @Field(() => ID, { description: 'Global id of the withdrawal.' })
  id!: string

  @Field(() => OnchainTxStatus, { description: 'How far the withdrawal is.' })
  status!: OnchainTxStatus

  @Field(() => Decimal, { description: 'How much arrives at the address, in USD.' })
  quantity!: string

  @Field(() => String, { description: 'Stablecoin that is sent, such as `USDC`.' })
  symbol!: string

  @Field(() => String, { description: 'Network that the stablecoins are sent on, such as `CELO`.' })
  network!: string

  @Field(() => String, { description: 'Address that the stablecoins go to.' })
  address!: string

  @Field(() => String, { nullable: true, description: 'Hash of the transaction; null until it is known.' })
  txhash!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Page where the transaction can be looked at; null until its hash is known.'
  })
  txhashUrl!: string | null

  @Field(() => Decimal, { description: 'What the network costs, in USD, on top of `quantity`.' })
  fee!: string

  @Field(() => ISO8601DateTime, { description: 'When the withdrawal was asked for.' })
  createdAt!: Date

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'What the merchant noted on the withdrawal, as it was sent; null if nothing.'
  })
  metadata!: unknown
}

export function onchainTxNode(tx: RampOnchainTx): OnchainTx {
  const { id, status, quantity, fee, symbol, network, address, transactionHash, createdAt, metadata } = tx
  return {
    id: globalId('Types::OnchainTx', id),
    status,
    quantity: formatDecimal(quantity, USD_SCALE),
    fee: formatDecimal(fee, USD_SCALE),
    symbol,
    network,
    address,
    txhash: transactionHash,
    txhashUrl: transactionHash === null ? null : transactionUrl(network, transactionHash),
    createdAt,
    metadata
  }
}

@ObjectType('VirtualBankAccount', { description: 'A bank account in the USA that a customer can pay USD into.' })
export class VirtualBankAccount {
  @Field(() => ID, { description: 'Global id of the bank account.' })
  id!: string

  @Field(() => String, {
    description:
      'How far the bank account is: `pending` until a bank has opened it, then `active`; `rejected` where none does.'
  })
  status!: string

  @Field(() => String, { nullable: true, description: 'Name that the account is held in; null until it is active.' })
  accountName!: string | null

  @Field(() => String, { nullable: true, description: 'Number of the account; null until it is active.' })
  accountNumber!: string | null

  @Field(() => String, { nullable: true, description: 'Name of the bank; null until the account is active.' })
  bankName!: string | null

  @Field(() => String, { nullable: true, description: 'City of the bank; null if unknown.' })
  city!: string | null

  @Field(() => String, { nullable: true, description: 'Country of the bank; null if unknown.' })
  country!: string | null

  @Field(() => String, { nullable: true, description: 'Street and number of the bank; null if unknown.' })
  line1!: string | null

  @Field(() => String, { nullable: true, description: 'Postal code of the bank; null if unknown.' })
  postalCode!: string | null

  @Field(() => String, { nullable: true, description: 'State of the bank; null if unknown.' })
  state!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Routing number of the bank for ACH, nine digits; null until the account is active.'
  })
  routingNumber!: string | null

  @Field(() => ISO8601DateTime, { description: 'When the bank account was asked for.' })
  createdAt!: Date
}

export function virtualAccountNode(account: RampVirtualAccount): VirtualBankAccount {
  const { id, status, details, createdAt } = account
  return {
    id: globalId('VirtualBankAccount', id),
    status,
    accountName: details?.accountName ?? null,
    accountNumber: details?.accountNumber ?? null,
    bankName: details?.bankName ?? null,
    city: details?.city ?? null,
    country: details?.country ?? null,
    line1: details?.line1 ?? null,
    postalCode: details?.postalCode ?? null,
    state: details?.state ?? null,
    routingNumber: details?.routingNumber ?? null,
    createdAt
  }
}
