/**
 * Whether the ledger has of every order what its state says: its reservations while it is open, and nothing once
 * it has ended, when what was reserved and what was paid out of it are the same.
 *
 * It reads beside a running service, so an order that was changed while it was looked at is looked at again.
 */
import type { Reader } from '../../../database/reader'
import type { RampPayment, RampRequest } from '../../../entities'
import type { HoldState, TransferRecord } from '../../../ledger/types'
import { Identifiers } from '../../identifiers'
import { fundsHold, transfersOf } from '../orders/legs'
import { WAITS_FOR_AGENT } from '../orders/statements'
import { FROM_PAYMENTS } from '../payments'
import type { RampFinding } from './findings'

/** What of the ledger this report reads. */
export interface OrderLedger {
  transfers(ids: readonly string[]): Promise<(TransferRecord & { state?: HoldState })[]>
}

export interface OrdersReport {
  /** Orders that were looked at. */
  readonly orders: number
  readonly findings: readonly RampFinding[]
}

type Request = Pick<RampRequest, 'id' | 'paymentType' | 'status' | 'amountUsd' | 'fee' | 'paymentId'>
type Payment = Pick<
  RampPayment,
  | 'id'
  | 'requestId'
  | 'assignment'
  | 'paymentType'
  | 'status'
  | 'acceptedAt'
  | 'paidAt'
  | 'heldBalance'
  | 'heldCredit'
  | 'agentAmountUsd'
>

interface Looked {
  readonly request: Request
  readonly payments: readonly Payment[]
}

type Transfers = ReadonlyMap<string, TransferRecord & { state?: HoldState }>

/** Orders that are looked at together. */
const PIECE_ROWS = 200
/** Ids that are read together. */
const IDS_MAX = 5_000
/** How often what keeps changing is looked at again. */
const LOOKS_MAX = 5
const NIL = '00000000-0000-0000-0000-000000000000'

/** Of all orders; with `since` of those that are open, and of those that were made or ended since then. */
export async function ordersReport(reader: Reader, ledger: OrderLedger, since?: Date): Promise<OrdersReport> {
  const findings: RampFinding[] = []
  let orders = 0
  for (let after = NIL; ;) {
    const ids = await idsAfter(reader, after, since)
    for (let index = 0; index < ids.length; index += PIECE_ROWS) {
      findings.push(...(await findingsOf(reader, ledger, ids.slice(index, index + PIECE_ROWS))))
    }
    orders += ids.length
    if (ids.length < IDS_MAX) return { orders, findings }
    after = ids.at(-1)!
  }
}

/**
 * Each part is found in an index that has little else in it, whatever page it is for. An assignment is open as long as
 * time may do something to it, or has flagged it.
 */
const RECENT = `WITH assigned AS MATERIALIZED (
  SELECT id FROM ramp_payment WHERE due_at IS NOT NULL
  UNION SELECT id FROM ramp_payment AS payment WHERE overdue_at IS NOT NULL AND ${WAITS_FOR_AGENT}
  UNION SELECT id FROM ramp_payment WHERE status IN ('completed', 'canceled') AND updated_at >= $2),
recent AS MATERIALIZED (
  SELECT id FROM ramp_request WHERE due_at IS NOT NULL
  UNION SELECT id FROM ramp_request WHERE id >= $3
  UNION SELECT request_id FROM ramp_payment_terms WHERE id = ANY(ARRAY(SELECT id FROM assigned)))
  SELECT id FROM recent`

async function idsAfter(reader: Reader, after: string, since: Date | undefined): Promise<string[]> {
  const page = `WHERE id > $1 ORDER BY id LIMIT ${IDS_MAX}`
  const rows = await reader.rows<{ id: string }>(
    since
      ? { name: 'ramp_report_recent', text: `${RECENT} ${page}`, values: [after, since, Identifiers.since(since)] }
      : { name: 'ramp_report_orders', text: `SELECT id FROM ramp_request ${page}`, values: [after] }
  )
  return rows.map(({ id }) => id)
}

