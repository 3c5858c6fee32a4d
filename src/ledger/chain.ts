/**
 * The canonical text of the ledger and the hash chain over it.
 *
 * A batch's text is the previous link in hexadecimal, a header, a line for each account created and closed,
 * and a line for each transfer, exactly as PostgreSQL's COPY prints the row. Its SHA-256 is the batch's link.
 * So `psql` and `sha256sum` are enough to check a link by hand. Beside the link the batch keeps a CRC-32 of
 * each line: the link proves that something changed, the checksums say which line.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { AccountId, AccountLimit, NewAccount, RecordKind, TransferRecord } from './types'

/** The link before the first batch. */
export const GENESIS = '0'.repeat(64)

/** Numbers of the kinds as stored. */
export const KIND_NUMBERS: Record<RecordKind, number> = { transfer: 1, hold: 2, post: 3, void: 4, expire: 5 }
export const LIMIT_NUMBERS: Record<AccountLimit, number> = {
  none: 0,
  debits_must_not_exceed_credits: 1,
  credits_must_not_exceed_debits: 2
}

export interface BatchHeader {
  readonly sequence: bigint
  readonly firstTransfer: bigint
  readonly transferCount: number
  readonly accountCount: number
  readonly closeCount: number
  readonly recordedMicroseconds: bigint
}

/** A transfer as a line of COPY text, without the line's end. */
export function transferLine(record: TransferRecord): string {
  return `${record.sequence}\t${record.id}\t${KIND_NUMBERS[record.kind]}\t${record.debitAccountId}\t${record.creditAccountId}\t${record.amount}\t${record.code}\t${record.holdId ?? '\\N'}\t${record.expiresMicroseconds ?? '\\N'}\t${record.reference ?? '\\N'}`
}

export function accountLine(account: NewAccount): string {
  return `account\t${account.id}\t${account.owner}\t${account.ledger}\t${account.code}\t${LIMIT_NUMBERS[account.limit]}`
}

export function closeLine(id: AccountId): string {
  return `close\t${id}`
}

export function headerLine(header: BatchHeader): string {
  return `batch\t${header.sequence}\t${header.firstTransfer}\t${header.transferCount}\t${header.accountCount}\t${header.closeCount}\t${header.recordedMicroseconds}`
}

export interface Link {
  /** SHA-256 in hexadecimal. */
  readonly hash: string
  /** CRC-32 of each line but the header, four bytes each, big-endian. */
  readonly checksums: Buffer
}

/** `transferText` is the transfers' lines, each with its end; given separately because COPY sends the same. */
export function linkOf(
  previous: string,
  header: BatchHeader,
  accountLines: readonly string[],
  transferLines: readonly string[],
  transferText: string | Buffer
): Link {
  const hash = createHash('sha256').update(`${previous}\n${headerLine(header)}\n`)
  for (const line of accountLines) hash.update(`${line}\n`)
  hash.update(transferText)
  return { hash: hash.digest('hex'), checksums: checksumsOf([...accountLines, ...transferLines]) }
}

export function checksumsOf(lines: readonly string[]): Buffer {
  const checksums = Buffer.allocUnsafe(lines.length * 4)
  lines.forEach((line, index) => checksums.writeUInt32BE(crc32(line), index * 4))
  return checksums
}
