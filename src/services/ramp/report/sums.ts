/** What the ledger says of the ramp as a whole, of one moment: balance, limits, and where the money is. */
import type { AccountSums } from '../../../ledger/engine'
import { RAMP_ACCOUNT_CODES } from '../../ledger-codes'
import { USD_LEDGER } from '../parties/ramp-accounts'
import type { RampFinding } from './findings'

export type AccountKind = keyof typeof RAMP_ACCOUNT_CODES

/** All accounts of a unit together. */
export interface UnitLine {
  /** `USD`, or a currency's code. */
  readonly unit: string
  readonly debitsPosted: bigint
  readonly creditsPosted: bigint
  readonly debitsPending: bigint
  readonly creditsPending: bigint
}

/** All accounts of a unit and purpose together, in the unit's smallest unit. */
export interface HeldLine {
  readonly unit: string
  readonly kind: AccountKind | 'UNKNOWN'
  readonly accounts: number
  /** Posted: credits less debits, or debits less credits of what the platform itself has or is owed. */
  readonly amount: bigint
  /** What open holds reserve of it, and what they promise it. */
  readonly reserved: bigint
  readonly promised: bigint
}

const ASSET_KINDS: ReadonlySet<string> = new Set<AccountKind>(['ONCHAIN_FLOAT', 'CREDIT_EXTENDED'])
const LOCAL_KINDS: ReadonlySet<string> = new Set<AccountKind>(['FIAT_LIQUIDITY', 'FIAT_WORLD'])
const KINDS = new Map<number, AccountKind>(
  (Object.keys(RAMP_ACCOUNT_CODES) as AccountKind[]).map((kind) => [RAMP_ACCOUNT_CODES[kind], kind])
)

export function unitLines(units: ReadonlyMap<number, string>, sums: readonly AccountSums[]): UnitLine[] {
  return [...units].map(([ledger, unit]) => {
    const own = sums.filter((line) => line.ledger === ledger)
    const total = (of: (line: AccountSums) => bigint): bigint => own.reduce((sum, line) => sum + of(line), 0n)
    return {
      unit,
      debitsPosted: total((line) => line.debitsPosted),
      creditsPosted: total((line) => line.creditsPosted),
      debitsPending: total((line) => line.debitsPending),
      creditsPending: total((line) => line.creditsPending)
    }
  })
}

export function heldLines(units: ReadonlyMap<number, string>, sums: readonly AccountSums[]): HeldLine[] {
  return sums.map(({ ledger, code, accounts, debitsPosted, creditsPosted, debitsPending, creditsPending }) => {
    const kind = KINDS.get(code) ?? 'UNKNOWN'
    const [out, back] = [debitsPosted - creditsPosted, creditsPosted - debitsPosted]
    const isAsset = ASSET_KINDS.has(kind)
    return {
      unit: units.get(ledger)!,
      kind,
      accounts,
      amount: isAsset ? out : back,
      reserved: isAsset ? creditsPending : debitsPending,
      promised: isAsset ? debitsPending : creditsPending
    }
  })
}

/** What is held on chains and what agents may owe, and beside it what everybody has. */
export function conservationOf(held: readonly HeldLine[]): { readonly assets: bigint; readonly liabilities: bigint } {
  const usd = held.filter(({ unit }) => unit === USD_LEDGER)
  const total = (lines: readonly HeldLine[]): bigint => lines.reduce((sum, { amount }) => sum + amount, 0n)
  return {
    assets: total(usd.filter(({ kind }) => ASSET_KINDS.has(kind))),
    liabilities: total(usd.filter(({ kind }) => !ASSET_KINDS.has(kind)))
  }
}

/** What of it is not as it should be. */
export function sumFindings(units: ReadonlyMap<number, string>, sums: readonly AccountSums[]): readonly RampFinding[] {
  const held = heldLines(units, sums)
  const { assets, liabilities } = conservationOf(held)
  const conserved: RampFinding = {
    invariant: 'money_is_conserved',
    subject: USD_LEDGER,
    problem: `${assets} are held or owed, and everybody together has ${liabilities}`
  }
  return [
    ...unitLines(units, sums).flatMap(balanceFindings),
    ...sums.flatMap(limitFindings),
    ...held.flatMap(kindFindings),
    ...held.flatMap(clearingFindings),
    ...(assets === liabilities ? [] : [conserved])
  ]
}

function balanceFindings({ unit, ...line }: UnitLine): RampFinding[] {
  const finding = (what: string, debits: bigint, credits: bigint): RampFinding[] =>
    debits === credits
      ? []
      : [{ invariant: 'ledgers_balance', subject: unit, problem: `${what}: debits ${debits}, credits ${credits}` }]
  return [
    ...finding('posted', line.debitsPosted, line.creditsPosted),
    ...finding('pending', line.debitsPending, line.creditsPending)
  ]
}

function limitFindings({ beyondLimit }: AccountSums): RampFinding[] {
  return beyondLimit.map((id) => {
    return { invariant: 'limits_hold', subject: `account ${id}`, problem: 'it is beyond its limit' }
  })
}

/** Every account of a unit is of a purpose that belongs there: none is left out of the sums, or counted twice. */
function kindFindings({ unit, kind, accounts }: HeldLine): RampFinding[] {
  const belongs = kind !== 'UNKNOWN' && LOCAL_KINDS.has(kind) === (unit !== USD_LEDGER)
  if (belongs) return []
  const problem = `${accounts} accounts of purpose ${kind} have no business there`
  return [{ invariant: 'money_is_conserved', subject: unit, problem }]
}

/** What goes through clearing comes and goes in one step, so nothing is ever there but reservations. */
function clearingFindings({ unit, kind, amount }: HeldLine): RampFinding[] {
  if (kind !== 'CLEARING' || amount === 0n) return []
  return [{ invariant: 'orders_settle', subject: `p2p:clearing in ${unit}`, problem: `${amount} is left there` }]
}
