/** What the ramp's invariants are called, and what was found to break one. */

export const RAMP_INVARIANTS = {
  ledgers_balance: 'In each ledger, debits equal credits: posted ones and pending ones.',
  limits_hold: 'No account that may not be overdrawn is.',
  money_is_conserved: 'What is held on chains and what agents may owe equals what everybody has.',
  accounts_belong: 'Every party has accounts of its own, in the right unit.',
  credit_is_covered: 'Of a credit line no more is free than was granted, and what was granted is what may be owed.',
  orders_settle: 'An order reserves what its state says, and nothing once it has ended.'
} as const
export type RampInvariant = keyof typeof RAMP_INVARIANTS

export interface RampFinding {
  readonly invariant: RampInvariant
  /** What it concerns: a ledger, an account, a party, an order. */
  readonly subject: string
  /** For people. */
  readonly problem: string
}
