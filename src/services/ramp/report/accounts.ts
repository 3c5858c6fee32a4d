/**
 * Whether the money of the ramp is all there and belongs to whom it should, beside a running service.
 *
 * Sums of the ledger are of one moment. What else is read may be a moment older or newer than the ledger, so
 * nothing counts as wrong that was changed while it was looked at.
 */
import type { Reader } from '../../../database/reader'
import type { AccountSums } from '../../../ledger/engine'
import type { Account, AccountId } from '../../../ledger/types'
import { RAMP_ACCOUNT_CODES } from '../../ledger-codes'
import { USD_LEDGER } from '../parties/ramp-accounts'
import type { RampFinding } from './findings'
import { conservationOf, heldLines, sumFindings, unitLines, type HeldLine, type UnitLine } from './sums'

/** What of the ledger a report reads. */
export interface ReportedLedger {
  sums(ledgers: readonly number[]): Promise<AccountSums[]>
  accounts(ids: readonly AccountId[]): Promise<(Account | undefined)[]>
}

export interface AccountsReport {
  readonly units: readonly UnitLine[]
  readonly held: readonly HeldLine[]
  /** Held on chains, and what agents may owe: millionths of a USD. */
  readonly assets: bigint
  /** What everybody has. */
  readonly liabilities: bigint
  /** Accounts of agents, merchants and payment methods that were looked at. */
  readonly accounts: number
  readonly findings: readonly RampFinding[]
}

const PIECE_ROWS = 500
/** How often what keeps changing is looked at again. */
const LOOKS_MAX = 5

const UNITS = { name: 'ramp_report_units', text: 'SELECT code, ledger FROM ramp_ledger ORDER BY ledger', values: [] }

/** Who says to have which account: id, account, code and unit, by id from $1 on. */
const OWNERS = {
  agent_balance: `SELECT id, balance_account_id AS account_id, ${RAMP_ACCOUNT_CODES.AGENT_BALANCE} AS code,
    '${USD_LEDGER}' AS unit FROM ramp_agent AS party`,
  agent_credit: `SELECT id, credit_account_id AS account_id, ${RAMP_ACCOUNT_CODES.AGENT_CREDIT} AS code,
    '${USD_LEDGER}' AS unit FROM ramp_agent AS party`,
  merchant: `SELECT id, balance_account_id AS account_id, ${RAMP_ACCOUNT_CODES.MERCHANT_BALANCE} AS code,
    '${USD_LEDGER}' AS unit FROM ramp_merchant AS party`,
  payment_method: `SELECT party.id, liquidity_account_id AS account_id, ${RAMP_ACCOUNT_CODES.FIAT_LIQUIDITY} AS code,
    country.currency_code AS unit FROM ramp_payment_method AS party
    JOIN ramp_rail AS rail ON rail.id = party.rail_id AND party.liquidity_account_id IS NOT NULL
    JOIN ramp_country AS country ON country.id = rail.country_id`
} as const

interface OwnerRow {
  readonly id: string
  readonly account_id: string | null
  readonly code: number
  readonly unit: string
}

interface CreditRow {
  readonly id: string
  readonly credit_account_id: string
  readonly credit_line: string
  readonly credit_version: number
}

const CREDIT = `SELECT id, credit_account_id, credit_line, credit_version FROM ramp_agent`
const LINES = {
  name: 'ramp_report_credit_lines',
  text: `SELECT coalesce(sum(credit_line), 0) AS granted, coalesce(sum(credit_version), 0) AS version FROM ramp_agent`,
  values: []
}

export async function accountsReport(reader: Reader, ledger: ReportedLedger): Promise<AccountsReport> {
  const rows = await reader.rows<{ code: string; ledger: number }>(UNITS)
  const units = new Map(rows.map(({ code, ledger: number }) => [number, code]))
  const sums = await ledger.sums([...units.keys()])
  const held = heldLines(units, sums)
  const owners = await ownerFindings(reader, ledger, units)
  const credit = [...(await freeCreditFindings(reader, ledger)), ...(await grantedFindings(reader, ledger, units))]
  return {
    units: unitLines(units, sums),
    held,
    ...conservationOf(held),
    accounts: owners.accounts,
    findings: [...sumFindings(units, sums), ...owners.findings, ...credit]
  }
}

