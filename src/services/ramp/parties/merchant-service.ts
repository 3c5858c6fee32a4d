/** Merchants: who they are, and what the operator lets them do. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { Merchant } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import { orRefused } from '../../storage-refusals'
import { BASIS_POINTS } from '../money'
import { USD_LEDGER, type RampAccounts } from './ramp-accounts'
import { emailOf, isDepositAddress, nameOf } from './words'

export interface NewMerchant {
  readonly name: string
  readonly email: string
  readonly depositAddress?: string | null
  /** 0 … 9999 hundredths of a per cent; null or absent for what everybody pays. */
  readonly feeBasisPoints?: number | null
}

/** What of a merchant the operator changes. What is absent stays. */
export interface MerchantChanges {
  readonly name?: string
  readonly depositAddress?: string | null
  readonly isRestricted?: boolean
  readonly feeBasisPoints?: number | null
}

export class MerchantService {
  private readonly reads: EntityReads<Merchant>

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger,
    private readonly unitOfWork: UnitOfWork,
    private readonly identifiers: Identifiers,
    private readonly accounts: RampAccounts
  ) {
    this.reads = entities.of(Merchant)
  }

  find(id: string): Promise<Merchant | undefined> {
    return this.reads.find(id)
  }

  /** The merchant of a row that refers to it. */
  async get(id: string): Promise<Merchant> {
    const merchant = await this.find(id)
    if (!merchant) throw new Error(`there is no merchant ${id}`)
    return merchant
  }

  page(request: PageRequest): Promise<Page<Merchant>> {
    return this.reads.page(request)
  }

  /** Opens the merchant's USD account together with the merchant. */
  async create(
    context: RequestContext,
    input: NewMerchant
  ): Promise<Answer<Merchant, 'MISSING_FIELD' | 'INVALID_ADDRESS' | 'INVALID_RATE' | 'EMAIL_TAKEN'>> {
    const [name, email] = [nameOf(input.name), emailOf(input.email)]
    if (name === undefined || email === undefined) return refused('MISSING_FIELD')
    if (!isDepositAddress(input.depositAddress)) return refused('INVALID_ADDRESS')
    const feeBasisPoints = input.feeBasisPoints ?? null
    if (!isFee(feeBasisPoints)) return refused('INVALID_RATE')
    const [balanceAccountId] = (await this.ledger.allocateAccountIds(1)) as [bigint]
    const merchant: Merchant = {
      id: this.identifiers.next(),
      name,
      email,
      balanceAccountId,
      depositAddress: input.depositAddress ?? null,
      isRestricted: false,
      feeBasisPoints,
      createdAt: context.now()
    }
    const accounts = [await this.accounts.held('MERCHANT_BALANCE', balanceAccountId, USD_LEDGER, merchant.id)]
    return orRefused(['EMAIL_TAKEN'], async () => {
      await this.ledger.submit({ accounts, commands: [], attach: () => [this.reads.table.insert(merchant)] })
      return done(merchant)
    })
  }

  async update(
    _context: RequestContext,
    id: string,
    changes: MerchantChanges
  ): Promise<Answer<Merchant, 'NOT_FOUND' | 'MISSING_FIELD' | 'INVALID_ADDRESS' | 'INVALID_RATE'>> {
    const name = changes.name === undefined ? undefined : nameOf(changes.name)
    if (changes.name !== undefined && name === undefined) return refused('MISSING_FIELD')
    if (!isDepositAddress(changes.depositAddress)) return refused('INVALID_ADDRESS')
    if (!isFee(changes.feeBasisPoints ?? null)) return refused('INVALID_RATE')
    return this.unitOfWork.run(async (manager) => {
      const merchant = await manager.findOne(Merchant, { where: { id }, lock: { mode: 'for_no_key_update' } })
      if (!merchant) return refused('NOT_FOUND')
      const given = Object.entries({ ...changes, name }).filter(([, value]) => value !== undefined)
      if (given.length > 0) await manager.update(Merchant, { id }, Object.fromEntries(given) as MerchantChanges)
      return done(Object.assign(merchant, Object.fromEntries(given) as MerchantChanges))
    })
  }
}

function isFee(basisPoints: number | null): boolean {
  if (basisPoints === null) return true
  return Number.isInteger(basisPoints) && basisPoints >= 0 && basisPoints < Number(BASIS_POINTS)
}
