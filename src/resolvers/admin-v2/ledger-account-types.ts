import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { ACCOUNT_CODES, TRANSFER_CODES } from '../../services/ledger-codes'
import type { Account, HistoryEntry, RecordKind, Totals } from '../../services/statements/statement-service'
import { PageInfo, type Connection } from '../shared/pagination'
import { UInt128, UInt64 } from '../shared/scalars'

const PURPOSES = {
  SETTLEMENT: 'All money that the operator has put into the service in one asset.',
  LIQUIDITY_ASSET: 'Liquidity of an asset, from which payments across assets are served.',
  LIQUIDITY_PEER: 'Liquidity of a peer.',
  LIQUIDITY_INCOMING: 'What an incoming payment received.',
  LIQUIDITY_OUTGOING: 'What an outgoing payment was funded with.',
  LIQUIDITY_WEB_MONETIZATION: 'What a payment pointer received without an incoming payment.'
} as const satisfies Record<keyof typeof ACCOUNT_CODES, string>

const KINDS = {
  TRANSFER: 'Money that moved at once.',
  HOLD: 'Money reserved until it is posted, voided or expired.',
  POST: 'A hold made final.',
  VOID: 'A hold released by request.',
  EXPIRE: 'A hold released because its time was over.'
} as const satisfies Record<Uppercase<RecordKind>, string>

const SIDES = { DEBIT: 'Money left the account.', CREDIT: 'Money came to the account.' } as const

function registerNames(name: string, description: string, values: Readonly<Record<string, string>>): object {
  const names = Object.fromEntries(Object.keys(values).map((key) => [key, key]))
  const valuesConfig = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, { description: text }]))
  registerEnumType(names, { name, description, valuesConfig })
  return names
}

const Purpose = registerNames('LedgerAccountPurpose', 'What a ledger account is for.', PURPOSES)
const Kind = registerNames('LedgerEntryKind', 'What a line of the ledger did.', KINDS)
const Side = registerNames('LedgerSide', 'The side of an account that a line is on.', SIDES)

@ObjectType('LedgerTotals', { description: "An account's four running totals, in the asset's smallest unit." })
export class LedgerTotals {
  @Field(() => UInt128, { description: "Everything that ever left the account, in the asset's smallest unit." })
  debitsPosted!: bigint

  @Field(() => UInt128, { description: "What open holds reserve to leave the account, in the asset's smallest unit." })
  debitsPending!: bigint

  @Field(() => UInt128, { description: "Everything that ever came to the account, in the asset's smallest unit." })
  creditsPosted!: bigint

  @Field(() => UInt128, {
    description: "What open holds promise to bring to the account, in the asset's smallest unit."
  })
  creditsPending!: bigint
}

@ObjectType('LedgerAccount', { description: 'An account of the double-entry ledger.' })
export class LedgerAccountNode {
  @Field(() => ID, { description: 'Number of the account, unique in the ledger.' })
  id!: string

  @Field(() => ID, { description: 'The asset, peer, payment pointer or payment that the account belongs to.' })
  ownerId!: string

  @Field(() => Purpose, { description: 'What the account is for.' })
  purpose!: keyof typeof PURPOSES

  @Field(() => Int, {
    description: 'Number of the unit of account. Transfers stay within one; each asset has its own.'
  })
  ledger!: number

  @Field(() => Boolean, {
    description: 'Whether the account is closed. A closed account takes part in no new transfer.'
  })
  closed!: boolean

  @Field(() => UInt128, {
    description:
      "Of a settlement account, what the operator has put in and not taken out; of any other, what it has to spend, holds deducted. In the asset's smallest unit."
  })
  balance!: bigint

  @Field(() => LedgerTotals, { description: "The account's running totals now." })
  totals!: LedgerTotals
}

@ObjectType('LedgerEntry', { description: 'A transfer as one of its accounts sees it. Never changed once written.' })
export class LedgerEntry {
  @Field(() => ID, { description: 'Identifier of the transfer.' })
  transferId!: string

  @Field(() => String, { description: 'Position of the line in the whole ledger, ascending.' })
  position!: string

  @Field(() => Kind, { description: 'What the transfer did.' })
  kind!: Uppercase<RecordKind>

