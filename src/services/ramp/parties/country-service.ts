/** Where orders can be placed, and on which rails fiat moves there. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Loader, Reader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { RampCountry, RampRail } from '../../../entities'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import { isStorable } from '../../text'
import { BASIS_POINTS } from '../money'

type Row = Record<string, unknown>

export class CountryService {
  private readonly countries: EntityReads<RampCountry>
  private readonly railReads: EntityReads<RampRail>
  private readonly byCode: Loader<string, RampCountry>
  private readonly byIdentifier: Loader<string, RampRail>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly unitOfWork: UnitOfWork
  ) {
    this.countries = entities.of(RampCountry)
    this.railReads = entities.of(RampRail)
    this.byCode = this.countries.loader(
      'ramp_country_by_code',
      `SELECT ${this.countries.table.select()} FROM ramp_country WHERE code = ANY($1::text[])`,
      ({ code }) => code
    )
    this.byIdentifier = this.railReads.loader(
      'ramp_rail_by_identifier',
      `SELECT ${this.railReads.table.select()} FROM ramp_rail WHERE identifier = ANY($1::text[])`,
      ({ identifier }) => identifier
    )
  }

  /** By name. */
  async all(): Promise<RampCountry[]> {
    const { table } = this.countries
    const text = `SELECT ${table.select()} FROM ramp_country ORDER BY name`
    const rows = await this.reader.rows<Row>({ name: 'ramp_countries', text, values: [] })
    return rows.map((row) => table.entityOf(row))
  }

  find(id: string): Promise<RampCountry | undefined> {
    return this.countries.find(id)
  }

  /** The country of a row that refers to it. */
  async get(id: string): Promise<RampCountry> {
    const country = await this.find(id)
    if (!country) throw new Error(`there is no country ${id}`)
    return country
  }

  /** By its two letters, in any case. */
  async findByCode(code: string): Promise<RampCountry | undefined> {
    return isStorable(code) ? this.byCode.load(code.trim().toUpperCase()) : undefined
  }

  /** In the order of their identifiers. */
  async rails(countryId: string): Promise<RampRail[]> {
    const { table } = this.railReads
    const text = `SELECT ${table.select()} FROM ramp_rail WHERE country_id = $1 ORDER BY identifier`
    const rows = await this.reader.rows<Row>({ name: 'ramp_rails_of_country', text, values: [countryId] })
    return rows.map((row) => table.entityOf(row))
  }

  findRail(id: string): Promise<RampRail | undefined> {
    return this.railReads.find(id)
  }

  /** The rail of a row that refers to it. */
  async rail(id: string): Promise<RampRail> {
    const rail = await this.findRail(id)
    if (!rail) throw new Error(`there is no rail ${id}`)
    return rail
  }

  /**
   * The rail that an identifier names for somebody in a country: `bank_transfer_ng` is that rail wherever they
   * are, `bank_transfer` the one of their own country.
   */
  async findRailFor(country: RampCountry, identifier: string): Promise<RampRail | undefined> {
    if (!isStorable(identifier)) return undefined
    const wanted = identifier.trim().toLowerCase()
    const [named, local] = await Promise.all([
      this.byIdentifier.load(wanted),
      this.byIdentifier.load(`${wanted}_${country.code.toLowerCase()}`)
    ])
    return named ?? local
  }

  /** The platform's spread in a country, 0 … 9999 hundredths of a per cent. Orders under way keep theirs. */
  async setSurcharge(
    _context: RequestContext,
    code: string,
    basisPoints: number
  ): Promise<Answer<RampCountry, 'INVALID_RATE' | 'UNSUPPORTED_COUNTRY'>> {
    if (!Number.isInteger(basisPoints) || basisPoints < 0 || basisPoints >= Number(BASIS_POINTS)) {
      return refused('INVALID_RATE')
    }
    const country = await this.findByCode(code)
    if (!country) return refused('UNSUPPORTED_COUNTRY')
    await this.unitOfWork.run((manager) =>
      manager.update(RampCountry, { id: country.id }, { surchargeBasisPoints: basisPoints })
    )
    return done({ ...country, surchargeBasisPoints: basisPoints })
  }
}
