import type { Reader } from '../../../database/reader'
import type { OrderLedger } from '../report/orders'
import type { ReportedLedger } from '../report/accounts'
import { rampReport, type RampReport } from '../report/report'

/** What is over for longer changes no more; all of it is looked at by `hazina verify`. */
const LOOKED_BACK_MILLISECONDS = 86_400_000

export interface RecentReport extends RampReport {
  /** Orders that ended before were not looked at. */
  readonly ordersSince: Date
}

/** Where the money of the ramp is, whenever the operator asks. All who ask at the same time get the same report. */
export class LedgerReport {
  private underWay: Promise<RecentReport> | undefined

  /** The reader is this report's own, so that its many reads keep nobody waiting. */
  constructor(
    private readonly reader: Reader,
    private readonly ledger: ReportedLedger & OrderLedger,
    private readonly now: () => Date
  ) {}

  read(): Promise<RecentReport> {
    this.underWay ??= this.make().finally(() => {
      this.underWay = undefined
    })
    return this.underWay
  }

  private async make(): Promise<RecentReport> {
    const ordersSince = new Date(this.now().getTime() - LOOKED_BACK_MILLISECONDS)
    return { ...(await rampReport(this.reader, this.ledger, ordersSince)), ordersSince }
  }
}