async function findingsOf(reader: Reader, ledger: OrderLedger, ids: readonly string[]): Promise<RampFinding[]> {
  const findings: RampFinding[] = []
  let suspects = ids
  for (let look = 1; suspects.length > 0 && look <= LOOKS_MAX; look++) {
    const before = await read(reader, suspects)
    const wanted = before.flatMap(transferIds)
    const found: Transfers = new Map((await ledger.transfers(wanted)).map((transfer) => [transfer.id, transfer]))
    const bad = before.flatMap((order) => problemsOf(order, found).map((problem) => ({ order, problem })))
    const after = new Map(
      (
        await read(
          reader,
          bad.map(({ order }) => order.request.id)
        )
      ).map((order) => [order.request.id, versionOf(order)])
    )
    const isSame = ({ order }: (typeof bad)[number]): boolean => after.get(order.request.id) === versionOf(order)
    for (const { order, problem } of bad.filter(isSame)) {
      findings.push({ invariant: 'orders_settle', subject: `order ${order.request.id}`, problem })
    }
    suspects = [...new Set(bad.filter((one) => !isSame(one)).map(({ order }) => order.request.id))]
  }
  return findings
}

interface OrderRow {
  readonly id: string
  readonly payment_type: RampRequest['paymentType']
  readonly status: RampRequest['status']
  readonly amount_usd: string | null
  readonly fee: string | null
  readonly payment_id: string | null
  readonly assignments: readonly AssignmentRow[]
}

/** As JSON has it: amounts as text. */
interface AssignmentRow {
  readonly id: string
  readonly assignment: number
  readonly status: RampPayment['status']
  readonly accepted_at: string | null
  readonly paid_at: string | null
  readonly held_balance: string
  readonly held_credit: string
  readonly agent_amount_usd: string
}

/** Orders with all their assignments. */
async function read(reader: Reader, ids: readonly string[]): Promise<Looked[]> {
  if (ids.length === 0) return []
  const rows = await reader.rows<OrderRow>({
    name: 'ramp_report_orders_whole',
    text: `SELECT request.id, request.payment_type, request.status, request.amount_usd, request.fee, request.payment_id,
        coalesce((SELECT json_agg(json_build_object('id', payment.id, 'assignment', terms.assignment,
            'status', payment.status, 'accepted_at', payment.accepted_at, 'paid_at', payment.paid_at,
            'held_balance', terms.held_balance::text, 'held_credit', terms.held_credit::text,
            'agent_amount_usd', terms.agent_amount_usd::text) ORDER BY terms.assignment)
          ${FROM_PAYMENTS} WHERE terms.request_id = request.id), '[]') AS assignments
      FROM ramp_request AS request WHERE request.id = ANY($1::uuid[]) ORDER BY request.id`,
    values: [ids]
  })
  return rows.map((row) => ({
    request: {
      id: row.id,
      paymentType: row.payment_type,
      status: row.status,
      amountUsd: row.amount_usd === null ? null : BigInt(row.amount_usd),
      fee: row.fee === null ? null : BigInt(row.fee),
      paymentId: row.payment_id
    },
    payments: row.assignments.map((assignment) => paymentOf(row, assignment))
  }))
}

function paymentOf({ id: requestId, payment_type: paymentType }: OrderRow, row: AssignmentRow): Payment {
  const instant = (text: string | null): Date | null => (text === null ? null : new Date(text))
  return {
    id: row.id,
    requestId,
    assignment: row.assignment,
    paymentType,
    status: row.status,
    acceptedAt: instant(row.accepted_at),
    paidAt: instant(row.paid_at),
    heldBalance: BigInt(row.held_balance),
    heldCredit: BigInt(row.held_credit),
    agentAmountUsd: BigInt(row.agent_amount_usd)
  }
}

/** Every step of an order writes one of these. */
function versionOf({ request, payments }: Looked): string {
  return [request.status, ...payments.map(({ id, status }) => `${id} ${status}`)].join()
}

