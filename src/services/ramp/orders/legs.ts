/**
 * The ledger's side of every step. Ids follow from the order, the assignment, the step and the leg, so what was
 * done once cannot be done again. Legs of nothing are left out. The steps are known as
 *
 *   D1   reserves what the agent gives for a deposit
 *   D2   makes that final and divides it; D2f notes the fiat that the agent got
 *   W1   reserves what a withdrawal costs the merchant
 *   W2   reserves the fiat of the agent that accepted it; W2p notes that it was paid out
 *   W3   makes W1 final and divides it
 *   V    releases what D1, W1 or W2 reserved
 */
import type { RampPayment, RampRequest } from '../../../entities'
import type { Command, TransferCommand } from '../../../ledger/types'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import { derivedId } from '../transfer-ids'
import type { Split } from './credit'
import type { OrderAgent } from './order'

/** The accounts of which there is one. */
export interface PlatformAccounts {
  readonly clearing: bigint
  readonly fees: bigint
  readonly spread: bigint
  /** Of the order's currency. */
  readonly world: bigint
}

type TransferKind = keyof typeof RAMP_TRANSFER_CODES
type Assigned = Pick<RampPayment, 'requestId' | 'assignment'>
type Held = Assigned & Pick<RampPayment, 'heldBalance' | 'heldCredit'>

function assignedId({ requestId, assignment }: Assigned, step: string, leg: string): string {
  return derivedId('order', requestId, String(assignment), step, leg)
}

/** What belongs to the order itself, whoever has it. */
function orderId({ id }: Pick<RampRequest, 'id'>, step: string, leg: string): string {
  return derivedId('order', id, 'request', step, leg)
}

function transfer(
  id: string,
  kind: TransferKind,
  [debitAccountId, creditAccountId]: readonly [bigint, bigint],
  amount: bigint,
  reference: string
): TransferCommand[] {
  if (amount === 0n) return []
  return [{ type: 'transfer', id, debitAccountId, creditAccountId, amount, code: RAMP_TRANSFER_CODES[kind], reference }]
}

function held(commands: readonly TransferCommand[]): TransferCommand[] {
  return commands.map((command) => ({ ...command, pending: true }))
}

/** The holds of a deposit that exist, by their legs. */
function depositHolds(payment: Held): { readonly leg: string; readonly amount: bigint }[] {
  return [
    { leg: 'balance', amount: payment.heldBalance },
    { leg: 'credit', amount: payment.heldCredit }
  ].filter(({ amount }) => amount > 0n)
}

/** D1: what the agent gives for a deposit is reserved, its own money first. */
export function reserveDeposit(payment: RampPayment, agent: OrderAgent, { clearing }: PlatformAccounts): Command[] {
  const from: Readonly<Record<string, bigint>> = { balance: agent.balanceAccountId, credit: agent.creditAccountId }
  return depositHolds(payment).flatMap(({ leg, amount }) =>
    held(
      transfer(assignedId(payment, 'reserve', leg), 'DEPOSIT_HOLD', [from[leg]!, clearing], amount, payment.requestId)
    )
  )
}

/** D2 and D2f: it is made final and divided, and the fiat that the agent got is noted. `cut` is the agent's share. */
export function completeDeposit(
  payment: RampPayment,
  accounts: PlatformAccounts,
  to: { readonly merchant: bigint; readonly agent: OrderAgent; readonly liquidity: bigint },
  cut: Split
): Command[] {
  const { clearing, fees, spread, world } = accounts
  const { amountUsd, fee, agentCutOfFees, requestId } = payment
  const id = (leg: string): string => assignedId(payment, 'complete', leg)
  const pay = (leg: string, kind: TransferKind, account: bigint, amount: bigint): Command[] =>
    transfer(id(leg), kind, [clearing, account], amount, requestId)
  return [
    ...postDeposit(payment),
    ...pay('merchant', 'DEPOSIT_MERCHANT', to.merchant, amountUsd - fee),
    ...pay('fee', 'DEPOSIT_FEE', fees, fee - agentCutOfFees),
    ...pay('agent_credit', 'DEPOSIT_AGENT_SHARE', to.agent.creditAccountId, cut.credit),
    ...pay('agent_balance', 'DEPOSIT_AGENT_SHARE', to.agent.balanceAccountId, cut.balance),
    ...pay('spread', 'DEPOSIT_SPREAD', spread, payment.fxSpreadRevenue),
    ...transfer(id('fiat'), 'DEPOSIT_FIAT', [world, to.liquidity], payment.amountLocal, requestId)
  ]
}

function postDeposit(payment: RampPayment): Command[] {
  return depositHolds(payment).map(({ leg }) => ({
    type: 'post',
    id: assignedId(payment, 'complete', `post_${leg}`),
    holdId: assignedId(payment, 'reserve', leg)
  }))
}

