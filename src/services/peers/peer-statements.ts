/** What is written about peers in a transaction of the ledger. */
import { createHash } from 'node:crypto'
import type { Statement } from '../../database/statement'

/** Incoming tokens are kept as SHA-256: they are compared, never shown. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export function insertTokens(peerId: string, tokens: readonly string[]): Statement[] {
  if (tokens.length === 0) return []
  return [
    {
      name: 'peer_incoming_tokens_insert',
      text: `INSERT INTO peer_incoming_token (token_hash, peer_id) SELECT unnest($1::bytea[]), $2::uuid`,
      values: [tokens.map(hashToken), peerId],
      rowsExpected: tokens.length
    }
  ]
}

/** Whether another peer has the address, and whether one has any of the tokens. */
export function findTaken(staticIlpAddress: string, tokens: readonly string[]): Statement {
  return {
    name: 'peer_find_taken',
    text: `SELECT EXISTS (SELECT 1 FROM peer WHERE static_ilp_address = $1) AS address,
      EXISTS (SELECT 1 FROM peer_incoming_token WHERE token_hash = ANY($2::bytea[])) AS token`,
    values: [staticIlpAddress, tokens.map(hashToken)]
  }
}

/** The tokens go with the peer. */
export function deletePeer(id: string): Statement {
  return { name: 'peer_delete', text: 'DELETE FROM peer WHERE id = $1', values: [id], rowsExpected: 1 }
}
