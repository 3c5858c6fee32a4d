/** The state of the ramp: what there is, and whether everything that must always hold does. */
import type { Reader } from '../../../database/reader'
import { accountsReport, type AccountsReport, type ReportedLedger } from './accounts'
import type { RampFinding } from './findings'

export interface RampReport {
  readonly accounts: AccountsReport
  /** Empty in a sound ramp. */
  readonly findings: readonly RampFinding[]
}

export async function rampReport(reader: Reader, ledger: ReportedLedger): Promise<RampReport> {
  const accounts = await accountsReport(reader, ledger)
  return { accounts, findings: accounts.findings }
}
