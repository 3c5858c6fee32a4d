/**
 * Who can serve an order, best for the customer first: the best rate, then whoever waited longest for an order,
 * then by id. Candidates come from one indexed query and what they have available from one read of the ledger.
 */
import type { Reader } from '../../../database/reader'
import type { RampDirection } from '../../../entities/ramp/order'
import type { Ledger } from '../../../ledger/ledger'
import { availableOf, type Account } from '../../../ledger/types'
import { done, refused } from '../../answer'
import type { RampAnswer, RampFailure } from '../failures'
import { FROM_PAYMENTS } from '../payments'
import { customerRate, isNoWorse, termsOf, type Stated, type Terms } from './amounts'
import { AGENT_COLUMNS, agentOf, methodColumns, methodOf, type OrderAgent, type OrderMethod, type Row } from './order'

export interface Candidate {
  readonly agent: OrderAgent
  /** The agent's own, of the direction that was asked about. */
  readonly rate: bigint
  readonly method: OrderMethod
  readonly isInstant: boolean
  /** What it was assigned of withdrawals and has not accepted yet, in hundredths of local currency. */
  readonly offered: bigint
}

/** A candidate who has enough for the order, and what the order comes to with it. */
export interface Offer {
  readonly candidate: Candidate
  readonly terms: Terms
}

export interface Wanted {
  readonly direction: RampDirection
  readonly railId: string
  readonly countryId: string
  readonly surchargeBasisPoints: number
  readonly stated: Stated
  /** The customer's rate that was promised: nobody with a worse one, and everybody at this one. */
  readonly lockedRate?: bigint
  /** Agents who had this order are not offered it again. */
  readonly requestId?: string
}

/** Most orders find somebody among the first few; who has to look further takes more at a time. */
const PAGE_FIRST = 8
const PAGE_NEXT = 64

const SIDES = {
  deposit: { rate: 'agent.deposit_rate', order: 'agent.deposit_rate' },
  withdrawal: { rate: 'agent.withdrawal_rate', order: 'agent.withdrawal_rate DESC' }
} as const satisfies Record<RampDirection, unknown>

export function isEligible(direction: RampDirection): string {
  return `agent.verification_status = 'verified' AND NOT agent.is_suspended AND NOT agent.is_restricted
    AND ${SIDES[direction].rate} IS NOT NULL
    AND method.deleted_at IS NULL AND method.designation IN ('${direction}', 'both')`
}

/** What was assigned from each method and is not accepted yet: nothing of it is reserved in the ledger. */
const OFFERED = `(SELECT coalesce(sum(terms.amount_local), 0) ${FROM_PAYMENTS}
  WHERE payment.agent_payment_method_id = method.id AND payment.status = 'pending'
    AND payment.payment_type = 'withdrawal')`

export function candidateColumns(direction: RampDirection): string {
  return `${AGENT_COLUMNS}, ${methodColumns('method', 'method_')}, method.is_instant AS method_instant,
    ${SIDES[direction].rate} AS agent_rate, ${direction === 'withdrawal' ? OFFERED : '0'} AS offered`
}

export function candidateOf(row: Row): Candidate {
  return {
    agent: agentOf(row),
    rate: BigInt(row.agent_rate as string),
    method: methodOf(row, 'method_'),
    isInstant: row.method_instant as boolean,
    offered: BigInt(row.offered as string)
  }
}

function textOf(direction: RampDirection): string {
  return `SELECT ${candidateColumns(direction)}
    FROM ramp_payment_method AS method JOIN ramp_agent AS agent ON agent.id = method.owner_id
    WHERE method.rail_id = $1 AND method.owner_kind = 'agent' AND agent.country_id = $2 AND ${isEligible(direction)}
      AND NOT EXISTS (SELECT FROM ramp_payment_terms AS earlier
        WHERE earlier.request_id = $3::uuid AND earlier.agent_id = agent.id)
    ORDER BY ${SIDES[direction].order}, agent.last_assigned_at NULLS FIRST, agent.id, method.created_at DESC, method.id
    LIMIT $5::integer OFFSET $4::integer`
}

const TEXTS = { deposit: textOf('deposit'), withdrawal: textOf('withdrawal') }

export class Selection {
  constructor(
    private readonly reader: Reader,
    private readonly ledger: Ledger
  ) {}

