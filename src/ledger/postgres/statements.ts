/**
 * The SQL of the ledger. Lists travel as one array parameter each, in PostgreSQL's text form.
 */
import type { Statement } from '../../database/statement'

const ATTACHMENT_LOCK_MILLISECONDS = 2_000

/** Every writer of a ledger takes this lock for the length of its transaction: one batch at a time. */
const WRITER_LOCK = '7449363245711551073'

export const BEGIN: Statement = { name: 'begin', text: 'BEGIN', values: [] }
export const COMMIT: Statement = { name: 'commit', text: 'COMMIT', values: [] }
export const ROLLBACK: Statement = { name: 'rollback', text: 'ROLLBACK', values: [] }
/**
 * Batches queue for the lock as long as a statement of the writer may take; after it, a wait is one for a row of an
 * attachment, and shorter.
 */
export const LOCK: Statement = {
  name: 'ledger_lock',
  text: `SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock(${WRITER_LOCK}),
    set_config('lock_timeout', '${ATTACHMENT_LOCK_MILLISECONDS}', true)`,
  values: []
}

/** The last batch, and when after `nowMicroseconds` the next hold reaches its time, resolved or not. */
export function headAt(nowMicroseconds: bigint): Statement {
  return {
    name: 'ledger_head',
    text: `SELECT sequence, first_transfer + transfer_count AS next_transfer, recorded_us, encode(hash, 'hex') AS hash,
        (SELECT min(expires_us) FROM ledger_transfer WHERE expires_us > greatest($1, recorded_us)) AS next_expiry_us
      FROM ledger_batch ORDER BY sequence DESC LIMIT 1`,
    values: [String(nowMicroseconds)]
  }
}

const TRANSFER_COLUMNS =
  'sequence, id, kind, debit_account_id, credit_account_id, amount, code, hold_id, expires_us, reference'
const TRANSFER_COLUMNS_H = TRANSFER_COLUMNS.replace(/\w+/g, (column) => `h.${column}`)

export const COPY_TRANSFERS: Statement = {
  name: 'ledger_copy_transfers',
  text: `COPY ledger_transfer (${TRANSFER_COLUMNS}) FROM STDIN`,
  values: []
}

/** Most expired holds that one batch releases, give or take those that expire in the same microsecond. */
export const DUE_HOLDS_MAX = 4_096

/**
 * Holds that expired since the last batch and that nothing resolved. Older ones cannot be open: every batch
 * releases what is due by its own time before it does anything else.
 */
export function dueHolds(nowMicroseconds: bigint): Statement {
  return {
    name: 'ledger_due_holds',
    text: `SELECT ${TRANSFER_COLUMNS_H} FROM ledger_transfer h
      WHERE h.expires_us > coalesce((SELECT recorded_us FROM ledger_batch ORDER BY sequence DESC LIMIT 1), 0)
        AND h.expires_us <= $1
        AND NOT EXISTS (SELECT FROM ledger_transfer r WHERE r.hold_id = h.id)
      ORDER BY h.expires_us FETCH FIRST ${DUE_HOLDS_MAX} ROWS WITH TIES`,
    values: [String(nowMicroseconds)]
  }
}

const ACCOUNT_COLUMNS = `id, batch, owner, ledger, code, limit_kind, closed_batch IS NOT NULL AS closed,
  debits_posted, debits_pending, credits_posted, credits_pending`

export function accountsById(ids: readonly bigint[]): Statement {
  return {
    name: 'ledger_accounts',
    text: `SELECT ${ACCOUNT_COLUMNS} FROM ledger_account WHERE id = ANY($1::bigint[])`,
    values: [arrayOf(ids)]
  }
}

const DUE_NOW = `WITH due AS MATERIALIZED (
    SELECT h.debit_account_id, h.credit_account_id, h.amount FROM ledger_transfer h
    WHERE h.expires_us > coalesce((SELECT recorded_us FROM ledger_batch ORDER BY sequence DESC LIMIT 1), 0)
      AND h.expires_us <= $2 AND NOT EXISTS (SELECT FROM ledger_transfer r WHERE r.hold_id = h.id))`

const CURRENT_COLUMNS = `id, batch, owner, ledger, code, limit_kind, closed_batch IS NOT NULL AS closed,
    debits_posted, credits_posted,
    debits_pending - coalesce((SELECT sum(amount) FROM due WHERE debit_account_id = a.id), 0) AS debits_pending,
    credits_pending - coalesce((SELECT sum(amount) FROM due WHERE credit_account_id = a.id), 0) AS credits_pending`

/** Accounts as of now ($2): what expired holds reserved is free, whether or not a batch has released it yet. */
export const CURRENT_ACCOUNTS = `${DUE_NOW} SELECT ${CURRENT_COLUMNS} FROM ledger_account a WHERE id = ANY($1::bigint[])`

