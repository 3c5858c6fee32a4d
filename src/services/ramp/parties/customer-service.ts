/** The customers of each merchant, who know nothing of each other's. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { GroupWriter } from '../../../database/group-writer'
import type { Loader, Reader } from '../../../database/reader'
import { RampCustomer } from '../../../entities'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import { orRefused } from '../../storage-refusals'
import type { CountryService } from './country-service'
import { emailOf, nameOf } from './words'

export interface NewCustomer {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  /** UUID. */
  readonly countryId: string
}

/** Customers from an offset on, oldest first. */
export interface CustomerSlice {
  readonly customers: RampCustomer[]
  /** Whether others come after them. */
  readonly hasMore: boolean
}

export class CustomerService {
  private readonly reads: EntityReads<RampCustomer>
  private readonly byEmail: Loader<string, RampCustomer>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly writer: GroupWriter,
    private readonly identifiers: Identifiers,
    private readonly countries: CountryService
  ) {
    this.reads = entities.of(RampCustomer)
    const { table } = this.reads
    this.byEmail = this.reads.loader(
      'ramp_customer_by_email',
      `SELECT ${table.select()} FROM unnest($1::text[]) AS wanted (key)
        JOIN ramp_customer ON merchant_id = left(key, 36)::uuid AND email = substr(key, 38)`,
      ({ merchantId, email }) => keyOf(merchantId, email)
    )
  }

  find(id: string): Promise<RampCustomer | undefined> {
    return this.reads.find(id)
  }

  /** As the merchant sees it: somebody else's customer is not there. */
  async findOf(merchantId: string, id: string): Promise<RampCustomer | undefined> {
    const customer = await this.find(id)
    return customer?.merchantId === merchantId ? customer : undefined
  }

  async findByEmail(merchantId: string, email: string): Promise<RampCustomer | undefined> {
    const wanted = emailOf(email)
    return wanted === undefined ? undefined : this.byEmail.load(keyOf(merchantId, wanted))
  }

  async create(
    context: RequestContext,
    merchantId: string,
    input: NewCustomer
  ): Promise<Answer<RampCustomer, 'MISSING_FIELD' | 'NOT_FOUND' | 'EMAIL_TAKEN'>> {
    const [email, firstName, lastName] = [emailOf(input.email), nameOf(input.firstName), nameOf(input.lastName)]
    if (email === undefined || firstName === undefined || lastName === undefined) return refused('MISSING_FIELD')
    const country = await this.countries.find(input.countryId)
    if (!country) return refused('NOT_FOUND')
    const customer: RampCustomer = {
      id: this.identifiers.next(),
      merchantId,
      email,
      firstName,
      lastName,
      countryId: country.id,
      createdAt: context.now()
    }
    return orRefused(['EMAIL_TAKEN'], async () => {
      await this.writer.write([this.reads.table.row(customer)])
      return done(customer)
    })
  }

  /** At most `limit` customers of a merchant behind the first `offset`. */
  async slice(merchantId: string, offset: number, limit: number): Promise<CustomerSlice> {
    const { table } = this.reads
    const rows = await this.reader.rows<Record<string, unknown>>({
      name: 'ramp_customers_of_merchant',
      text: `SELECT ${table.select()} FROM ramp_customer WHERE merchant_id = $1 ORDER BY created_at, id
        OFFSET $2 LIMIT $3`,
      values: [merchantId, offset, limit + 1]
    })
    return { customers: rows.slice(0, limit).map((row) => table.entityOf(row)), hasMore: rows.length > limit }
  }

  /** How many customers a merchant has. It costs as much as there are. */
  async count(merchantId: string): Promise<number> {
    const [row] = await this.reader.rows<{ total: string }>({
      name: 'ramp_customers_of_merchant_count',
      text: `SELECT count(*) AS total FROM ramp_customer WHERE merchant_id = $1`,
      values: [merchantId]
    })
    return Number(row?.total ?? 0)
  }
}

/** A UUID is always as long. */
function keyOf(merchantId: string, email: string): string {
  return `${merchantId}:${email}`
}
