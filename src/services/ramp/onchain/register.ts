/** Puts together what leaves the ramp on chain, what is said to have come in, and accounts at banks. */
import { EntityReader } from '../../../database/entity-reader'
import { GroupWriter } from '../../../database/group-writer'
import { Reader } from '../../../database/reader'
import { Ledger } from '../../../ledger/ledger'
import { Identifiers } from '../../identifiers'
import type { Registry } from '../../registry'
import { HostedLinks, type HostedLinkSettings } from '../hosted/hosted-links'
import { CustomerService } from '../parties/customer-service'
import { MerchantService } from '../parties/merchant-service'
import { RampAccounts } from '../parties/ramp-accounts'
import { VirtualAccountService } from '../virtual-accounts/virtual-account-service'
import { VirtualAccountSettlement } from '../virtual-accounts/virtual-account-settlement'
import { RampOutbox } from '../webhooks/outbox'
import { ManualGateway } from './gateway'
import { OnchainDelivery } from './onchain-delivery'
import { OnchainSettlement } from './onchain-settlement'
import { OnchainWithdrawals } from './onchain-withdrawals'
import type { OnchainSettings } from './settings'
import { TransactionHashes } from './transaction-hashes'

export function registerOnchain({ register, get }: Registry, settings: OnchainSettings & HostedLinkSettings): void {
  register(HostedLinks, () => new HostedLinks(settings))
  // The one way of moving coins that there is so far.
  register(ManualGateway, () => new ManualGateway())
  register(
    OnchainWithdrawals,
    () =>
      new OnchainWithdrawals(
        get(EntityReader),
        get(Ledger),
        get(Identifiers),
        get(MerchantService),
        get(RampAccounts),
        get(ManualGateway),
        settings
      )
  )
  register(OnchainSettlement, () => new OnchainSettlement(get(EntityReader), get(Ledger), get(RampOutbox)))
  register(
    OnchainDelivery,
    () => new OnchainDelivery(get(EntityReader), get(RampAccounts), get(RampOutbox), get(ManualGateway), settings)
  )
  register(TransactionHashes, () => new TransactionHashes(get(EntityReader), get(Reader), get(GroupWriter)))
  register(VirtualAccountSettlement, () => new VirtualAccountSettlement(get(EntityReader), get(GroupWriter)))
  register(
    VirtualAccountService,
    () =>
      new VirtualAccountService(
        get(EntityReader),
        get(Ledger),
        get(Identifiers),
        get(MerchantService),
        get(CustomerService),
        get(RampAccounts),
        settings
      )
  )
}
