/**
 * What a packet moves in the ledger.
 *
 *   one asset:        source ── amount ──▶ destination
 *   two assets:       source ── source amount ──▶ liquidity of the source's asset
 *                     liquidity of the destination's asset ── destination amount ──▶ destination
 */
import assert from 'node:assert'
import type { AccountId } from '../../../ledger/types'
import type { Movement, PacketAccount } from './ports'

export interface Leg {
  readonly debitAccountId: AccountId
  readonly creditAccountId: AccountId
  readonly amount: bigint
}

export function legsOf(movement: Movement, destination: PacketAccount): readonly [Leg] | readonly [Leg, Leg] {
  const { source, sourceAmount, destinationAmount } = movement
  assert(sourceAmount > 0n && destinationAmount > 0n, 'a packet moves something on both sides')
  if (source.asset.id === destination.asset.id) {
    assert.equal(sourceAmount, destinationAmount, 'a packet within one asset delivers what it costs')
    return [{ debitAccountId: source.accountId, creditAccountId: destination.accountId, amount: sourceAmount }]
  }
  return [
    { debitAccountId: source.accountId, creditAccountId: source.asset.liquidityAccountId, amount: sourceAmount },
    {
      debitAccountId: destination.asset.liquidityAccountId,
      creditAccountId: destination.accountId,
      amount: destinationAmount
    }
  ]
}
