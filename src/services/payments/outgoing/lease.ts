/**
 * A payment that is in one worker's hands, for as long as it says so in time. An attempt may take minutes; a
 * worker that is stuck or cut off for longer than the lease must not send any more, as another one will. With
 * every word it says how far the payment has come.
 */
import type { Reader } from '../../../database/reader'
import type { OutgoingPayment } from '../../../entities'
import type { RequestContext } from '../../context'
import type { Progress } from './transitions'

/** How long a payment stays in the hands of a worker without a word. */
export const PAYMENT_LEASE_MILLISECONDS = 30_000
/** How often a worker says so. */
const RENEWAL_MILLISECONDS = PAYMENT_LEASE_MILLISECONDS / 3
/** A worker stops this long before others may begin, so that what it has just begun is seen by then. */
const MARGIN_MILLISECONDS = 8_000

const RENEW = {
  name: 'outgoing_payment_renew_lease',
  text: `UPDATE outgoing_payment SET due_at = $3, sent_amount = $4, delivered_amount = $5
    WHERE id = $1 AND lease = $2 AND state = 'SENDING' RETURNING id`
} as const

export class Lease {
  /** On the process's own clock, which never goes back. */
  private heldUntilMilliseconds: number
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly database: Pick<Reader, 'rows'>,
    private readonly context: RequestContext,
    private readonly payment: OutgoingPayment,
    /** How far the payment has come by now. */
    private readonly progress: () => Promise<Progress>
  ) {
    const left = (payment.dueAt?.getTime() ?? 0) - context.now().getTime()
    this.heldUntilMilliseconds = performance.now() + left
    this.timer = setInterval(() => void this.renew(), RENEWAL_MILLISECONDS)
    this.timer.unref()
  }

  /** Whether nobody else can have the payment in hand. */
  isHeld(): boolean {
    return performance.now() < this.heldUntilMilliseconds - MARGIN_MILLISECONDS
  }

  /** Says nothing more. The payment is let go of by what is stored of the attempt. */
  end(): void {
    clearInterval(this.timer)
  }

  /** Says that it is still in hand. It happens by itself, from time to time. */
  async renew(): Promise<void> {
    const { id, lease } = this.payment
    try {
      const { sentAmount, deliveredAmount } = await this.progress()
      const begun = performance.now()
      const leaseEnd = new Date(this.context.now().getTime() + PAYMENT_LEASE_MILLISECONDS)
      const values = [id, lease, leaseEnd, String(sentAmount), String(deliveredAmount)]
      const rows = await this.database.rows({ ...RENEW, values })
      this.heldUntilMilliseconds = rows.length > 0 ? begun + PAYMENT_LEASE_MILLISECONDS : -Infinity
    } catch (error) {
      this.context.logger.warn({ error, paymentId: id }, 'The lease of a payment could not be renewed')
    }
  }
}
