import type { Reader } from '../../../database/reader'
import type { Ledger } from '../../../ledger/ledger'
import { rampReport, type RampReport } from '../report/report'

/** Where the money of the ramp is, whenever the operator asks. */
export class LedgerReport {
  constructor(
    private readonly reader: Reader,
    private readonly ledger: Ledger
  ) {}

  read(): Promise<RampReport> {
    return rampReport(this.reader, this.ledger)
  }
}
