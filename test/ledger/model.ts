/**
 * The ledger as a naive model: it keeps every transfer and sums history for each question. Written from the
 * documentation of the result codes, not from the engine's rules, so that the two can disagree.
 */
import {
  AMOUNT_MAX,
  HOLD_SECONDS_MAX,
  type AccountId,
  type AccountLimit,
  type Command,
  type Result,
  type Totals
} from '../../src/ledger/types'

interface Movement {
  id: string
  debit: AccountId
  credit: AccountId
  amount: bigint
  code: number
  hold: boolean
  expires: bigint | null
  fate?: 'posted' | 'voided' | 'expired'
  postedAmount?: bigint
}

interface ModelAccount {
  unit: number
  limit: AccountLimit
  closed: boolean
}

export class Model {
  private accounts = new Map<AccountId, ModelAccount>()
  private movements: Movement[] = []
  private ids = new Set<string>()

  constructor(private readonly now: () => bigint) {}

  open(id: AccountId, unit: number, limit: AccountLimit): void {
    this.accounts.set(id, { unit, limit, closed: false })
  }

  submit(commands: readonly Command[]): Result[] {
    const results: Result[] = []
    let chain: Command[] = []
    for (const command of commands) {
      chain.push(command)
      if (command.linked) continue
      results.push(...this.chain(chain))
      chain = []
    }
    return [
      ...results,
      ...chain.map((_, index): Result => (index < chain.length - 1 ? 'linked_failed' : 'linked_chain_open'))
    ]
  }

  totals(account: AccountId): Totals {
    this.expire()
    const totals = { debitsPosted: 0n, debitsPending: 0n, creditsPosted: 0n, creditsPending: 0n }
    for (const movement of this.movements) {
      const open = movement.hold && !movement.fate
      const posted = !movement.hold ? movement.amount : (movement.postedAmount ?? 0n)
      if (movement.debit === account) {
        totals.debitsPosted += posted
        totals.debitsPending += open ? movement.amount : 0n
      }
      if (movement.credit === account) {
        totals.creditsPosted += posted
        totals.creditsPending += open ? movement.amount : 0n
      }
    }
    return totals
  }

  private chain(commands: Command[]): Result[] {
    const before = {
      accounts: new Map([...this.accounts].map(([id, account]) => [id, { ...account }])),
      movements: this.movements.map((movement) => ({ ...movement })),
      ids: new Set(this.ids)
    }
    for (const [index, command] of commands.entries()) {
      const result = this.one(command)
      if (result === 'ok') continue
      Object.assign(this, before)
      return commands.map((_, other) => (other === index ? result : 'linked_failed'))
    }
    return commands.map(() => 'ok')
  }

  private one(command: Command): Result {
    this.expire()
    if (command.type === 'close') return this.close(command.accountId)
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(command.id) || /^[0-]+$/.test(command.id))
      return 'invalid_id'
    const amount = command.type === 'void' ? undefined : command.amount
    if (amount !== undefined && (amount <= 0n || amount > AMOUNT_MAX)) return 'invalid_amount'
    if (command.type !== 'transfer') {
      if (this.ids.has(command.id) || command.id === command.holdId) return 'exists'
      const hold = this.movements.find((movement) => movement.id === command.holdId)
      if (!hold || (command.holdCodes && !command.holdCodes.includes(hold.code))) return 'unknown_hold'
      if (hold.fate === 'voided') return 'already_voided'
      if (hold.fate === 'posted' || !hold.hold) return 'already_posted'
      if (hold.fate === 'expired') return 'expired'
      if (amount !== undefined && amount > hold.amount) return 'exceeds_hold'
      hold.fate = command.type === 'post' ? 'posted' : 'voided'
      if (command.type === 'post') hold.postedAmount = amount ?? hold.amount
      this.ids.add(command.id)
      return 'ok'
    }
    const { holdSeconds = 0, pending = false } = command
    const whole = Math.floor(holdSeconds) === holdSeconds
    if (!whole || holdSeconds < 0 || holdSeconds > HOLD_SECONDS_MAX || (holdSeconds > 0 && !pending))
      return 'invalid_timeout'
    if (command.debitAccountId === command.creditAccountId) return 'same_accounts'
    const debit = this.accounts.get(command.debitAccountId)
    const credit = this.accounts.get(command.creditAccountId)
    if (!debit) return 'unknown_debit_account'
    if (!credit) return 'unknown_credit_account'
    if (debit.unit !== credit.unit) return 'different_ledgers'
    if (debit.closed || credit.closed) return 'account_closed'
    if (this.ids.has(command.id)) return 'exists'
    const creditTotals = this.totals(command.creditAccountId)
    const debitTotals = this.totals(command.debitAccountId)
    const credits = creditTotals.creditsPosted + creditTotals.creditsPending + amount!
    if (credit.limit === 'credits_must_not_exceed_debits' && credits > creditTotals.debitsPosted)
      return 'exceeds_debits'
    const debits = debitTotals.debitsPosted + debitTotals.debitsPending + amount!
    if (debit.limit === 'debits_must_not_exceed_credits' && debits > debitTotals.creditsPosted) return 'exceeds_credits'
    this.ids.add(command.id)
    this.movements.push({
      id: command.id,
      debit: command.debitAccountId,
      credit: command.creditAccountId,
      amount: amount!,
      code: command.code,
      hold: pending,
      expires: holdSeconds > 0 ? this.now() + BigInt(holdSeconds) * 1_000_000n : null
    })
    return 'ok'
  }

  private close(id: AccountId): Result {
    const account = this.accounts.get(id)
    if (!account) return 'unknown_debit_account'
    if (account.closed) return 'account_closed'
    const { debitsPosted, debitsPending, creditsPosted, creditsPending } = this.totals(id)
    if (debitsPosted !== creditsPosted || debitsPending > 0n || creditsPending > 0n) return 'account_not_empty'
    account.closed = true
    return 'ok'
  }

  private expire(): void {
    for (const movement of this.movements) {
      const due = movement.expires !== null && movement.expires <= this.now()
      if (movement.hold && !movement.fate && due) movement.fate = 'expired'
    }
  }
}