/** V: the agent has its money back. */
export function voidDeposit(payment: RampPayment): Command[] {
  return depositHolds(payment).map(({ leg }) => ({
    type: 'void',
    id: assignedId(payment, 'cancel', leg),
    holdId: assignedId(payment, 'reserve', leg)
  }))
}

/** W1: what a withdrawal costs is reserved where it is paid from. */
export function reserveWithdrawal(request: RampRequest, { clearing }: Pick<PlatformAccounts, 'clearing'>): Command[] {
  const { id, fundingAccountId, amountUsd, fee } = request
  if (fundingAccountId === null || amountUsd === null || fee === null) throw new Error(`order ${id} is not funded`)
  return held(transfer(fundsHold(request), 'WITHDRAWAL_HOLD', [fundingAccountId, clearing], amountUsd + fee, id))
}

/** V: the merchant has its money back. */
export function voidWithdrawal(request: Pick<RampRequest, 'id'>): Command[] {
  return [{ type: 'void', id: orderId(request, 'cancel', 'funds'), holdId: fundsHold(request) }]
}

/** W2: the fiat of an accepted withdrawal is reserved on the agent's method. */
export function reservePayout(
  payment: Assigned & Pick<RampPayment, 'amountLocal'>,
  liquidity: bigint,
  { world }: Pick<PlatformAccounts, 'world'>
): Command[] {
  const id = assignedId(payment, 'accept', 'fiat')
  return held(transfer(id, 'PAYOUT_FIAT', [liquidity, world], payment.amountLocal, payment.requestId))
}

/** W2p: it left the agent. */
export function postPayout(payment: Assigned): Command[] {
  return [{ type: 'post', id: assignedId(payment, 'pay', 'fiat'), holdId: assignedId(payment, 'accept', 'fiat') }]
}

/** V: it stays with the agent. */
export function voidPayout(payment: Assigned): Command[] {
  return [{ type: 'void', id: assignedId(payment, 'cancel', 'fiat'), holdId: assignedId(payment, 'accept', 'fiat') }]
}

/** W2p from another method than the one it was reserved on. */
export function payOtherwise(payment: RampPayment, liquidity: bigint, { world }: PlatformAccounts): Command[] {
  const { amountLocal, requestId } = payment
  const id = assignedId(payment, 'pay', 'other_fiat')
  return [...voidPayout(payment), ...transfer(id, 'PAYOUT_FIAT', [liquidity, world], amountLocal, requestId)]
}

/** It did not leave the agent after all. */
export function reversePayout(payment: RampPayment, liquidity: bigint, { world }: PlatformAccounts): Command[] {
  const id = assignedId(payment, 'reverse', 'fiat')
  return transfer(id, 'PAYOUT_REVERSAL', [world, liquidity], payment.amountLocal, payment.requestId)
}

/** W3: what was reserved is made final and divided. `income` is the agent's amount and its share of the fee. */
export function completeWithdrawal(
  payment: RampPayment,
  request: RampRequest,
  { clearing, fees, spread }: PlatformAccounts,
  agent: OrderAgent,
  income: Split
): Command[] {
  const pay = (leg: string, kind: TransferKind, account: bigint, amount: bigint): Command[] =>
    transfer(assignedId(payment, 'complete', leg), kind, [clearing, account], amount, request.id)
  return [
    { type: 'post', id: orderId(request, 'complete', 'post_funds'), holdId: fundsHold(request) },
    ...pay('agent_credit', 'WITHDRAWAL_AGENT', agent.creditAccountId, income.credit),
    ...pay('agent_balance', 'WITHDRAWAL_AGENT', agent.balanceAccountId, income.balance),
    ...pay('fee', 'WITHDRAWAL_FEE', fees, payment.fee - payment.agentCutOfFees),
    ...pay('spread', 'WITHDRAWAL_SPREAD', spread, payment.fxSpreadRevenue)
  ]
}

/** Every transfer that an assignment may have made, by what it is: for reports. */
export interface AssignedTransfers {
  /** What a deposit reserves of the agent. */
  readonly holds: readonly string[]
  /** What a completed order pays out of clearing, whoever gets it. */
  readonly legs: readonly string[]
  /** The fiat of a withdrawal, and what became of it beside being posted or voided. */
  readonly payout: string
  readonly otherPayout: string
  readonly reversal: string
}

const LEGS = ['merchant', 'fee', 'agent_credit', 'agent_balance', 'spread']

export function transfersOf(payment: Held): AssignedTransfers {
  return {
    holds: depositHolds(payment).map(({ leg }) => assignedId(payment, 'reserve', leg)),
    legs: LEGS.map((leg) => assignedId(payment, 'complete', leg)),
    payout: assignedId(payment, 'accept', 'fiat'),
    otherPayout: assignedId(payment, 'pay', 'other_fiat'),
    reversal: assignedId(payment, 'reverse', 'fiat')
  }
}

/** What a withdrawal reserves of who pays it. */
export function fundsHold(request: Pick<RampRequest, 'id'>): string {
  return orderId(request, 'reserve', 'funds')
}
