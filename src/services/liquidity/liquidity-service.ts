/** The operator's money going into the service and out of it again. */
import type { PaymentPointer } from '../../entities'
import { AMOUNT_MAX, type Outcome, type TransferCommand } from '../../ledger/types'
import { ahead } from '../ahead'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { smaller } from '../extremes'
import { parseTransferId, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import type { Recorder } from '../idempotency/recorder'
import { TRANSFER_CODES } from '../ledger-codes'
import type { PaymentPointerService } from '../payment-pointers/payment-pointer-service'
import type { ServiceSettings } from '../settings'
import type { Balances } from './balances'
import { failureOf, type LiquidityFailure, type OwnerKind } from './liquidity-failures'
import type { LiquidityOwners } from './owners'

interface LiquidityTransfer extends Repeatable {
  /** Client-chosen UUID of version 4, unique among all transfers for ever. */
  readonly id: string
  /** In the asset's smallest unit. */
  readonly amount: bigint
}

export interface AssetLiquidity extends LiquidityTransfer {
  readonly assetId: string
}

export interface PeerLiquidity extends LiquidityTransfer {
  readonly peerId: string
}

export interface WithdrawFromPaymentPointer extends Repeatable {
  readonly id: string
  readonly paymentPointerId: string
}

export interface ResolveWithdrawal extends Repeatable {
  readonly withdrawalId: string
}

export interface PaymentPointerWithdrawal {
  readonly id: string
  readonly amount: bigint
  readonly paymentPointer: PaymentPointer
}

export type LiquidityAnswer = Answer<null, LiquidityFailure>
export type WithdrawalAnswer = Answer<PaymentPointerWithdrawal, LiquidityFailure>

type Direction = 'deposit' | 'withdrawal'

/** The accounts of a deposit or withdrawal, both there. */
interface Sides {
  readonly liquidityAccountId: bigint
  readonly settlementAccountId: bigint
}

/** How often a withdrawal of a whole balance is tried while the balance shrinks under it. */
const ATTEMPTS_MAX = 5

export class LiquidityService {
  constructor(
    private readonly owners: LiquidityOwners,
    private readonly paymentPointers: PaymentPointerService,
    private readonly balances: Balances,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers,
    private readonly settings: Pick<ServiceSettings, 'withdrawalHoldSeconds'>
  ) {}

  depositToAsset(context: RequestContext, input: AssetLiquidity): Promise<LiquidityAnswer> {
    return this.transfer(context, 'deposit', 'asset', input.assetId, input)
  }

  depositToPeer(context: RequestContext, input: PeerLiquidity): Promise<LiquidityAnswer> {
    return this.transfer(context, 'deposit', 'peer', input.peerId, input)
  }

  /** Reserves the amount until the withdrawal is posted, voided, or past its hold time. */
  withdrawFromAsset(context: RequestContext, input: AssetLiquidity): Promise<LiquidityAnswer> {
    return this.transfer(context, 'withdrawal', 'asset', input.assetId, input)
  }

  /** Reserves the amount until the withdrawal is posted, voided, or past its hold time. */
  withdrawFromPeer(context: RequestContext, input: PeerLiquidity): Promise<LiquidityAnswer> {
    return this.transfer(context, 'withdrawal', 'peer', input.peerId, input)
  }

  /**
   * Reserves all that is available of what the pointer received itself. A balance that is more than one withdrawal
   * can carry takes several, as each is posted or voided by its one id.
   */
  withdrawFromPaymentPointer(context: RequestContext, input: WithdrawFromPaymentPointer): Promise<WithdrawalAnswer> {
    const pointerRead = ahead(this.paymentPointers.find(input.paymentPointerId))
    const ownerRead = ahead(this.owners.find('payment_pointer', input.paymentPointerId))
    return this.idempotency.execute<WithdrawalAnswer>(context, 'withdraw_payment_pointer', input, async (recorder) => {
      const paymentPointer = await pointerRead
      const owner = await ownerRead
      if (!paymentPointer || !owner) return refused('unknown_payment_pointer')
      const { liquidityAccountId, settlementAccountId } = owner
      if (liquidityAccountId === null) return refused('no_account')
      return this.withdrawAll(recorder, { liquidityAccountId, settlementAccountId }, paymentPointer, input.id)
    })
  }

  /** Makes a withdrawal final. */
  postWithdrawal(context: RequestContext, input: ResolveWithdrawal): Promise<LiquidityAnswer> {
    return this.resolve(context, 'post', input)
  }

  /** Gives the reserved amount back. */
  voidWithdrawal(context: RequestContext, input: ResolveWithdrawal): Promise<LiquidityAnswer> {
    return this.resolve(context, 'void', input)
  }

  private transfer(
    context: RequestContext,
    direction: Direction,
    kind: OwnerKind,
    ownerId: string,
    input: LiquidityTransfer
  ): Promise<LiquidityAnswer> {
    const ownerRead = ahead(this.owners.find(kind, ownerId))
    return this.idempotency.execute<LiquidityAnswer>(context, `${direction}_${kind}`, input, async (recorder) => {
      if (input.amount === 0n) return refused('amount_zero')
      const owner = await ownerRead
      if (!owner) return refused(`unknown_${kind}`)
      const { liquidityAccountId, settlementAccountId } = owner
      if (liquidityAccountId === null) return refused('no_account')
      const id = parseTransferId(input.id)
      if (id === undefined) return refused('invalid_id')
      return recorder.submit({
        commands: [this.command(direction, id, input.amount, { liquidityAccountId, settlementAccountId })],
        answer: ({ results }) => answerOf(failureOf(results[0], kind))
      })
    })
  }

  private command(direction: Direction, id: string, amount: bigint, sides: Sides): TransferCommand {
    const { settlementAccountId, liquidityAccountId } = sides
    if (direction === 'deposit') {
      const accounts = { debitAccountId: settlementAccountId, creditAccountId: liquidityAccountId }
      return { type: 'transfer', id, ...accounts, amount, code: TRANSFER_CODES.DEPOSIT }
    }
    const accounts = { debitAccountId: liquidityAccountId, creditAccountId: settlementAccountId }
    const { withdrawalHoldSeconds: holdSeconds } = this.settings
    return { type: 'transfer', id, ...accounts, amount, code: TRANSFER_CODES.WITHDRAWAL, pending: true, holdSeconds }
  }

  private async withdrawAll(
    recorder: Recorder<WithdrawalAnswer>,
    sides: Sides,
    paymentPointer: PaymentPointer,
    transferId: string
  ): Promise<WithdrawalAnswer> {
    const id = parseTransferId(transferId)
    for (let attempt = 1; ; attempt++) {
      const available = await this.balances.available(sides.liquidityAccountId)
      if (available === undefined) return refused('no_account')
      if (available === 0n) return refused('amount_zero')
      if (id === undefined) return refused('invalid_id')
      const amount = smaller(available, AMOUNT_MAX)
      const command = this.command('withdrawal', id, amount, sides)
      const answer = ({ results }: Outcome): WithdrawalAnswer => {
        const failure = failureOf(results[0], 'payment_pointer')
        return failure ? refused(failure) : done({ id, amount, paymentPointer })
      }
      const attach = ({ results }: Outcome): [] => {
        const isShort = failureOf(results[0], 'payment_pointer') === 'insufficient_balance'
        // Somebody else took from the balance after it was read. Nothing of this attempt is to remain.
        if (isShort && attempt < ATTEMPTS_MAX) throw new BalanceShrunk()
        return []
      }
      try {
        return await recorder.submit({ commands: [command], answer, attach })
      } catch (error) {
        if (!(error instanceof BalanceShrunk)) throw error
      }
    }
  }

  private resolve(context: RequestContext, type: 'post' | 'void', input: ResolveWithdrawal): Promise<LiquidityAnswer> {
    return this.idempotency.execute<LiquidityAnswer>(context, `${type}_withdrawal`, input, async (recorder) => {
      const holdId = parseTransferId(input.withdrawalId)
      if (holdId === undefined) return refused('invalid_id')
      // Deposits are named so that they are known as what they are: final. Holds of packets stay out of reach.
      const holdCodes = [TRANSFER_CODES.DEPOSIT, TRANSFER_CODES.WITHDRAWAL]
      return recorder.submit({
        commands: [{ type, id: this.identifiers.next(), holdId, holdCodes }],
        answer: ({ results }) => answerOf(failureOf(results[0]))
      })
    })
  }
}

class BalanceShrunk extends Error {}

function answerOf(failure: LiquidityFailure | undefined): LiquidityAnswer {
  return failure ? refused(failure) : done(null)
}
