/** Puts the use cases together. */
import { instanceCachingFactory, type DependencyContainer, type InjectionToken } from 'tsyringe'
import { DataSource } from 'typeorm'
import { EntityReader } from '../database/entity-reader'
import { GroupWriter } from '../database/group-writer'
import { Reader } from '../database/reader'
import { UnitOfWork } from '../database/unit-of-work'
import { Ledger } from '../ledger/ledger'
import { registerCredentials } from './api-keys/register'
import { AssetService } from './assets/asset-service'
import { FeeService } from './fees/fee-service'
import { registerGrants } from './grants/register'
import { Idempotency } from './idempotency/idempotency'
import { IdempotencyRecords } from './idempotency/records'
import { Identifiers } from './identifiers'
import { Balances } from './liquidity/balances'
import { LiquidityService } from './liquidity/liquidity-service'
import { LiquidityOwners } from './liquidity/owners'
import { PaymentPointerKeyService } from './payment-pointers/payment-pointer-key-service'
import { PaymentPointerService } from './payment-pointers/payment-pointer-service'
import { IncomingPaymentDeadlines } from './payments/incoming/deadlines'
import { registerIncoming } from './payments/incoming/register'
import { registerOutgoing } from './payments/outgoing/register'
import { LostPackets } from './peers/lost-packets'
import { PeerConnections } from './peers/peer-connections'
import { PeerDirectory } from './peers/peer-directory'
import { PeerService } from './peers/peer-service'
import { registerParties } from './ramp/parties/register'
import { RemoteGrantStore } from './remote-grants/remote-grant-store'
import { SecretBox } from './secret-box'
import { registerHosted } from './ramp/hosted/register'
import { registerOnchain } from './ramp/onchain/register'
import { registerOrders } from './ramp/orders/register'
import { registerOperator } from './ramp/operator/register'
import { registerAgentViews } from './ramp/profile/register'
import type { ServiceSettings } from './settings'
import { StatementService } from './statements/statement-service'
import { registerWebhooks } from './webhooks/register'

const STATEMENT_TIMEOUT_MILLISECONDS = 10_000
const IDLE_TIMEOUT_MILLISECONDS = 5_000
/** Longer than a rotation and a new grant take, with a server that answers each at the last moment. */
const REMOTE_GRANT_LEASE_MILLISECONDS = 12_000

/** Longest time of one statement in a transaction of the services. */
export function statementMilliseconds(settings: ServiceSettings): number {
  return Math.max(STATEMENT_TIMEOUT_MILLISECONDS, 2 * settings.idempotencyKeyLockMilliseconds)
}

/**
 * Registers every service with a container that already has the initialised `DataSource`, the `Reader`, the
 * `GroupWriter` and the `Ledger`. One instance of each is made, when it is first asked for.
 */
export function registerServices(container: DependencyContainer, settings: ServiceSettings): void {
  const register = <Service>(
    token: InjectionToken<Service>,
    make: (container: DependencyContainer) => Service
  ): void => {
    container.register(token, { useFactory: instanceCachingFactory(make) })
  }
  const get = <Service>(token: InjectionToken<Service>): Service => container.resolve(token)

  register(Identifiers, () => new Identifiers())
  register(SecretBox, () => new SecretBox(settings))
  register(EntityReader, () => new EntityReader(get(DataSource), get(Reader)))
  register(UnitOfWork, () => {
    const lockTimeoutMilliseconds = settings.idempotencyKeyLockMilliseconds
    return new UnitOfWork(get(DataSource), {
      lockTimeoutMilliseconds,
      statementTimeoutMilliseconds: statementMilliseconds(settings),
      idleTimeoutMilliseconds: IDLE_TIMEOUT_MILLISECONDS
    })
  })
  register(
    IdempotencyRecords,
    () => new IdempotencyRecords(get(Reader), get(UnitOfWork), settings.idempotencyKeyLifetimeMilliseconds)
  )
  register(Idempotency, () => {
    const options = { lockMilliseconds: settings.idempotencyKeyLockMilliseconds }
    const ways = { ledger: get(Ledger), groupWriter: get(GroupWriter), unitOfWork: get(UnitOfWork) }
    return new Idempotency(get(IdempotencyRecords), ways, options)
  })
  register(
    RemoteGrantStore,
    () =>
      new RemoteGrantStore(
        get(EntityReader),
        get(Reader),
        get(UnitOfWork),
        get(SecretBox),
        get(Identifiers),
        REMOTE_GRANT_LEASE_MILLISECONDS
      )
  )
  register(Balances, () => new Balances(get(Ledger)))
  register(StatementService, () => new StatementService(get(Ledger)))
  register(LiquidityOwners, () => new LiquidityOwners(get(Reader)))
  register(
    AssetService,
    () => new AssetService(get(EntityReader), get(Reader), get(Ledger), get(Idempotency), get(Identifiers))
  )
  register(FeeService, () => new FeeService(get(EntityReader), get(Idempotency), get(Identifiers)))
  register(
    PeerService,
    () =>
      new PeerService(
        get(EntityReader),
        get(Reader),
        get(AssetService),
        get(Ledger),
        get(Idempotency),
        get(Identifiers),
        get(SecretBox)
      )
  )
  register(LostPackets, () => new LostPackets(get(Ledger)))
  register(PeerConnections, () => new PeerConnections(get(PeerService)))
  register(PeerDirectory, () => new PeerDirectory(get(EntityReader), get(Reader), get(SecretBox)))
  register(
    PaymentPointerService,
    () =>
      new PaymentPointerService(
        get(EntityReader),
        get(AssetService),
        get(IncomingPaymentDeadlines),
        get(Idempotency),
        get(Identifiers)
      )
  )
  register(
    PaymentPointerKeyService,
    () => new PaymentPointerKeyService(get(Reader), get(Idempotency), get(Identifiers))
  )
  register(
    LiquidityService,
    () =>
      new LiquidityService(
        get(LiquidityOwners),
        get(PaymentPointerService),
        get(Balances),
        get(Idempotency),
        get(Identifiers),
        settings
      )
  )
  registerWebhooks({ register, get }, settings)
  registerCredentials({ register, get }, settings)
  registerParties({ register, get })
  registerIncoming({ register, get }, settings)
  registerOutgoing({ register, get }, settings)
  registerGrants({ register, get }, settings)
  registerOperator({ register, get }, settings)
  registerOnchain({ register, get }, settings)
  registerOrders({ register, get }, settings)
  registerHosted({ register, get })
  registerAgentViews({ register, get })
}
