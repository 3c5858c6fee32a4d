/** Where the money of the ramp is, and whether all of it is there. */
import { RAMP_ACCOUNT_CODES } from '../../../services/ledger-codes'
import { done } from '../../../services/answer'
import { formatDecimal, LOCAL_SCALE, USD_SCALE } from '../../../services/ramp/money'
import { USD_LEDGER } from '../../../services/ramp/parties/ramp-accounts'
import { RAMP_INVARIANTS, type RampInvariant } from '../../../services/ramp/report/findings'
import type { RecentReport } from '../../../services/ramp/operator/ledger-report'
import { operation } from '../operation'
import { choice, decimal, flag, integer, list, moment, named, object, text, type ValueOf } from '../shape'

const KINDS = [...(Object.keys(RAMP_ACCOUNT_CODES) as (keyof typeof RAMP_ACCOUNT_CODES)[]), 'UNKNOWN' as const]
const INVARIANTS = Object.keys(RAMP_INVARIANTS) as RampInvariant[]
const COUNT_MAX = 2_147_483_647

const REPORT = named(
  'Report',
  object({
    isSound: flag('Whether nothing was found.'),
    findings: list(
      object({
        invariant: choice('What does not hold.', INVARIANTS),
        rule: text('What should.'),
        subject: text('What it concerns.'),
        problem: text('What is wrong, for people.')
      }),
      'Nothing in a sound ramp.'
    ),
    assetsUsd: decimal('Held on chains, and what agents may owe.'),
    liabilitiesUsd: decimal('What everybody has. Equal to the assets.'),
    partyAccounts: integer('Accounts of agents, merchants and payment methods that were looked at.', 0, COUNT_MAX),
    orders: integer(
      'Orders that were looked at: those that are open, and those that were made or ended lately. The command `hazina verify` looks at all.',
      0,
      COUNT_MAX
    ),
    ordersSince: moment('What `lately` is: orders that ended before were not looked at.'),
    units: list(
      object({
        unit: text('USD, or a currency by ISO 4217.'),
        debitsPosted: decimal('Of all accounts of the unit.'),
        creditsPosted: decimal('Equal to the debits.'),
        debitsPending: decimal('Reserved.'),
        creditsPending: decimal('Equal to the debits.')
      }),
      'Every unit of account.'
    ),
    accounts: list(
      object({
        unit: text('USD, or a currency by ISO 4217.'),
        kind: choice('What the accounts are for.', KINDS),
        accounts: integer('How many.', 0, COUNT_MAX),
        amount: decimal('What they hold.'),
        reserved: decimal('What of it is reserved.'),
        promised: decimal('What is reserved for them.')
      }),
      'All accounts of a unit and purpose together.'
    )
  })
)

function shown({ accounts, orders, ordersSince, findings }: RecentReport): ValueOf<typeof REPORT> {
  const amount = (unit: string, value: bigint): string =>
    formatDecimal(value, unit === USD_LEDGER ? USD_SCALE : LOCAL_SCALE)
  return {
    isSound: findings.length === 0,
    findings: findings.map((finding) => ({ ...finding, rule: RAMP_INVARIANTS[finding.invariant] })),
    assetsUsd: amount(USD_LEDGER, accounts.assets),
    liabilitiesUsd: amount(USD_LEDGER, accounts.liabilities),
    partyAccounts: accounts.accounts,
    orders: orders.orders,
    ordersSince: ordersSince.toISOString(),
    units: accounts.units.map(({ unit, ...line }) => ({
      unit,
      debitsPosted: amount(unit, line.debitsPosted),
      creditsPosted: amount(unit, line.creditsPosted),
      debitsPending: amount(unit, line.debitsPending),
      creditsPending: amount(unit, line.creditsPending)
    })),
    accounts: accounts.held.map(({ unit, kind, accounts: count, ...line }) => ({
      unit,
      kind,
      accounts: count,
      amount: amount(unit, line.amount),
      reserved: amount(unit, line.reserved),
      promised: amount(unit, line.promised)
    }))
  }
}

export const report = operation({
  id: 'report',
  method: 'GET',
  path: '/report',
  tag: 'Reports',
  summary: 'Tells where the money of the ramp is, and whether everything that must always hold does.',
  answer: REPORT,
  failures: [],
  run: async ({ services }) => done(shown(await services.report.read()))
})