export function currentAccountsOf(owner: string, nowMicroseconds: bigint): Statement {
  return {
    name: 'ledger_accounts_of',
    text: `${DUE_NOW} SELECT ${CURRENT_COLUMNS} FROM ledger_account a WHERE owner = $1 ORDER BY code`,
    values: [owner, String(nowMicroseconds)]
  }
}

/** One statement sees one moment. The numbers of the limits are those that the table's own check has. */
export function accountSums(ledgers: readonly number[]): Statement {
  return {
    name: 'ledger_account_sums',
    text: `SELECT ledger, code, count(*) AS accounts,
        sum(debits_posted) AS debits_posted, sum(debits_pending) AS debits_pending,
        sum(credits_posted) AS credits_posted, sum(credits_pending) AS credits_pending,
        coalesce((array_agg(id ORDER BY id) FILTER (WHERE CASE limit_kind
          WHEN 1 THEN debits_posted + debits_pending > credits_posted
          WHEN 2 THEN credits_posted + credits_pending > debits_posted
        END))[1:10], '{}')::text[] AS beyond_limit
      FROM ledger_account WHERE ledger = ANY($1::integer[]) GROUP BY ledger, code ORDER BY ledger, code`,
    values: [arrayOf(ledgers)]
  }
}

export function allocateAccountIds(count: number): Statement {
  return {
    name: 'ledger_allocate',
    text: `SELECT nextval('ledger_account_id') AS id FROM generate_series(1, $1::int)`,
    values: [count]
  }
}

/** Transfers by id, each with the kind of the record that resolved it. */
export function transfersById(ids: readonly string[]): Statement {
  return {
    name: 'ledger_transfers',
    text: `SELECT ${TRANSFER_COLUMNS_H}, r.kind AS resolution FROM unnest($1::uuid[]) AS wanted (id)
      JOIN ledger_transfer h ON h.id = wanted.id LEFT JOIN ledger_transfer r ON r.hold_id = h.id`,
    values: [arrayOf(ids)]
  }
}

export function usedIds(ids: readonly string[]): Statement {
  return {
    name: 'ledger_used_ids',
    text: `SELECT t.id FROM unnest($1::uuid[]) AS wanted (id) JOIN ledger_transfer t ON t.id = wanted.id`,
    values: [arrayOf(ids)]
  }
}

export function batchHash(sequence: bigint): Statement {
  return {
    name: 'ledger_batch_hash',
    text: `SELECT encode(hash, 'hex') AS hash FROM ledger_batch WHERE sequence = $1`,
    values: [String(sequence)]
  }
}

/** Keeps the totals that `written` leaves as the balances after the batch, and fails unless it is so many rows. */
const KEEP_BALANCES = `kept AS (
    INSERT INTO ledger_balance (account_id, batch, debits_posted, debits_pending, credits_posted, credits_pending)
    SELECT id, batch, debits_posted, debits_pending, credits_posted, credits_pending FROM written)
  SELECT ledger_expect(count(*), $2) FROM written`
const WRITTEN_COLUMNS = 'id, batch, debits_posted, debits_pending, credits_posted, credits_pending'

export const INSERT_ACCOUNTS = `WITH written AS (
    INSERT INTO ledger_account
      (batch, created_batch, closed_batch, id, owner, ledger, code, limit_kind,
       debits_posted, debits_pending, credits_posted, credits_pending)
    SELECT $1, $1, CASE WHEN v.closed THEN $1::bigint END, v.id, v.owner, v.ledger, v.code, v.limit_kind,
      v.dp, v.dq, v.cp, v.cq
    FROM unnest($3::bigint[], $4::boolean[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
      $9::uuid[], $10::int[], $11::smallint[], $12::smallint[])
      AS v (id, closed, dp, dq, cp, cq, owner, ledger, code, limit_kind)
    RETURNING ${WRITTEN_COLUMNS}),
  ${KEEP_BALANCES}`

/** `previous` is the batch that the new totals were computed from: a row that has moved on fails the batch. */
export const UPDATE_ACCOUNTS = `WITH written AS (
    UPDATE ledger_account a
    SET batch = $1, debits_posted = v.dp, debits_pending = v.dq, credits_posted = v.cp, credits_pending = v.cq,
      closed_batch = CASE WHEN v.closed THEN $1::bigint END
    FROM unnest($3::bigint[], $4::boolean[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[], $9::bigint[])
      AS v (id, closed, dp, dq, cp, cq, previous)
    WHERE a.id = v.id AND a.batch = v.previous
    RETURNING a.${WRITTEN_COLUMNS.replaceAll(', ', ', a.')}),
  ${KEEP_BALANCES}`