  /**
   * At most `limit` offers that may be, best first. An offer that may not be keeps nobody's from the customer: what is
   * wrong with the best of them is only the answer where none may be.
   */
  async allowed(
    wanted: Wanted,
    limit: number,
    check: (terms: Terms) => RampAnswer<true>
  ): Promise<RampAnswer<readonly Offer[]>> {
    const refusals: RampFailure[] = []
    const offers = await this.offers(wanted, limit, ({ terms }) => {
      const checked = check(terms)
      if (!checked.done) refusals.push(checked.failure)
      return checked.done
    })
    return offers.length > 0 ? done(offers) : refused(refusals[0] ?? 'INSUFFICIENT_LIQUIDITY')
  }

  /** At most `limit` offers that are wanted, best first. Nothing of them is reserved. */
  async offers(wanted: Wanted, limit: number, isWanted: (offer: Offer) => boolean = () => true): Promise<Offer[]> {
    const offers: Offer[] = []
    let size = PAGE_FIRST
    for (let offset = 0; ; offset += size, size = PAGE_NEXT) {
      const rows = await this.page(wanted, offset, size)
      const priced = rows.flatMap((row) => this.priced(wanted, row))
      offers.push(...(await this.affordable(wanted.direction, priced)).filter(isWanted))
      // Candidates come in the order of their rates: behind one that is too dear all are.
      if (rows.length < size || priced.length < rows.length || offers.length >= limit) break
    }
    return offers.slice(0, limit)
  }

  private page({ direction, railId, countryId, requestId }: Wanted, offset: number, size: number): Promise<Row[]> {
    return this.reader.rows<Row>({
      name: `ramp_candidates_${direction}`,
      text: TEXTS[direction],
      values: [railId, countryId, requestId ?? null, offset, size]
    })
  }

  private priced(wanted: Wanted, row: Row): Offer[] {
    const candidate = candidateOf(row)
    const terms = offerTerms(wanted, candidate.rate)
    return terms ? [{ candidate, terms }] : []
  }

  /**
   * Those of whom the order takes no more than they have. Whoever's rate leaves nothing to be paid in local currency
   * serves nobody, and must not stand before those who do.
   */
  async affordable(direction: RampDirection, offers: readonly Offer[]): Promise<Offer[]> {
    const accounts = await this.accountsOf(offers.flatMap(({ candidate }) => sourcesOf(direction, candidate)))
    const available = (id: bigint): bigint => {
      const account = accounts.get(id)
      return account ? availableOf(account) : 0n
    }
    return offers.filter(({ candidate, terms }) => {
      if (terms.amountLocal === 0n) return false
      const total = sourcesOf(direction, candidate).reduce((sum, id) => sum + available(id), 0n)
      return direction === 'deposit' ? total >= terms.agentAmountUsd : total - candidate.offered >= terms.amountLocal
    })
  }

  private async accountsOf(ids: readonly bigint[]): Promise<Map<bigint, Account>> {
    const accounts = await this.ledger.accounts([...new Set(ids)])
    return new Map(accounts.flatMap((account) => (account ? [[account.id, account]] : [])))
  }
}

/** What an order comes to with an agent of a rate; undefined where that is worse than what was promised. */
export function offerTerms(wanted: Omit<Wanted, 'railId' | 'countryId'>, agentRate: bigint): Terms | undefined {
  const { direction, stated, surchargeBasisPoints, lockedRate } = wanted
  const ownRate = customerRate(direction, agentRate, surchargeBasisPoints)
  if (ownRate <= 0n || (lockedRate !== undefined && !isNoWorse(direction, ownRate, lockedRate))) return undefined
  return termsOf(direction, stated, {
    exchangeRate: lockedRate ?? ownRate,
    agentRate,
    hasSurcharge: surchargeBasisPoints > 0
  })
}

/** Where an agent has what an order takes of it. */
function sourcesOf(direction: RampDirection, { agent, method }: Candidate): bigint[] {
  if (direction === 'withdrawal') return method.liquidityAccountId === null ? [] : [method.liquidityAccountId]
  // Most agents have no credit line, and its account is empty.
  return agent.creditLine > 0n ? [agent.balanceAccountId, agent.creditAccountId] : [agent.balanceAccountId]
}