  @Field(() => String, { description: 'What the transfer was for: DEPOSIT, WITHDRAWAL, PACKET and others.' })
  purpose!: string

  @Field(() => Side, { description: 'Whether money came to this account or left it.' })
  side!: keyof typeof SIDES

  @Field(() => UInt64, { description: "How much was moved, reserved or released, in the asset's smallest unit." })
  amount!: bigint

  @Field(() => ID, { description: 'Number of the account on the other side of the transfer.' })
  counterAccountId!: string

  @Field(() => ID, {
    nullable: true,
    description: 'Identifier of the hold that a post, void or expiry resolves; null for other lines.'
  })
  holdId!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'When a hold expires unless it is resolved, ISO 8601; null for what does not expire.'
  })
  expiresAt!: string | null

  @Field(() => ID, {
    nullable: true,
    description: 'Identifier of what the transfer belongs to, where that is not its account; null elsewhere.'
  })
  reference!: string | null

  @Field(() => String, { description: 'When the transfer became final in the books, ISO 8601.' })
  recordedAt!: string

  @Field(() => LedgerTotals, { description: "The account's running totals after this line." })
  totals!: LedgerTotals
}

@ObjectType('LedgerEntryEdge', { description: "One line of an account's statement." })
class LedgerEntryEdge {
  @Field(() => String, { description: 'Marks the place of this line, for `after`.' })
  cursor!: string

  @Field(() => LedgerEntry, { description: 'The line of the statement.' })
  node!: LedgerEntry
}

@ObjectType('LedgerStatementConnection', { description: "A page of an account's lines, in ledger order." })
export class LedgerStatementConnection implements Connection<LedgerEntry> {
  @Field(() => [LedgerEntryEdge], { description: 'The lines with their cursors.' })
  edges!: LedgerEntryEdge[]

  @Field(() => PageInfo, { description: 'Where the page lies in the statement.' })
  pageInfo!: PageInfo
}

const PURPOSE_NAMES = inverse(ACCOUNT_CODES) as Map<number, keyof typeof PURPOSES>
const TRANSFER_PURPOSE_NAMES = inverse(TRANSFER_CODES)

function inverse(codes: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]))
}

export function totalsNode({ debitsPosted, debitsPending, creditsPosted, creditsPending }: Totals): LedgerTotals {
  return Object.assign(new LedgerTotals(), { debitsPosted, debitsPending, creditsPosted, creditsPending })
}

export function ledgerAccountNode(account: Account): LedgerAccountNode {
  const purpose = PURPOSE_NAMES.get(account.code)
  if (!purpose) throw new Error(`account ${account.id} has an unknown code ${account.code}`)
  const { debitsPosted, debitsPending, creditsPosted } = account
  const balance =
    purpose === 'SETTLEMENT'
      ? debitsPosted + debitsPending - creditsPosted
      : creditsPosted - debitsPosted - debitsPending
  const { owner: ownerId, ledger, closed } = account
  const totals = totalsNode(account)
  return Object.assign(new LedgerAccountNode(), {
    id: String(account.id),
    ownerId,
    purpose,
    ledger,
    closed,
    balance,
    totals
  })
}

/** How the account `id` sees an entry of its history. */
export function ledgerEntry(id: string, { transfer, recordedMicroseconds, totals }: HistoryEntry): LedgerEntry {
  const isDebit = String(transfer.debitAccountId) === id
  return Object.assign(new LedgerEntry(), {
    transferId: transfer.id,
    position: String(transfer.sequence),
    kind: transfer.kind.toUpperCase() as Uppercase<RecordKind>,
    purpose: TRANSFER_PURPOSE_NAMES.get(transfer.code) ?? String(transfer.code),
    side: isDebit ? 'DEBIT' : 'CREDIT',
    amount: transfer.amount,
    counterAccountId: String(isDebit ? transfer.creditAccountId : transfer.debitAccountId),
    holdId: transfer.holdId,
    expiresAt: transfer.expiresMicroseconds === null ? null : isoOf(transfer.expiresMicroseconds),
    reference: transfer.reference,
    recordedAt: isoOf(recordedMicroseconds),
    totals: totalsNode(totals)
  } as const)
}

function isoOf(microseconds: bigint): string {
  return new Date(Number(microseconds / 1_000n)).toISOString()
}