function transferIds({ request, payments }: Looked): string[] {
  const assigned = payments.flatMap((payment) => {
    const { holds, legs, payout, otherPayout, reversal } = transfersOf(payment)
    return [...holds, ...legs, payout, otherPayout, reversal]
  })
  return [fundsHold(request), ...assigned]
}

function problemsOf(order: Looked, found: Transfers): string[] {
  const { request, payments } = order
  const isDeposit = request.paymentType === 'deposit'
  return [
    ...requestProblems(order),
    ...(isDeposit ? [] : fundsProblems(request, found)),
    ...payments.flatMap((payment) => [
      ...(isDeposit ? depositProblems(payment, found) : payoutProblems(payment, found)),
      ...legProblems(payment, request, found)
    ])
  ]
}

/** What the rows say of each other. */
function requestProblems({ request, payments }: Looked): string[] {
  const last = payments.at(-1)
  const problems: string[] = []
  if (request.paymentId !== (last?.id ?? null)) problems.push('its last assignment is not the one that it names')
  if (payments.slice(0, -1).some(({ status }) => status !== 'canceled')) problems.push('two agents have it')
  const isEnded = last?.status === 'completed' || last?.status === 'canceled'
  const expected = isEnded ? last.status : 'picked_up'
  if (last && request.status !== expected) problems.push(`it is ${request.status}, and its assignment ${last.status}`)
  return problems
}

function mismatch(what: string, expected: HoldState | undefined, found: HoldState | undefined): string[] {
  return expected === found ? [] : [`${what} should be ${expected ?? 'absent'}, and is ${found ?? 'absent'}`]
}

function fundsProblems(request: Request, found: Transfers): string[] {
  const states = { created: 'pending', picked_up: 'pending', completed: 'posted', canceled: 'voided' } as const
  const hold = found.get(fundsHold(request))
  const isRight = hold?.amount === (request.amountUsd ?? 0n) + (request.fee ?? 0n)
  return [
    ...mismatch('what the merchant reserved', states[request.status], hold?.state),
    ...(isRight ? [] : ['the merchant reserved another amount'])
  ]
}

function depositProblems(payment: Payment, found: Transfers): string[] {
  const states = {
    pending: 'pending',
    accepted: 'pending',
    paid: 'pending',
    completed: 'posted',
    canceled: 'voided'
  } as const
  const holds = transfersOf(payment).holds.map((id) => found.get(id))
  const total = holds.reduce((sum, hold) => sum + (hold?.amount ?? 0n), 0n)
  return [
    ...holds.flatMap((hold) => mismatch('what the agent reserved', states[payment.status], hold?.state)),
    ...(total === payment.agentAmountUsd ? [] : ['the agent reserved another amount'])
  ]
}

/** The fiat of a withdrawal: reserved when accepted, final when paid, given back when the operator says so. */
function payoutProblems(payment: Payment, found: Transfers): string[] {
  const { payout, otherPayout, reversal } = transfersOf(payment)
  const isPaid = payment.paidAt !== null
  const isOther = found.has(otherPayout)
  const reserved =
    payment.acceptedAt === null
      ? undefined
      : payment.status === 'accepted'
        ? 'pending'
        : isPaid && !isOther
          ? 'posted'
          : 'voided'
  const isReversed = isPaid && payment.status === 'canceled'
  return [
    ...mismatch('the fiat that the agent reserved', reserved, found.get(payout)?.state),
    ...(isReversed === found.has(reversal) ? [] : ['its payout was reversed wrongly, or not at all'])
  ]
}

/** What came into clearing for an order left it again, and only if the order was completed. */
function legProblems(payment: Payment, request: Request, found: Transfers): string[] {
  const { holds, legs } = transfersOf(payment)
  const sum = (ids: readonly string[]): bigint => ids.reduce((total, id) => total + (found.get(id)?.amount ?? 0n), 0n)
  const cameIn = payment.paymentType === 'deposit' ? sum(holds) : sum([fundsHold(request)])
  const expected = payment.status === 'completed' ? cameIn : 0n
  return sum(legs) === expected ? [] : [`${sum(legs)} of ${expected} were paid out of clearing`]
}
