/**
 * What a payment costs and delivers, fees included. Pure arithmetic in whole units: the sender pays any
 * fraction of a unit, so that neither a conversion nor a fee ever gives money away.
 */
import { AMOUNT_MAX } from '../../../ledger/types'
import { ceilingOf } from '../../rates/ratio'

/** What the operator takes of a payment, in the sending asset. */
export interface FeeTerms {
  readonly fixed: bigint
  /** Hundredths of a percent, 0 … 10000. */
  readonly basisPoints: number
}

export interface Price {
  /** All that the payment costs, in the sending asset. */
  readonly sendAmount: bigint
  /** What of it is sent. The rest is the fee. */
  readonly principal: bigint
  /** What arrives, in the receiving asset. */
  readonly receiveAmount: bigint
}

export const NO_FEE: FeeTerms = { fixed: 0n, basisPoints: 0 }

const BASIS = 10_000n

/** The fee on an amount: the fixed part and the share, rounded up. */
export function feeOn(amount: bigint, { fixed, basisPoints }: FeeTerms): bigint {
  return fixed + ceilingOf(amount * BigInt(basisPoints), BASIS)
}

/** What of a send amount is left after the fee; undefined when nothing is. */
export function principalOf(sendAmount: bigint, fee: FeeTerms): bigint | undefined {
  const principal = sendAmount - feeOn(sendAmount, fee)
  return principal > 0n ? principal : undefined
}

/** Whether every amount is one that the ledger takes. */
export function isPayable({ sendAmount, principal, receiveAmount }: Price): boolean {
  return [sendAmount, principal, receiveAmount].every((amount) => amount >= 1n && amount <= AMOUNT_MAX)
}
