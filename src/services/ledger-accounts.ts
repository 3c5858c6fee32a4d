import type { NewAccount } from '../ledger/types'
import { ACCOUNT_CODES } from './ledger-codes'

type LiquidityKind = Exclude<keyof typeof ACCOUNT_CODES, 'SETTLEMENT'>

/** An account of money held for somebody: it pays out no more than it got. */
export function liquidityAccount(kind: LiquidityKind, id: bigint, ledger: number, owner: string): NewAccount {
  return { id, ledger, code: ACCOUNT_CODES[kind], limit: 'debits_must_not_exceed_credits', owner }
}

/** The only account that may originate money, and takes back no more than it gave. */
export function settlementAccount(id: bigint, ledger: number, assetId: string): NewAccount {
  return { id, ledger, code: ACCOUNT_CODES.SETTLEMENT, limit: 'credits_must_not_exceed_debits', owner: assetId }
}
