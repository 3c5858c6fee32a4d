/** Stablecoins that arrive for agents and merchants. The operator has seen them on the chain. */
import { randomUUID } from 'node:crypto'
import type { Agent, Merchant } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { AMOUNT_MAX, type TransferCommand } from '../../../ledger/types'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import { findAsset, findNetwork, type AssetSymbol, type NetworkCode } from '../assets'
import { globalId } from '../global-ids'
import { formatDecimal, USD_SCALE } from '../money'
import { derivedId } from '../transfer-ids'
import type { NewRampEvent, RampOutbox } from '../webhooks/outbox'
import type { AgentService } from './agent-service'
import type { MerchantService } from './merchant-service'
import type { RampAccounts } from './ramp-accounts'
import type { Bearer } from './ramp-key-service'

export interface Arrival {
  readonly bearer: Bearer
  readonly symbol: string
  readonly network: string
  /** In millionths of a USD. */
  readonly amount: bigint
  /** Of the transaction on the chain. What it brought one bearer in one coin is booked once, however often asked. */
  readonly transactionHash: string
}

export interface BookedArrival {
  readonly transferId: string
  readonly symbol: AssetSymbol
  readonly network: NetworkCode
  readonly amount: bigint
  readonly transactionHash: string
}

export type ArrivalFailure =
  | 'UNSUPPORTED_ASSET'
  | 'UNSUPPORTED_NETWORK'
  /** The hash is none of a transaction. */
  | 'INVALID_ADDRESS'
  | 'INVALID_AMOUNT'
  | 'NOT_FOUND'
  /** The transaction was booked with another amount. */
  | 'DUPLICATE_REFERENCE'

const TRANSACTION_HASH = /^0x[0-9a-f]{64}$/

export class FloatService {
  constructor(
    private readonly ledger: Ledger,
    private readonly agents: AgentService,
    private readonly merchants: MerchantService,
    private readonly accounts: RampAccounts,
    private readonly outbox: RampOutbox
  ) {}

  /** Books coins that arrived. A merchant is told. */
  async credit(context: RequestContext, arrival: Arrival): Promise<Answer<BookedArrival, ArrivalFailure>> {
    const { bearer, amount } = arrival
    const symbol = findAsset(arrival.symbol)?.symbol
    if (!symbol) return refused('UNSUPPORTED_ASSET')
    const network = findNetwork(arrival.network)?.code
    if (!network) return refused('UNSUPPORTED_NETWORK')
    const transactionHash = arrival.transactionHash.trim().toLowerCase()
    if (!TRANSACTION_HASH.test(transactionHash)) return refused('INVALID_ADDRESS')
    if (amount <= 0n || amount > AMOUNT_MAX) return refused('INVALID_AMOUNT')
    const owner = await (bearer.kind === 'agent' ? this.agents.find(bearer.id) : this.merchants.find(bearer.id))
    if (!owner) return refused('NOT_FOUND')
    const transferId = derivedId('arrival', network, symbol, transactionHash, bearer.kind, bearer.id)
    return this.book(context, bearer, owner, { transferId, symbol, network, amount, transactionHash })
  }

  private async book(
    context: RequestContext,
    bearer: Bearer,
    owner: Agent | Merchant,
    booked: BookedArrival
  ): Promise<Answer<BookedArrival, 'DUPLICATE_REFERENCE'>> {
    const transfer: TransferCommand = {
      type: 'transfer',
      id: booked.transferId,
      debitAccountId: await this.accounts.float(booked.symbol, booked.network),
      creditAccountId: owner.balanceAccountId,
      amount: booked.amount,
      code: RAMP_TRANSFER_CODES.ONCHAIN_ARRIVAL,
      reference: bearer.id
    }
    const events = bearer.kind === 'merchant' ? [arrivalEvent(context, owner, booked)] : []
    const { results } = await this.ledger.submit({
      commands: [transfer],
      attach: (outcome) => (outcome.results[0] === 'ok' ? this.outbox.attachments(events) : [])
    })
    if (results[0] === 'ok') return done(booked)
    if (results[0] !== 'exists') throw new Error(`an arrival could not be booked: ${results[0]}`)
    const before = await this.ledger.transfer(booked.transferId)
    return before?.amount === booked.amount ? done(booked) : refused('DUPLICATE_REFERENCE')
  }
}

function arrivalEvent(context: RequestContext, owner: Agent | Merchant, booked: BookedArrival): NewRampEvent {
  const createdAt = context.now()
  return {
    id: randomUUID(),
    bearerKind: 'merchant',
    bearerId: owner.id,
    type: 'onchain_payment.received',
    orderId: booked.transferId,
    data: {
      id: booked.transferId,
      account: globalId('MerchantAccount', owner.id),
      address: owner.depositAddress,
      amount_usd: formatDecimal(booked.amount, USD_SCALE),
      symbol: booked.symbol,
      network: booked.network,
      txhash: booked.transactionHash,
      created_at: createdAt.toISOString()
    },
    createdAt
  }
}
