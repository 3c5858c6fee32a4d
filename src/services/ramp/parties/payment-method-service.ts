/** Accounts on rails: where agents are paid and pay from, and where customers are paid. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { GroupWriter } from '../../../database/group-writer'
import type { ListLoader, Reader } from '../../../database/reader'
import type { Statement } from '../../../database/statement'
import { AttachmentRefused } from '../../../database/write-errors'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { RampPaymentMethod, type Agent, type RampCustomer, type RampRail } from '../../../entities'
import type {
  MethodDesignation,
  MethodField,
  MethodOwnerKind,
  MethodOwnership
} from '../../../entities/ramp/payment-method'
import type { Ledger } from '../../../ledger/ledger'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import type { CountryService } from './country-service'
import { describeMethod, type MethodDescription } from './method-fields'
import type { RampAccounts } from './ramp-accounts'

/** A rail by its UUID, or by its identifier with or without a country. The UUID decides where both are given. */
export interface RailChoice {
  readonly railId?: string | null
  readonly railIdentifier?: string | null
}

export interface NewCustomerMethod extends RailChoice {
  readonly fields: readonly MethodField[]
  readonly ownership?: MethodOwnership | null
}

export interface NewAgentMethod extends NewCustomerMethod {
  readonly designation?: MethodDesignation | null
  readonly isInstant?: boolean | null
}

export type MethodFailure = 'REQUIRED_ATTRIBUTES_MISSING' | 'INVALID_PAYMENT_METHOD' | 'MISSING_FIELD'

type Drafted = Pick<
  RampPaymentMethod,
  'ownerKind' | 'ownerId' | 'ownership' | 'designation' | 'isInstant' | 'liquidityAccountId'
>

/** A method of a customer that is there already, or is to be stored. */
export interface PlannedMethod {
  readonly method: RampPaymentMethod
  readonly isKnown: boolean
}

/** Most that a customer may have, those aside that were deleted. The database holds to it as well. */
export const CUSTOMER_METHODS_MAX = 100
/** Most owners whose methods are read in one query. */
const OWNERS_MAX = 100

type Row = Record<string, unknown> & { readonly owner_id: string }

const SAME_METHOD = 'ramp_payment_method_same'
const FULL = 'ramp_payment_method_limit'

/** Whether a method was refused for what somebody stored meanwhile: the same one, or the last that there was room for. */
export function isMethodOvertaken(error: unknown): boolean {
  return error instanceof AttachmentRefused && (error.constraint === SAME_METHOD || error.constraint === FULL)
}

