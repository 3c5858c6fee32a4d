/** The ledger's side of a transaction on chain: two holds, which are both posted or both voided. */
import type { RampOnchainTx } from '../../../entities'
import type { Command, Outcome, TransferCommand } from '../../../ledger/types'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import type { RampFailure } from '../failures'
import { derivedId } from '../transfer-ids'

/** Which accounts it moves between. */
export interface OnchainAccounts {
  readonly merchant: bigint
  /** What is held of the coin on the network. */
  readonly float: bigint
  readonly fees: bigint
}

type Held = Pick<RampOnchainTx, 'id' | 'requestId' | 'quantity' | 'fee'>

/** Reserves what is sent and what the network costs, both or neither. */
export function holdCommands(tx: Held, accounts: OnchainAccounts): TransferCommand[] {
  const isDelivery = tx.requestId !== null
  const hold = {
    type: 'transfer',
    pending: true,
    debitAccountId: accounts.merchant,
    reference: tx.requestId ?? tx.id
  } as const
  const amount: TransferCommand = {
    ...hold,
    id: holdId(tx, 'amount'),
    creditAccountId: accounts.float,
    amount: tx.quantity,
    code: isDelivery ? RAMP_TRANSFER_CODES.DELIVERY_AMOUNT : RAMP_TRANSFER_CODES.ONCHAIN_AMOUNT
  }
  if (tx.fee === 0n) return [amount]
  const fee: TransferCommand = {
    ...hold,
    id: holdId(tx, 'fee'),
    creditAccountId: accounts.fees,
    amount: tx.fee,
    code: isDelivery ? RAMP_TRANSFER_CODES.DELIVERY_FEE : RAMP_TRANSFER_CODES.ONCHAIN_FEE
  }
  return [{ ...amount, linked: true }, fee]
}

/** Makes the holds final, or releases them. */
export function resolveCommands(tx: Held, type: 'post' | 'void'): Command[] {
  const legs = tx.fee === 0n ? (['amount'] as const) : (['amount', 'fee'] as const)
  return legs.map((leg, index) => ({
    type,
    id: derivedId('onchain', tx.id, type, leg),
    holdId: holdId(tx, leg),
    linked: index < legs.length - 1
  }))
}

function holdId({ id }: Held, leg: 'amount' | 'fee'): string {
  return derivedId('onchain', id, 'hold', leg)
}

export function isDone({ results }: Outcome): boolean {
  return results.every((result) => result === 'ok')
}

/** Why money could not be reserved: it is not there, or the coins are not. */
export function holdFailure({ results }: Outcome): RampFailure {
  for (const result of results) {
    if (result === 'exceeds_credits') return 'INSUFFICIENT_BALANCE'
    if (result === 'exceeds_debits') return 'INSUFFICIENT_LIQUIDITY'
  }
  throw new Error(`money for a transaction on chain could not be reserved: ${results.join(', ')}`)
}
