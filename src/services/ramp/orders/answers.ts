/** What the end of a step is to whoever asked for it, and what all commands check alike. */
import { done, refused } from '../../answer'
import { isStorable, LONG_TEXT_LENGTH_MAX } from '../../text'
import type { RampAnswer, RampFailure } from '../failures'
import { OVERTAKEN } from '../parties/overtaken'
import { TRANSITIONS, type TransitionName } from './life-cycle'
import type { RampPayment } from '../../../entities'
import type { StepEnd } from './order-writer'

/** An answer, or that the order has to be looked at again. */
export type Attempt = RampAnswer<true> | typeof OVERTAKEN

/** `short` is what it means that the money of this step was not there. */
export function attemptOf(end: StepEnd, short: RampFailure = 'INSUFFICIENT_LIQUIDITY'): Attempt {
  switch (end) {
    case 'done':
      return done(true)
    case 'short':
      return refused(short)
    case 'over_limit':
      return refused('DAILY_LIMIT_EXCEEDED')
    case OVERTAKEN:
      return OVERTAKEN
  }
}

export function isOfDirection(
  name: TransitionName,
  { payment }: { payment: Pick<RampPayment, 'paymentType'> }
): boolean {
  return TRANSITIONS[name].direction === payment.paymentType
}

/** Null for none, undefined for one that cannot be stored. */
export function receiptOf(receipt: string | null | undefined): string | null | undefined {
  const text = receipt?.trim() ?? ''
  if (text === '') return null
  return isStorable(text, LONG_TEXT_LENGTH_MAX) ? text : undefined
}

/** The same of a line about the payer. */
export function hintOf(text: string | null | undefined): string | null | undefined {
  const hint = text?.trim() ?? ''
  if (hint === '') return null
  return isStorable(hint) ? hint : undefined
}
