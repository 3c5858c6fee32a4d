import { randomUUID } from 'node:crypto'
import type { RampOnchainTx } from '../../../entities'
import { globalId } from '../global-ids'
import { formatDecimal, USD_SCALE } from '../money'
import type { NewRampEvent } from '../webhooks/outbox'

/** What the merchant is told when the status of a transaction has changed. */
export function onchainTxEvent(tx: RampOnchainTx, now: Date): NewRampEvent {
  return {
    id: randomUUID(),
    bearerKind: 'merchant',
    bearerId: tx.merchantId,
    type: 'onchain_tx.updated',
    orderId: tx.id,
    data: {
      id: globalId('Types::OnchainTx', tx.id),
      address: tx.address,
      status: tx.status,
      quantity: jsonNumber(tx.quantity),
      fee: jsonNumber(tx.fee),
      symbol: tx.symbol,
      network: tx.network,
      txhash: tx.transactionHash
    },
    createdAt: now
  }
}

/** Receivers were promised numbers. Six decimals of what a merchant can have are far within what they can hold. */
function jsonNumber(amount: bigint): number {
  return Number(formatDecimal(amount, USD_SCALE))
}
