/**
 * Every kind of step. A new kind is one entry here: its fields, its request and how its answer is read.
 */
import type { StepKind } from '../step'
import { asset } from './asset'
import { balance, deposit, post, voidWithdrawal, withdraw } from './liquidity'
import { incomingPayment, outgoingPayment, quote, wait } from './payment'
import { paymentPointer } from './payment-pointer'
import { peer } from './peer'
import { rampBalance, rampReport, rampWait } from './ramp/checks'
import { rampConfirm, rampDeposit, rampPay, rampWithdrawal } from './ramp/orders'
import { agent, buyer, market, merchant } from './ramp/parties'
import { repeat } from './repeat'
import { customer, reconcile, walletBalance } from './wallet'

export const STEP_KINDS: ReadonlyMap<string, StepKind> = new Map(
  [
    ...[asset, peer, paymentPointer, deposit, withdraw, post, voidWithdrawal, balance],
    ...[incomingPayment, quote, outgoingPayment, wait, customer, walletBalance, reconcile, repeat],
    ...[market, merchant, agent, buyer, rampDeposit, rampWithdrawal],
    ...[rampPay, rampConfirm, rampWait, rampBalance, rampReport]
  ].map((kind) => [kind.name, kind])
)
