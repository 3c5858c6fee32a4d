/** What can be paid here, by the id in a STREAM address. */
import type { IncomingPayment, PaymentPointer } from '../../entities'
import type { AssetService } from '../../services/assets/asset-service'
import type { PaymentPointerService } from '../../services/payment-pointers/payment-pointer-service'
import type { WebMonetizationCredits } from '../../services/payment-pointers/web-monetization'
import type { IncomingPaymentCredits } from '../../services/payments/incoming/credit'
import type { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import { isOpen } from '../../services/payments/incoming/life-cycle'
import { LocalAccount, type Payee } from './local-account'
import type { LedgerOfPackets } from './packet-ledger'
import type { PacketAsset } from './types'

/** How long a payee that was read is good enough to judge packets by, in milliseconds. */
const FRESH_MILLISECONDS = 1_000
/** Most payees that are remembered; the one that was used longest ago makes room. */
const PAYEES_MAX = 10_000

export interface PayeeParts {
  readonly incomingPayments: Pick<IncomingPaymentService, 'find'>
  readonly paymentPointers: Pick<PaymentPointerService, 'find'>
  readonly assets: Pick<AssetService, 'find'>
  readonly incomingPaymentCredits: IncomingPaymentCredits
  readonly webMonetizationCredits: WebMonetizationCredits
  readonly ledger: LedgerOfPackets
  now(): Date
}

interface Known {
  readonly account: LocalAccount
  readMilliseconds: number
}

export class Payees {
  private readonly known = new Map<string, Known>()
  private readonly reading = new Map<string, Promise<Known | undefined>>()

  constructor(private readonly parts: PayeeParts) {}

  /** Undefined if there is none of that id. @throws Refusal F02 if it went away */
  async find(id: string): Promise<LocalAccount | undefined> {
    const known = this.known.get(id) ?? (await this.begin(id))
    if (!known) return undefined
    const now = performance.now()
    if (known.account.isOutdated || now - known.readMilliseconds > FRESH_MILLISECONDS) {
      known.readMilliseconds = now
      await known.account.refresh()
    }
    return known.account
  }

  private async begin(id: string): Promise<Known | undefined> {
    let reading = this.reading.get(id)
    if (!reading) {
      reading = this.open(id).finally(() => this.reading.delete(id))
      this.reading.set(id, reading)
    }
    return reading
  }

  private async open(id: string): Promise<Known | undefined> {
    const readMilliseconds = performance.now()
    const payee = await this.read(id)
    if (!payee) return undefined
    const account = new LocalAccount(
      payee,
      () => this.read(id),
      this.parts.ledger,
      () => this.parts.now()
    )
    const known = { account, readMilliseconds }
    this.known.set(id, known)
    if (this.known.size > PAYEES_MAX) this.known.delete(this.known.keys().next().value!)
    return known
  }

  private async read(id: string): Promise<Payee | undefined> {
    const payment = await this.parts.incomingPayments.find(id)
    if (payment) return this.payeeOfPayment(payment, await this.assetOf(payment.assetId))
    const pointer = await this.parts.paymentPointers.find(id)
    return pointer && this.payeeOfPointer(pointer, await this.assetOf(pointer.assetId))
  }

  private payeeOfPayment(payment: IncomingPayment, asset: PacketAsset): Payee {
    const { id, accountId, incomingAmount, receivedAmount, expiresAt } = payment
    const credits = this.parts.incomingPaymentCredits
    return {
      id,
      asset,
      hasAccount: accountId !== null,
      remaining: incomingAmount === null ? undefined : incomingAmount - receivedAmount,
      isFinished: (now) => !isOpen(payment) || expiresAt <= now,
      credit: (now) => credits.creditOfMany(payment, asset, now)
    }
  }

  /** Also one that was deactivated: it takes what is on its way to it. */
  private payeeOfPointer(pointer: PaymentPointer, asset: PacketAsset): Payee {
    const credits = this.parts.webMonetizationCredits
    return {
      id: pointer.id,
      asset,
      hasAccount: pointer.webMonetizationAccountId !== null,
      remaining: undefined,
      isFinished: () => false,
      credit: (now) => credits.creditOfMany(pointer, asset, now)
    }
  }

  private async assetOf(id: string): Promise<PacketAsset> {
    const asset = await this.parts.assets.find(id)
    if (!asset) throw new Error(`asset ${id} is gone`)
    return asset
  }
}
