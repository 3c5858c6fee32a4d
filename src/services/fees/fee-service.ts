import type { EntityReader } from '../../database/entity-reader'
import type { Loader } from '../../database/reader'
import { Asset, Fee } from '../../entities'
import { FEE_TYPES, type FeeType } from '../../entities/fee'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'

export const BASIS_POINTS_MAX = 10_000

export type FeeFailure =
  /** Not in 0 … BASIS_POINTS_MAX. */
  'invalid_basis_points' | 'unknown_asset'

export interface SetFee extends Repeatable {
  readonly assetId: string
  readonly type: FeeType
  readonly fee: {
    /** In the asset's smallest unit. */
    readonly fixed: bigint
    readonly basisPoints: number
  }
}

export class FeeService {
  private readonly latestOf: Readonly<Record<FeeType, Loader<string, Fee>>>

  constructor(
    entities: EntityReader,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers
  ) {
    const reads = entities.of(Fee)
    const latest = (type: FeeType): Loader<string, Fee> =>
      reads.loader(
        `fee_latest_${type}`,
        `SELECT latest.* FROM unnest($1::uuid[]) AS wanted (asset_id) CROSS JOIN LATERAL (
          SELECT ${reads.table.select('fee')} FROM fee WHERE fee.asset_id = wanted.asset_id AND fee.type = '${type}'
          ORDER BY fee.created_at DESC, fee.id DESC LIMIT 1) AS latest`,
        (fee) => fee.assetId
      )
    this.latestOf = Object.fromEntries(FEE_TYPES.map((type) => [type, latest(type)])) as Record<
      FeeType,
      Loader<string, Fee>
    >
  }

  /** The fee in force, if any. `assetId` is an asset's own id. */
  latest(assetId: string, type: FeeType): Promise<Fee | undefined> {
    return this.latestOf[type].load(assetId)
  }

  /** Replaces the fee of an asset and type. Earlier ones are kept as history. */
  set(context: RequestContext, input: SetFee): Promise<Answer<Fee, FeeFailure>> {
    return this.idempotency.execute(context, 'set_fee', input, async (recorder) => {
      const { fixed, basisPoints } = input.fee
      if (basisPoints < 0 || basisPoints > BASIS_POINTS_MAX) return refused('invalid_basis_points')
      const assetId = parseUuid(input.assetId)
      if (assetId === undefined) return refused('unknown_asset')
      return recorder.run(async (manager) => {
        // The asset's row makes setters wait for each other, so the last to commit has the last time.
        const asset = await manager.findOne(Asset, { where: { id: assetId }, lock: { mode: 'for_no_key_update' } })
        if (!asset) return refused('unknown_asset')
        const { type } = input
        const last = await manager.findOne(Fee, { where: { assetId, type }, order: { createdAt: 'DESC', id: 'DESC' } })
        const createdAt = new Date(Math.max(context.now().getTime(), last ? last.createdAt.getTime() + 1 : 0))
        const fee: Fee = { id: this.identifiers.next(), assetId, type, fixed, basisPoints, createdAt }
        await manager.insert(Fee, fee)
        return done(fee)
      })
    })
  }
}
