/** Bank accounts for customers, which the merchant pays for when it asks for them, whatever comes of it. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import { RampVirtualAccount } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import type { TransferCommand } from '../../../ledger/types'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import type { RampAnswer } from '../failures'
import { holdFailure, isDone } from '../onchain/legs'
import type { OnchainSettings } from '../onchain/settings'
import type { CustomerService } from '../parties/customer-service'
import type { MerchantService } from '../parties/merchant-service'
import type { RampAccounts } from '../parties/ramp-accounts'
import { derivedId } from '../transfer-ids'

export class VirtualAccountService {
  private readonly virtualAccounts: EntityReads<RampVirtualAccount>

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers,
    private readonly merchants: MerchantService,
    private readonly customers: CustomerService,
    private readonly accounts: RampAccounts,
    private readonly settings: OnchainSettings
  ) {
    this.virtualAccounts = entities.of(RampVirtualAccount)
  }

  /** An account that this merchant asked for. */
  async find(merchantId: string, id: string): Promise<RampVirtualAccount | undefined> {
    const account = await this.virtualAccounts.find(id)
    return account?.merchantId === merchantId ? account : undefined
  }

  /** Charges the merchant and leaves the account to a bank. */
  async request(
    context: RequestContext,
    merchantId: string,
    customerId: string
  ): Promise<RampAnswer<RampVirtualAccount>> {
    const customer = await this.customers.findOf(merchantId, customerId)
    if (!customer) return refused('NOT_FOUND')
    const account: RampVirtualAccount = {
      id: this.identifiers.next(),
      merchantId,
      customerId,
      status: 'pending',
      fee: this.settings.virtualAccountFeeUsd,
      details: null,
      createdAt: context.now()
    }
    const outcome = await this.ledger.submit({
      commands: await this.charge(account),
      attach: (outcome) => (isDone(outcome) ? [this.virtualAccounts.table.row(account)] : [])
    })
    return isDone(outcome) ? done(account) : refused(holdFailure(outcome))
  }

  private async charge({ id, merchantId, fee }: RampVirtualAccount): Promise<TransferCommand[]> {
    if (fee === 0n) return []
    const [merchant, fees] = await Promise.all([this.merchants.get(merchantId), this.accounts.id('platform:fees')])
    return [
      {
        type: 'transfer',
        id: derivedId('virtual account', id),
        debitAccountId: merchant.balanceAccountId,
        creditAccountId: fees,
        amount: fee,
        code: RAMP_TRANSFER_CODES.VIRTUAL_ACCOUNT,
        reference: id
      }
    ]
  }
}