async function ownerFindings(
  reader: Reader,
  ledger: ReportedLedger,
  units: ReadonlyMap<number, string>
): Promise<{ readonly accounts: number; readonly findings: RampFinding[] }> {
  const findings: RampFinding[] = []
  let count = 0
  for (const [name, text] of Object.entries(OWNERS)) {
    for await (const piece of pieces<OwnerRow>(reader, `ramp_report_${name}`, text, 'party.id')) {
      const own = piece.filter((row) => row.account_id !== null)
      const accounts = await ledger.accounts(own.map((row) => BigInt(row.account_id!)))
      count += own.length
      own.forEach((row, index) => {
        const account = accounts[index]
        const isOwn = account?.owner === row.id && account.code === row.code && units.get(account.ledger) === row.unit
        if (isOwn) return
        const problem = `account ${row.account_id} is not its account of code ${row.code} in ${row.unit}`
        findings.push({ invariant: 'accounts_belong', subject: `${name} ${row.id}`, problem })
      })
    }
  }
  return { accounts: count, findings }
}

/** No agent has more credit free than its line. */
async function freeCreditFindings(reader: Reader, ledger: ReportedLedger): Promise<RampFinding[]> {
  const findings: RampFinding[] = []
  for await (const piece of pieces<CreditRow>(reader, 'ramp_report_credit', CREDIT, 'id')) {
    let rows = piece
    for (let look = 1; rows.length > 0 && look <= LOOKS_MAX; look++) {
      const accounts = await ledger.accounts(rows.map((row) => BigInt(row.credit_account_id)))
      const after = await reader.rows<CreditRow>({
        name: 'ramp_report_credit_again',
        text: `${CREDIT} WHERE id = ANY($1::uuid[]) ORDER BY id`,
        values: [rows.map(({ id }) => id)]
      })
      const suspects = rows.filter((row, index) => !isCovered(row, accounts[index]))
      const versions = new Map(after.map((row) => [row.id, row.credit_version]))
      for (const { id, credit_line: line, credit_version: version } of suspects) {
        if (versions.get(id) !== version) continue
        const problem = `more credit is free than its line of ${line}`
        findings.push({ invariant: 'credit_is_covered', subject: `agent ${id}`, problem })
      }
      const changed = new Set(suspects.filter((row) => versions.get(row.id) !== row.credit_version).map(({ id }) => id))
      rows = after.filter(({ id }) => changed.has(id))
    }
  }
  return findings
}

function isCovered({ credit_line: line }: CreditRow, account: Account | undefined): boolean {
  return account !== undefined && account.creditsPosted - account.debitsPosted <= BigInt(line)
}

/** What agents may owe is what they were granted. */
async function grantedFindings(
  reader: Reader,
  ledger: ReportedLedger,
  units: ReadonlyMap<number, string>
): Promise<RampFinding[]> {
  type Row = { granted: string; version: string }
  const usd = [...units].filter(([, unit]) => unit === USD_LEDGER).map(([number]) => number)
  for (let look = 1; look <= LOOKS_MAX; look++) {
    const [before] = await reader.rows<Row>(LINES)
    const extended = heldLines(units, await ledger.sums(usd)).filter(({ kind }) => kind === 'CREDIT_EXTENDED')
    const [after] = await reader.rows<Row>(LINES)
    if (before?.version !== after?.version || before?.granted !== after?.granted) continue
    const owed = extended.reduce((sum, { amount }) => sum + amount, 0n)
    if (owed === BigInt(before!.granted)) return []
    const problem = `${before!.granted} were granted, and ${owed} may be owed`
    return [{ invariant: 'credit_is_covered', subject: 'platform:credit_extended', problem }]
  }
  return []
}

/** Rows by id, a piece at a time. */
async function* pieces<Row extends { readonly id: string }>(
  reader: Reader,
  name: string,
  select: string,
  id: string
): AsyncGenerator<Row[]> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const text = `${select} WHERE ${id} > $1 ORDER BY ${id} LIMIT ${PIECE_ROWS}`
    const rows = await reader.rows<Row>({ name, text, values: [after] })
    if (rows.length > 0) yield rows
    if (rows.length < PIECE_ROWS) return
    after = rows.at(-1)!.id
  }
}
