/** The state of the ramp: what there is, and whether everything that must always hold does. */
import type { Reader } from '../../../database/reader'
import { accountsReport, type AccountsReport, type ReportedLedger } from './accounts'
import type { RampFinding } from './findings'
import { ordersReport, type OrderLedger, type OrdersReport } from './orders'

export interface RampReport {
  readonly accounts: AccountsReport
  readonly orders: OrdersReport
  /** Empty in a sound ramp. */
  readonly findings: readonly RampFinding[]
}

const HAS_RAMP = {
  name: 'ramp_report_has_ramp',
  text: `SELECT to_regclass('ramp_payment_method') IS NOT NULL AND to_regclass('ramp_payment') IS NOT NULL AS found`,
  values: []
}

/** Whether the database has the ramp's tables, which older schemas lack. */
export async function hasRamp(reader: Reader): Promise<boolean> {
  const [row] = await reader.rows<{ found: boolean }>(HAS_RAMP)
  return row?.found === true
}

/** With `since` orders that ended before are not looked at. */
export async function rampReport(
  reader: Reader,
  ledger: ReportedLedger & OrderLedger,
  since?: Date
): Promise<RampReport> {
  const accounts = await accountsReport(reader, ledger)
  const orders = await ordersReport(reader, ledger, since)
  return { accounts, orders, findings: [...accounts.findings, ...orders.findings] }
}
