/**
 * The ledger accounts of which the ramp has one of a name: the platform's own, what is held on chains, and the
 * world outside. All of them are opened together, at the start or when the first one is needed; of several
 * instances that do so at once, one succeeds and the others find its accounts.
 */
import type { Reader } from '../../../database/reader'
import { AttachmentRefused } from '../../../database/write-errors'
import type { Ledger } from '../../../ledger/ledger'
import type { AccountId, AccountLimit, NewAccount } from '../../../ledger/types'
import type { Identifiers } from '../../identifiers'
import { RAMP_ACCOUNT_CODES } from '../../ledger-codes'
import { ASSET_SYMBOLS, NETWORK_CODES, type AssetSymbol, type NetworkCode } from '../assets'

export const USD_LEDGER = 'USD'

export type PlatformAccount = 'p2p:clearing' | 'platform:fees' | 'platform:fx_spread' | 'platform:credit_extended'
export type SingleAccount = PlatformAccount | `onchain:float:${AssetSymbol}:${NetworkCode}` | `fiat:world:${string}`

type AccountKind = keyof typeof RAMP_ACCOUNT_CODES

interface Plan {
  readonly name: SingleAccount
  /** `USD`, or a currency's code. */
  readonly ledgerCode: string
  readonly kind: AccountKind
  readonly limit: AccountLimit
}

const PLATFORM: readonly Plan[] = [
  {
    name: 'p2p:clearing',
    ledgerCode: USD_LEDGER,
    kind: 'CLEARING',
    limit: 'debits_must_not_exceed_credits'
  },
  { name: 'platform:fees', ledgerCode: USD_LEDGER, kind: 'FEES', limit: 'none' },
  { name: 'platform:fx_spread', ledgerCode: USD_LEDGER, kind: 'FX_SPREAD', limit: 'none' },
  { name: 'platform:credit_extended', ledgerCode: USD_LEDGER, kind: 'CREDIT_EXTENDED', limit: 'none' }
]

const FLOATS: readonly Plan[] = ASSET_SYMBOLS.flatMap((symbol) =>
  NETWORK_CODES.map((network): Plan => {
    const name = `onchain:float:${symbol}:${network}` as const
    return { name, ledgerCode: USD_LEDGER, kind: 'ONCHAIN_FLOAT', limit: 'credits_must_not_exceed_debits' }
  })
)

const OPEN_TEXT = `SELECT unit.code, unit.ledger, account.name, account.account_id
  FROM ramp_ledger AS unit LEFT JOIN ramp_account AS account ON account.ledger_code = unit.code`

const KEEP = {
  name: 'ramp_account_open',
  text: `INSERT INTO ramp_account (name, ledger_code, account_id)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])`
} as const

/** What is known of units and accounts. None of it ever changes. */
interface Known {
  readonly ledgers: ReadonlyMap<string, number>
  readonly accounts: ReadonlyMap<string, AccountId>
}

/** One look, one attempt to open what is missing, one look at what another instance opened meanwhile. */
const LOOKS_MAX = 3

export class RampAccounts {
  private known: Promise<Known> | undefined

  constructor(
    private readonly reader: Reader,
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers
  ) {}

  /** Opens what is missing. Asking again costs nothing. */
  async ensure(): Promise<void> {
    await this.load()
  }

  /** The account of a name. */
  async id(name: SingleAccount): Promise<AccountId> {
    const id = (await this.load()).accounts.get(name)
    if (id === undefined) throw new Error(`the ramp has no account ${name}`)
    return id
  }

  /** What a coin on a network is held in. */
  float(symbol: AssetSymbol, network: NetworkCode): Promise<AccountId> {
    return this.id(`onchain:float:${symbol}:${network}`)
  }

  /** Where fiat of a currency comes from and goes to. */
  fiatWorld(currencyCode: string): Promise<AccountId> {
    return this.id(`fiat:world:${currencyCode}`)
  }

  /** The ledger's number of `USD` or of a currency. */
  async ledgerOf(code: string): Promise<number> {
    const number = (await this.load()).ledgers.get(code)
    if (number === undefined) throw new Error(`the ramp has no unit ${code}`)
    return number
  }

  /** An account to be opened for somebody: it pays out no more than it got. */
  async held(kind: AccountKind, id: AccountId, code: string, owner: string): Promise<NewAccount> {
    const ledger = await this.ledgerOf(code)
    return { id, ledger, code: RAMP_ACCOUNT_CODES[kind], limit: 'debits_must_not_exceed_credits', owner }
  }

  private async load(): Promise<Known> {
    this.known ??= this.open()
    try {
      return await this.known
    } catch (error) {
      // The next one who needs an account tries again.
      this.known = undefined
      throw error
    }
  }

  private async open(): Promise<Known> {
    for (let look = 1; look <= LOOKS_MAX; look++) {
      const known = await this.look()
      const missing = plansFor(known).filter(({ name }) => !known.accounts.has(name))
      if (missing.length === 0) return known
      await this.openMissing(missing, known)
    }
    throw new Error('the accounts of the ramp could not be opened')
  }

  private async look(): Promise<Known> {
    type Row = { code: string; ledger: number; name: string | null; account_id: string | null }
    const rows = await this.reader.rows<Row>({ name: 'ramp_units_and_accounts', text: OPEN_TEXT, values: [] })
    return {
      ledgers: new Map(rows.map(({ code, ledger }) => [code, ledger])),
      accounts: new Map(rows.flatMap(({ name, account_id: id }) => (name && id ? [[name, BigInt(id)]] : [])))
    }
  }

  private async openMissing(missing: readonly Plan[], { ledgers }: Known): Promise<void> {
    const ids = await this.ledger.allocateAccountIds(missing.length)
    const accounts = missing.map(({ ledgerCode, kind, limit }, index): NewAccount => {
      const owner = this.identifiers.next()
      return { id: ids[index]!, ledger: ledgers.get(ledgerCode)!, code: RAMP_ACCOUNT_CODES[kind], limit, owner }
    })
    const values = [missing.map(({ name }) => name), missing.map(({ ledgerCode }) => ledgerCode), ids]
    try {
      const rows = { ...KEEP, values, rowsExpected: missing.length }
      await this.ledger.submit({ accounts, commands: [], attach: () => [rows] })
    } catch (error) {
      // Another instance opened them: the next look finds its accounts.
      if (!(error instanceof AttachmentRefused && error.constraint === 'ramp_account_pkey')) throw error
    }
  }
}

function plansFor({ ledgers }: Known): Plan[] {
  const currencies = [...ledgers.keys()].filter((code) => code !== USD_LEDGER)
  const worlds = currencies.map((code): Plan => {
    return { name: `fiat:world:${code}`, ledgerCode: code, kind: 'FIAT_WORLD', limit: 'none' }
  })
  return [...PLATFORM, ...FLOATS, ...worlds]
}
