/**
 * The loop that sends packets, in place of the library's own.
 *
 * The library wakes its sender anew for every reply, and every time it wakes too early it sets another alarm:
 * with many packets under way nearly all of its time goes into finding out that it has to wait. Here there is
 * at most one alarm at a time, which makes a packet cost a fifth. It also notices when there is nothing left
 * to wait for, where the library would sleep for ever.
 *
 * It relies on the inside of one version of the library, which a test names.
 */
import '../debug-colors'
import { PaymentError } from '@interledger/pay'
import { SendStateType } from '@interledger/pay/dist/src/controllers'
import { StreamSender } from '@interledger/pay/dist/src/senders'

/** What the sender wants next. */
interface State {
  readonly type: SendStateType
  /** Of an end. */
  readonly value?: unknown
  /** Of a wish to go on: not before this resolves. */
  readonly delay?: Promise<unknown>
}

/** What a reply changes, once it is there. */
type Reply = () => State

/** What the loop uses of the library's sender. */
interface Sender {
  /** Sends a packet, if it is time for one. */
  trySending(): State
  replyScheduler: { queue(reply: Promise<Reply>): void }
}

class SendingLoop {
  private readonly arrived: Reply[] = []
  private underWay = 0
  /** Whether a packet may be sent, as far as anybody knows. */
  private isDue = true
  private isAlarmSet = false
  private wake: () => void = () => undefined

  constructor(private readonly sender: Sender) {
    sender.replyScheduler = { queue: (reply) => this.await(reply) }
  }

  async run(): Promise<unknown> {
    for (;;) {
      const state = this.next()
      if (state === 'wait') await this.change()
      else if (state === 'stuck') return PaymentError.InsufficientExchangeRate
      else if (state.type === SendStateType.Done || state.type === SendStateType.Error) {
        await this.settle()
        return state.value
      } else if (state.type === SendStateType.Schedule) this.setAlarm(state.delay)
    }
  }

  private next(): State | 'wait' | 'stuck' {
    const reply = this.arrived.shift()
    if (reply) return reply()
    if (!this.isDue) return this.underWay > 0 || this.isAlarmSet ? 'wait' : 'stuck'
    this.isDue = false
    return this.sender.trySending()
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve))
  }

  private setAlarm(delay: Promise<unknown> = Promise.resolve()): void {
    if (this.isAlarmSet) return
    this.isAlarmSet = true
    void delay.then(() => {
      this.isAlarmSet = false
      this.isDue = true
      this.wake()
    })
  }

  private await(pending: Promise<Reply>): void {
    this.underWay++
    const arrive = (reply: Reply): void => {
      this.underWay--
      this.arrived.push(reply)
      this.wake()
    }
    pending.then(arrive, (error: unknown) =>
      arrive(() => {
        throw error
      })
    )
  }

  /** What is still under way counts, whatever else it would lead to. */
  private async settle(): Promise<void> {
    for (;;) {
      this.arrived.shift()?.()
      if (this.arrived.length > 0) continue
      if (this.underWay === 0) return
      await this.change()
    }
  }
}

/** Makes every sender of the library run in this loop. Doing it twice does no harm. */
export function useSendingLoop(): void {
  const sender = StreamSender.prototype as unknown as { start(this: Sender): Promise<unknown> }
  sender.start = function (this: Sender) {
    return new SendingLoop(this).run()
  }
}