/** Fails unless the batch that it was linked to ($9) is there. That it is the last one, the primary key makes sure of. */
export const INSERT_BATCH = `WITH written AS (
    INSERT INTO ledger_batch
      (sequence, first_transfer, recorded_us, transfer_count, account_count, close_count, hash, checksums)
    SELECT $1::bigint, $2::bigint, $3::bigint, $4::integer, $5::integer, $6::integer, $7::bytea, $8::bytea
    WHERE $1 = 1 OR EXISTS (SELECT FROM ledger_batch WHERE sequence = $1 - 1 AND hash = decode($9, 'hex'))
    RETURNING 1)
  SELECT ledger_expect(count(*), 1) FROM written`

/** Totals of an account after its last batch at or before a batch. */
export function totalsAtBatch(account: bigint, batch: bigint): Statement {
  return {
    name: 'ledger_totals_at',
    text: `SELECT batch, debits_posted, debits_pending, credits_posted, credits_pending FROM ledger_balance
      WHERE account_id = $1 AND batch <= $2 ORDER BY batch DESC LIMIT 1`,
    values: [String(account), String(batch)]
  }
}

const BATCH_COLUMNS = 'sequence, first_transfer, transfer_count, recorded_us'

/** The last batch recorded at or before a time. */
export function batchAtTime(microseconds: bigint): Statement {
  return {
    name: 'ledger_batch_at_time',
    text: `SELECT ${BATCH_COLUMNS} FROM ledger_batch WHERE recorded_us <= $1 ORDER BY recorded_us DESC, sequence DESC LIMIT 1`,
    values: [String(microseconds)]
  }
}

/** The batch that holds the transfer at a position, or the last one before it. */
export function batchAtSequence(sequence: bigint): Statement {
  return {
    name: 'ledger_batch_at_sequence',
    text: `SELECT ${BATCH_COLUMNS} FROM ledger_batch
      WHERE first_transfer <= $1 ORDER BY first_transfer DESC, sequence DESC LIMIT 1`,
    values: [String(sequence)]
  }
}

/**
 * An account's transfers in order, from a batch on: the batches that touched it are found by its balances,
 * and its transfers within them by position.
 */
export function transfersOfAccount(account: bigint, fromBatch: bigint, limit: number): Statement {
  return {
    name: 'ledger_transfers_of',
    text: `SELECT ${TRANSFER_COLUMNS_H}, b.recorded_us, held.amount AS held
      FROM ledger_balance l
      JOIN ledger_batch b ON b.sequence = l.batch
      JOIN ledger_transfer h ON h.sequence >= b.first_transfer AND h.sequence < b.first_transfer + b.transfer_count
        AND (h.debit_account_id = l.account_id OR h.credit_account_id = l.account_id)
      LEFT JOIN ledger_transfer held ON held.id = h.hold_id
      WHERE l.account_id = $1 AND l.batch >= $2
      ORDER BY l.batch, h.sequence LIMIT $3`,
    values: [String(account), String(fromBatch), limit]
  }
}

/** Holds of an account that expired after a batch and by a time, and that nothing resolved before. */
export function dueHoldsOfAccount(account: bigint, afterMicroseconds: bigint, byMicroseconds: bigint): Statement {
  return {
    name: 'ledger_due_holds_of',
    text: `SELECT h.debit_account_id, h.amount FROM ledger_transfer h
      WHERE h.expires_us > $2 AND h.expires_us <= $3
        AND (h.debit_account_id = $1 OR h.credit_account_id = $1)
        AND NOT EXISTS (SELECT FROM ledger_transfer r WHERE r.hold_id = h.id AND r.kind <> 5)`,
    values: [String(account), String(afterMicroseconds), String(byMicroseconds)]
  }
}

const POSITION_MAX = 2n ** 63n - 1n

/** Records that released holds of a purpose because their time was over, the latest first. */
export function expiredHolds(code: number, before: bigint | undefined, limit: number): Statement {
  return {
    name: 'ledger_expired_holds',
    text: `SELECT ${TRANSFER_COLUMNS_H}, b.recorded_us FROM ledger_transfer h
      CROSS JOIN LATERAL (SELECT recorded_us FROM ledger_batch
        WHERE first_transfer <= h.sequence ORDER BY first_transfer DESC, sequence DESC LIMIT 1) b
      WHERE h.kind = 5 AND h.code = $1 AND h.sequence < $2 ORDER BY h.sequence DESC LIMIT $3`,
    values: [code, String(before ?? POSITION_MAX), limit]
  }
}

export function expiredHoldCount(code: number): Statement {
  return {
    name: 'ledger_expired_hold_count',
    text: 'SELECT count(*) AS count FROM ledger_transfer WHERE kind = 5 AND code = $1',
    values: [code]
  }
}

export function arrayOf(values: readonly (string | number | bigint | boolean)[]): string {
  return `{${values.join(',')}}`
}
