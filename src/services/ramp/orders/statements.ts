/** What else changes with a step of an order: the quote, the agent's figures, the customer's day. */
import type { Attachment, MergedRow, Statement } from '../../../database/statement'
import type { RampPayment, RampQuote, RampRequest } from '../../../entities'
import type { OrderAgent } from './order'

const DAY_MILLISECONDS = 86_400_000

/** Counted from the epoch, in UTC. */
export function dayOf(now: Date): number {
  return Math.floor(now.getTime() / DAY_MILLISECONDS)
}

/** An agent owes an answer: it accepted a withdrawal, or a deposit is said to be paid. */
export const WAITS_FOR_AGENT = `(payment.status = 'accepted'
  OR (payment.status = 'paid' AND payment.payment_type = 'deposit'))`

export const QUOTE_USED = 'ramp_quote_use'
export const DAY_COUNTED = 'ramp_customer_day_count'
export const AGENT_ASSIGNED = 'ramp_agent_assigned'
export const AGENT_COMPLETED = 'ramp_agent_completed'

/**
 * That a quote is not used yet, asked so that it is still found by its id: a plain condition would let the index of
 * unused quotes seem to do, and all of them be looked through.
 */
export const IS_UNUSED = 'num_nulls(quote.request_id) = 1'

/** The quote, as it was read, makes this order and no other. Orders that are stored together share it. */
export function useQuote(quote: RampQuote, requestId: string): MergedRow {
  return {
    name: QUOTE_USED,
    text: `UPDATE ramp_quote AS quote SET request_id = fresh.request_id
      FROM unnest($1::uuid[], $2::integer[], $3::uuid[]) AS fresh (id, version, request_id)
      WHERE quote.id = fresh.id AND quote.version = fresh.version AND ${IS_UNUSED}`,
    row: [quote.id, quote.version, requestId]
  }
}

/** Counts an order for its customer's day, unless that is more than may be. */
export function countForDay(customerId: string, day: number, amountUsd: bigint, limitUsd: bigint): Statement {
  return {
    name: DAY_COUNTED,
    text: `INSERT INTO ramp_customer_day AS total (customer_id, day, amount_usd)
      SELECT $1::uuid, $2::integer, $3::numeric WHERE $3::numeric <= $4::numeric
      ON CONFLICT (customer_id, day) DO UPDATE SET amount_usd = total.amount_usd + excluded.amount_usd
        WHERE total.amount_usd + excluded.amount_usd <= $4::numeric`,
    values: [customerId, day, amountUsd, limitUsd],
    rowsExpected: 1
  }
}

/** Takes a canceled order out of its day. One that is long past may be gone, and limits nobody any more. */
export function discountFromDay({ customerId, countedDay, amountUsd }: RampRequest): Statement[] {
  if (countedDay === null || amountUsd === null) return []
  return [
    {
      name: 'ramp_customer_day_discount',
      text: `UPDATE ramp_customer_day SET amount_usd = amount_usd - $3::numeric WHERE customer_id = $1 AND day = $2`,
      values: [customerId, countedDay, amountUsd]
    }
  ]
}

/** Notes that an agent was given an order. Orders that are stored together share it, as do several of one agent. */
export function assignAgent({ id }: OrderAgent, now: Date): MergedRow {
  return {
    name: AGENT_ASSIGNED,
    text: `UPDATE ramp_agent AS agent SET last_assigned_at = greatest(agent.last_assigned_at, fresh.assigned_at)
      FROM (SELECT id, max(assigned_at) AS assigned_at FROM unnest($1::uuid[], $2::timestamptz[])
          AS fresh (id, assigned_at) GROUP BY id ORDER BY id) AS fresh
      WHERE agent.id = fresh.id`,
    row: [id, now],
    isUncounted: true
  }
}

/**
 * Counts a completed order for its agent. What was worked out from its credit line counts only while that is as it
 * was read, and what moves credit says so, so these are told apart; for all others orders that are stored together
 * share it.
 */
export function completeAgent(agent: OrderAgent, payment: RampPayment, movesCredit: boolean): Attachment {
  const isDeposit = payment.paymentType === 'deposit'
  const [deposits, depositFiat, depositUsd] = isDeposit ? [1, payment.amountLocal, payment.amountUsd] : [0, 0n, 0n]
  const [withdrawals, fiat, usd] = isDeposit ? [0, 0n, 0n] : [1, payment.amountLocal, payment.amountUsd]
  const row = [agent.id, deposits, depositFiat, depositUsd, withdrawals, fiat, usd, payment.agentCutOfFees]
  const hasLine = agent.creditLine > 0n
  if (!hasLine && !movesCredit) return { ...COUNT_COMPLETED, row, isUncounted: true }
  return {
    ...COMPLETE_WITH_CREDIT,
    values: [...row, movesCredit ? 1 : 0, hasLine ? agent.creditVersion : null],
    rowsExpected: 1
  }
}

const COUNT_COMPLETED = {
  name: 'ramp_agent_count_completed',
  text: `UPDATE ramp_agent AS agent SET
      deposits_completed = agent.deposits_completed + fresh.deposits,
      total_deposit_fiat = total_deposit_fiat + fresh.deposit_fiat,
      total_deposit_usd = total_deposit_usd + fresh.deposit_usd,
      withdrawals_completed = agent.withdrawals_completed + fresh.withdrawals,
      total_withdrawal_fiat = total_withdrawal_fiat + fresh.withdrawal_fiat,
      total_withdrawal_usd = total_withdrawal_usd + fresh.withdrawal_usd,
      bonus_earnings = bonus_earnings + fresh.bonus
    FROM (
      SELECT id, sum(deposits) AS deposits, sum(deposit_fiat) AS deposit_fiat, sum(deposit_usd) AS deposit_usd,
        sum(withdrawals) AS withdrawals, sum(withdrawal_fiat) AS withdrawal_fiat,
        sum(withdrawal_usd) AS withdrawal_usd, sum(bonus) AS bonus
      FROM unnest($1::uuid[], $2::integer[], $3::numeric[], $4::numeric[], $5::integer[], $6::numeric[],
          $7::numeric[], $8::numeric[])
        AS fresh (id, deposits, deposit_fiat, deposit_usd, withdrawals, withdrawal_fiat, withdrawal_usd, bonus)
      GROUP BY id ORDER BY id) AS fresh
    WHERE agent.id = fresh.id`
} as const

const COMPLETE_WITH_CREDIT = {
  name: AGENT_COMPLETED,
  text: `UPDATE ramp_agent SET
      deposits_completed = deposits_completed + $2, total_deposit_fiat = total_deposit_fiat + $3,
      total_deposit_usd = total_deposit_usd + $4, withdrawals_completed = withdrawals_completed + $5,
      total_withdrawal_fiat = total_withdrawal_fiat + $6, total_withdrawal_usd = total_withdrawal_usd + $7,
      bonus_earnings = bonus_earnings + $8, credit_version = credit_version + $9
    WHERE id = $1 AND ($10::integer IS NULL OR credit_version = $10)`
} as const
