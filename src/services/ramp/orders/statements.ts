/** What else changes with a step of an order: the quote, the agent's figures, the customer's day. */
import type { MergedRow, Statement } from '../../../database/statement'
import type { RampPayment, RampQuote, RampRequest } from '../../../entities'
import type { OrderAgent } from './order'

const DAY_MILLISECONDS = 86_400_000

/** Counted from the epoch, in UTC. */
export function dayOf(now: Date): number {
  return Math.floor(now.getTime() / DAY_MILLISECONDS)
}

export const QUOTE_USED = 'ramp_quote_use'
export const DAY_COUNTED = 'ramp_customer_day_count'
export const AGENT_ASSIGNED = 'ramp_agent_assigned'
export const AGENT_COMPLETED = 'ramp_agent_completed'

/** The quote, as it was read, makes this order and no other. Orders that are stored together share it. */
export function useQuote(quote: RampQuote, requestId: string): MergedRow {
  return {
    name: QUOTE_USED,
    text: `UPDATE ramp_quote AS quote SET request_id = fresh.request_id
      FROM unnest($1::uuid[], $2::integer[], $3::uuid[]) AS fresh (id, version, request_id)
      WHERE quote.id = fresh.id AND quote.version = fresh.version AND quote.request_id IS NULL`,
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

/** Takes a canceled order out of its day. */
export function discountFromDay({ customerId, countedDay, amountUsd }: RampRequest): Statement[] {
  if (countedDay === null || amountUsd === null) return []
  return [
    {
      name: 'ramp_customer_day_discount',
      text: `UPDATE ramp_customer_day SET amount_usd = amount_usd - $3::numeric WHERE customer_id = $1 AND day = $2`,
      values: [customerId, countedDay, amountUsd],
      rowsExpected: 1
    }
  ]
}

/** Notes that an agent was given an order. */
export function assignAgent({ id }: OrderAgent, now: Date): Statement {
  return {
    name: AGENT_ASSIGNED,
    text: `UPDATE ramp_agent SET last_assigned_at = greatest(last_assigned_at, $2) WHERE id = $1`,
    values: [id, now],
    rowsExpected: 1
  }
}

/**
 * Counts a completed order for its agent. What was worked out from its credit line counts only while that is as it
 * was read, and what moves credit says so; an agent without a line needs no such care.
 */
export function completeAgent(agent: OrderAgent, payment: RampPayment, movesCredit: boolean): Statement {
  const isDeposit = payment.paymentType === 'deposit'
  const [deposits, depositFiat, depositUsd] = isDeposit ? [1, payment.amountLocal, payment.amountUsd] : [0, 0n, 0n]
  const [withdrawals, fiat, usd] = isDeposit ? [0, 0n, 0n] : [1, payment.amountLocal, payment.amountUsd]
  return {
    name: AGENT_COMPLETED,
    text: `UPDATE ramp_agent SET
        deposits_completed = deposits_completed + $2, total_deposit_fiat = total_deposit_fiat + $3,
        total_deposit_usd = total_deposit_usd + $4, withdrawals_completed = withdrawals_completed + $5,
        total_withdrawal_fiat = total_withdrawal_fiat + $6, total_withdrawal_usd = total_withdrawal_usd + $7,
        bonus_earnings = bonus_earnings + $8, credit_version = credit_version + $9
      WHERE id = $1 AND ($10::integer IS NULL OR credit_version = $10)`,
    values: [
      agent.id,
      deposits,
      depositFiat,
      depositUsd,
      withdrawals,
      fiat,
      usd,
      payment.agentCutOfFees,
      movesCredit ? 1 : 0,
      agent.creditLine > 0n ? agent.creditVersion : null
    ],
    rowsExpected: 1
  }
}
