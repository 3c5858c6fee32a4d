import type { Loader, Reader } from '../../database/reader'
import { parseUuid } from '../identifiers'
import type { OwnerKind } from './liquidity-failures'

/** The two sides of a deposit or withdrawal. */
export interface LiquidityOwner {
  /** Null while a payment pointer never received anything. */
  readonly liquidityAccountId: bigint | null
  readonly settlementAccountId: bigint
}

interface OwnerRow {
  readonly id: string
  readonly liquidity_account_id: string | null
  readonly settlement_account_id: string
}

const TEXTS: Readonly<Record<OwnerKind, string>> = {
  asset: `SELECT id, liquidity_account_id, settlement_account_id FROM asset WHERE id = ANY($1::uuid[])`,
  peer: `SELECT peer.id, peer.liquidity_account_id, asset.settlement_account_id
    FROM peer JOIN asset ON asset.id = peer.asset_id WHERE peer.id = ANY($1::uuid[])`,
  payment_pointer: `SELECT pointer.id, pointer.web_monetization_account_id AS liquidity_account_id, asset.settlement_account_id
    FROM payment_pointer AS pointer JOIN asset ON asset.id = pointer.asset_id WHERE pointer.id = ANY($1::uuid[])`
}

/** Whose money it is, down to the ledger accounts, in one read. */
export class LiquidityOwners {
  private readonly loaders: Readonly<Record<OwnerKind, Loader<string, OwnerRow>>>

  constructor(reader: Reader) {
    const loader = (kind: OwnerKind): Loader<string, OwnerRow> =>
      reader.loader<string, OwnerRow>(`liquidity_owner_${kind}`, TEXTS[kind], (row) => row.id)
    this.loaders = { asset: loader('asset'), peer: loader('peer'), payment_pointer: loader('payment_pointer') }
  }

  async find(kind: OwnerKind, id: string): Promise<LiquidityOwner | undefined> {
    const uuid = parseUuid(id)
    const row = uuid === undefined ? undefined : await this.loaders[kind].load(uuid)
    if (!row) return undefined
    return {
      liquidityAccountId: row.liquidity_account_id === null ? null : BigInt(row.liquidity_account_id),
      settlementAccountId: BigInt(row.settlement_account_id)
    }
  }
}