export class PaymentMethodService {
  private readonly reads: EntityReads<RampPaymentMethod>
  private readonly lists: ListLoader<string, Row>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly writer: GroupWriter,
    private readonly unitOfWork: UnitOfWork,
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers,
    private readonly countries: CountryService,
    private readonly accounts: RampAccounts
  ) {
    this.reads = entities.of(RampPaymentMethod)
    this.lists = reader.lists<string, Row>(
      'ramp_payment_methods_of_owners',
      this.selectText('owner_id = ANY($1::uuid[]) ORDER BY created_at, id'),
      (row) => row.owner_id,
      OWNERS_MAX
    )
  }

  /** Whoever's it is, deleted or not. */
  find(id: string): Promise<RampPaymentMethod | undefined> {
    return this.reads.find(id)
  }

  /** As its owner sees it, deleted or not: somebody else's is not there. */
  async findOf(ownerKind: MethodOwnerKind, ownerId: string, id: string): Promise<RampPaymentMethod | undefined> {
    const method = await this.find(id)
    return method?.ownerKind === ownerKind && method.ownerId === ownerId ? method : undefined
  }

  /** Those that were not deleted, oldest first. */
  async list(ownerKind: MethodOwnerKind, ownerId: string): Promise<RampPaymentMethod[]> {
    const rows = await this.lists.load(ownerId)
    return rows.map((row) => this.reads.table.entityOf(row)).filter((method) => method.ownerKind === ownerKind)
  }

  /** The newest of an agent on a rail that was not deleted. */
  async newestOn(agentId: string, railId: string): Promise<RampPaymentMethod | undefined> {
    const condition = `owner_kind = 'agent' AND owner_id = $1 AND rail_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1`
    const [method] = await this.select('ramp_payment_method_newest', condition, [agentId, railId])
    return method
  }

  /** The same fields on the same rail are the same account: it is answered as it is. */
  async addForCustomer(
    context: RequestContext,
    customer: RampCustomer,
    input: NewCustomerMethod
  ): Promise<Answer<RampPaymentMethod, MethodFailure>> {
    const planned = await this.planForCustomer(context, customer, input)
    if (!planned.done) return planned
    const { method, isKnown } = planned.value
    if (isKnown) return done(method)
    try {
      await this.writer.write([this.reads.table.row(method)])
      return done(method)
    } catch (error) {
      // Somebody added it meanwhile, or the last one; if it was deleted again since, whoever asked may ask once more.
      if (!isMethodOvertaken(error)) throw error
      const other = await this.findSame(customer.id, method.railId, method.fingerprint)
      if (other) return done(other)
      if (await this.isFull(customer.id)) return refused('INVALID_PAYMENT_METHOD')
      throw error
    }
  }

  /** The same with nothing stored: a method that is not known is stored by whoever asks, together with its use. */
  async planForCustomer(
    context: RequestContext,
    customer: RampCustomer,
    input: NewCustomerMethod
  ): Promise<Answer<PlannedMethod, MethodFailure>> {
    const chosen = await this.describe(customer.countryId, input)
    if (!chosen.done) return chosen
    const { rail, description } = chosen.value
    const known = await this.findSame(customer.id, rail.id, description.fingerprint)
    if (known) return done({ method: known, isKnown: true })
    if (await this.isFull(customer.id)) {
      // What filled it up meanwhile may have been the same.
      const last = await this.findSame(customer.id, rail.id, description.fingerprint)
      return last ? done({ method: last, isKnown: true }) : refused('INVALID_PAYMENT_METHOD')
    }
    const method = this.draft(context, rail, description, {
      ownerKind: 'customer',
      ownerId: customer.id,
      ownership: input.ownership ?? null,
      designation: 'both',
      isInstant: false,
      liquidityAccountId: null
    })
    return done({ method, isKnown: false })
  }

  /** Stores a planned method. Refused where somebody else was faster: see `isMethodOvertaken`. */
  statementOf({ method, isKnown }: PlannedMethod): Statement[] {
    return isKnown ? [] : [this.reads.table.insert(method)]
  }

  /** Opens the account of the fiat that the agent has there, together with the method. It starts with none. */
  async addForAgent(
    context: RequestContext,
    agent: Agent,
    input: NewAgentMethod
  ): Promise<Answer<RampPaymentMethod, MethodFailure>> {
    const chosen = await this.describe(agent.countryId, input)
    if (!chosen.done) return chosen
    const { rail, description } = chosen.value
    // An agent is paid in the money of its country.
    if (rail.countryId !== agent.countryId) return refused('INVALID_PAYMENT_METHOD')
    const [liquidityAccountId] = (await this.ledger.allocateAccountIds(1)) as [bigint]
    const method = this.draft(context, rail, description, {
      ownerKind: 'agent',
      ownerId: agent.id,
      ownership: input.ownership ?? 'first_party',
      designation: input.designation ?? 'both',
      isInstant: input.isInstant ?? false,
      liquidityAccountId
    })
    const { currencyCode } = await this.countries.get(rail.countryId)
    const account = await this.accounts.held('FIAT_LIQUIDITY', liquidityAccountId, currencyCode, method.id)
    await this.ledger.submit({
      accounts: [account],
      commands: [],
      attach: () => [this.reads.table.insert(method)]
    })
    return done(method)
  }

  /** It gets no new orders; those under way keep it. Doing it again changes nothing. */
  async softDelete(
    context: RequestContext,
    ownerKind: MethodOwnerKind,
    ownerId: string,
    id: string
  ): Promise<Answer<RampPaymentMethod, 'NOT_FOUND'>> {
    return this.unitOfWork.run(async (manager) => {
      const where = { id, ownerKind, ownerId }
      const method = await manager.findOne(RampPaymentMethod, { where, lock: { mode: 'for_no_key_update' } })
      if (!method) return refused('NOT_FOUND')
      if (method.deletedAt) return done(method)
      method.deletedAt = context.now()
      await manager.update(RampPaymentMethod, { id }, { deletedAt: method.deletedAt })
      return done(method)
    })
  }

  private async describe(
    countryId: string,
    { railId, railIdentifier, fields }: NewCustomerMethod
  ): Promise<Answer<{ readonly rail: RampRail; readonly description: MethodDescription }, MethodFailure>> {
    if (railId == null && railIdentifier == null) return refused('REQUIRED_ATTRIBUTES_MISSING')
    const country = await this.countries.get(countryId)
    const rail =
      railId == null
        ? await this.countries.findRailFor(country, railIdentifier!)
        : await this.countries.findRail(railId)
    if (!rail) return refused('INVALID_PAYMENT_METHOD')
    const description = describeMethod(rail, fields)
    return description.done ? done({ rail, description: description.value }) : description
  }

  private draft(
    context: RequestContext,
    rail: RampRail,
    { fields, fingerprint, value }: MethodDescription,
    drafted: Drafted
  ): RampPaymentMethod {
    return {
      ...drafted,
      id: this.identifiers.next(),
      railId: rail.id,
      fields,
      fingerprint,
      value,
      liquidityVersion: 0,
      createdAt: context.now(),
      deletedAt: null
    }
  }

  private async findSame(
    customerId: string,
    railId: string,
    fingerprint: Buffer
  ): Promise<RampPaymentMethod | undefined> {
    const condition = `owner_kind = 'customer' AND owner_id = $1 AND rail_id = $2 AND fingerprint = $3`
    const [method] = await this.select('ramp_payment_method_same', condition, [customerId, railId, fingerprint])
    return method
  }

  private async isFull(customerId: string): Promise<boolean> {
    const condition = `owner_kind = 'customer' AND owner_id = $1 ORDER BY created_at, id OFFSET ${CUSTOMER_METHODS_MAX - 1} LIMIT 1`
    return (await this.select('ramp_payment_methods_full', condition, [customerId])).length > 0
  }

  private async select(name: string, condition: string, values: readonly unknown[]): Promise<RampPaymentMethod[]> {
    const rows = await this.reader.rows<Row>({ name, text: this.selectText(condition), values })
    return rows.map((row) => this.reads.table.entityOf(row))
  }

  private selectText(condition: string): string {
    return `SELECT ${this.reads.table.select()} FROM ramp_payment_method WHERE deleted_at IS NULL AND ${condition}`
  }
}
