import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { Page, PageRequest } from '../../database/keyset'
import type { Loader, Reader } from '../../database/reader'
import type { Attachment } from '../../database/statement'
import { Asset } from '../../entities'
import type { Ledger } from '../../ledger/ledger'
import type { NewAccount } from '../../ledger/types'
import { done, refused, type Answer, type Refused } from '../answer'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import { liquidityAccount, settlementAccount } from '../ledger-accounts'
import { orRefused } from '../storage-refusals'
import { isStorable } from '../text'

export type AssetFailure =
  /** The code is too long or has characters that cannot be stored. */
  | 'invalid_code'
  /** There is an asset of this code and scale. */
  | 'duplicate_asset'
  /** All ledger numbers are taken. */
  | 'too_many_assets'
  | 'unknown_asset'

/** What tells an asset from every other one. */
export interface AssetUnit {
  readonly code: string
  /** 0 … 255. */
  readonly scale: number
}

export interface CreateAsset extends AssetUnit, Repeatable {
  readonly withdrawalThreshold?: bigint | null
}

/** Why there cannot be an asset of a unit. */
export type UnitFailure = Extract<AssetFailure, 'invalid_code' | 'too_many_assets'>

/** An asset, and what a submission to the ledger has to add to itself so that there is one. */
export interface ProvidedAsset {
  readonly asset: Asset
  /** Empty if the asset is there. */
  readonly accounts: readonly NewAccount[]
  /** Before everything that refers to the asset. Empty if the asset is there. */
  readonly attachments: readonly Attachment[]
}

export interface SetWithdrawalThreshold extends Repeatable {
  readonly id: string
  /** Null or absent clears it. */
  readonly withdrawalThreshold?: bigint | null
}

const NEXT_LEDGER_NUMBER = {
  name: 'asset_ledger_number',
  text: `SELECT nextval('asset_ledger_number') AS ledger`,
  values: []
}
/** Assets are never removed, so a unit that was taken meanwhile is found by the second look. */
const LOOKS_MAX = 2
/** A sequence past its last number. */
const SEQUENCE_EXHAUSTED = '2200H'

export class AssetService {
  private readonly reads: EntityReads<Asset>
  private readonly byUnit: Loader<string, Asset>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly ledger: Ledger,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers
  ) {
    this.reads = entities.of(Asset)
    const { table } = this.reads
    this.byUnit = this.reads.loader(
      'asset_by_unit',
      `SELECT ${table.select()} FROM unnest($1::text[]) AS wanted (unit)
        JOIN asset ON scale = split_part(unit, ':', 1)::smallint AND code = substr(unit, strpos(unit, ':') + 1)`,
      unitOf
    )
  }

  async find(id: string): Promise<Asset | undefined> {
    const uuid = parseUuid(id)
    return uuid === undefined ? undefined : this.reads.find(uuid)
  }

  /** The asset of a code and scale. */
  async findUnit(code: string, scale: number): Promise<Asset | undefined> {
    return isStorable(code) ? this.byUnit.load(unitOf({ code, scale })) : undefined
  }

  page(request: PageRequest): Promise<Page<Asset>> {
    return this.reads.page(request)
  }

  /** Opens the asset's two ledger accounts together with the asset. */
  create(
    context: RequestContext,
    input: CreateAsset
  ): Promise<Answer<Asset, 'invalid_code' | 'duplicate_asset' | 'too_many_assets'>> {
    return this.idempotency.execute(context, 'create_asset', input, async (recorder) => {
      const { code, scale, withdrawalThreshold } = input
      if (!isStorable(code)) return refused('invalid_code')
      // Asked first because a ledger number, once drawn, is gone.
      if (await this.findUnit(code, scale)) return refused('duplicate_asset')
      const drafted = await this.draft(context, input, withdrawalThreshold)
      if (!drafted) return refused('too_many_assets')
      const { asset, accounts, attachments } = drafted
      return orRefused(['duplicate_asset'], () =>
        recorder.submit({ accounts, attach: () => attachments, answer: () => done(asset) })
      )
    })
  }

  /**
   * Gives `work` the asset of a unit; if there is none, it comes to be with what `work` submits, or not at all.
   * `judge` is asked before a new asset is drafted, for what can be said against the rest: a ledger number,
   * once drawn, is gone. Work that finds the unit taken meanwhile is done again with the asset that took it.
   */
  async inUnit<Value, Failure extends string>(
    context: RequestContext,
    unit: AssetUnit,
    judge: () => Promise<Failure | undefined>,
    work: (provided: ProvidedAsset) => Promise<Answer<Value, Failure> | Refused<'duplicate_asset'>>
  ): Promise<Answer<Value, Failure | UnitFailure>> {
    if (!isStorable(unit.code)) return refused('invalid_code')
    for (let look = 1; look <= LOOKS_MAX; look++) {
      const asset = await this.findUnit(unit.code, unit.scale)
      const failure = asset ? undefined : await judge()
      if (failure !== undefined) return refused(failure)
      const provided = asset ? { asset, accounts: [], attachments: [] } : await this.draft(context, unit)
      if (!provided) return refused('too_many_assets')
      const answer = await work(provided)
      if (answer.done || !isTakenMeanwhile(answer)) return answer
    }
    throw new Error(`the asset ${unit.code} of scale ${unit.scale} was taken and is not there`)
  }

  setWithdrawalThreshold(
    context: RequestContext,
    input: SetWithdrawalThreshold
  ): Promise<Answer<Asset, 'unknown_asset'>> {
    return this.idempotency.execute(context, 'set_withdrawal_threshold', input, async (recorder) => {
      const id = parseUuid(input.id)
      if (id === undefined) return refused('unknown_asset')
      return recorder.run(async (manager) => {
        const asset = await manager.findOne(Asset, { where: { id }, lock: { mode: 'for_no_key_update' } })
        if (!asset) return refused('unknown_asset')
        asset.withdrawalThreshold = input.withdrawalThreshold ?? null
        await manager.update(Asset, { id }, { withdrawalThreshold: asset.withdrawalThreshold })
        return done(asset)
      })
    })
  }

  /** Undefined when all ledger numbers are taken. */
  private async draft(
    context: RequestContext,
    { code, scale }: AssetUnit,
    withdrawalThreshold: bigint | null = null
  ): Promise<ProvidedAsset | undefined> {
    const ledger = await this.drawLedgerNumber()
    if (ledger === undefined) return undefined
    const [settlementAccountId, liquidityAccountId] = (await this.ledger.allocateAccountIds(2)) as [bigint, bigint]
    const asset: Asset = {
      id: this.identifiers.next(),
      code,
      scale,
      withdrawalThreshold,
      ledger,
      settlementAccountId,
      liquidityAccountId,
      createdAt: context.now()
    }
    const accounts = [
      settlementAccount(settlementAccountId, ledger, asset.id),
      liquidityAccount('LIQUIDITY_ASSET', liquidityAccountId, ledger, asset.id)
    ]
    return { asset, accounts, attachments: [this.reads.table.insert(asset)] }
  }

  private async drawLedgerNumber(): Promise<number | undefined> {
    try {
      const [row] = await this.reader.rows<{ ledger: string }>(NEXT_LEDGER_NUMBER)
      return Number(row?.ledger)
    } catch (error) {
      if ((error as { code?: unknown }).code === SEQUENCE_EXHAUSTED) return undefined
      throw error
    }
  }
}

function isTakenMeanwhile(answer: Refused<string>): answer is Refused<'duplicate_asset'> {
  return answer.failure === 'duplicate_asset'
}

function unitOf({ code, scale }: Pick<Asset, 'code' | 'scale'>): string {
  return `${scale}:${code}`
}
