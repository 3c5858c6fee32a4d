/** Puts the connector together. */
import type { DependencyContainer } from 'tsyringe'
import { Ledger } from '../../ledger/ledger'
import { AssetService } from '../../services/assets/asset-service'
import type { Logger } from '../../services/context'
import { Identifiers } from '../../services/identifiers'
import { PaymentPointerService } from '../../services/payment-pointers/payment-pointer-service'
import { WebMonetizationCredits } from '../../services/payment-pointers/web-monetization'
import { IncomingPaymentCredits } from '../../services/payments/incoming/credit'
import { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import { PeerConnections } from '../../services/peers/peer-connections'
import { PeerDirectory } from '../../services/peers/peer-directory'
import { oneLess } from '../../services/rates/ratio'
import { RatesService, unitOf } from '../../services/rates/rates-service'
import { Neighbours } from '../router/neighbours'
import { Admission } from './admission'
import { lostPacketsFamily, PacketFigures, type PacketFamily } from './figures'
import { LedgerOfPackets } from './packet-ledger'
import { Payees } from './payees'
import { PeerAlarms } from './peer-alarms'
import { HttpPeerClient } from './peer-client'
import { PeerLiquidity } from './peer-liquidity'
import { PeerTest } from './peer-test'
import { Limiter } from './pipeline/limits'
import { Pipeline } from './pipeline/pipeline'
import type { ConnectorSettings } from './settings'
import type { StreamReceiver } from './types'

export interface ConnectorSurroundings {
  readonly container: DependencyContainer
  readonly settings: ConnectorSettings
  readonly receiver: StreamReceiver
  readonly logger: Logger
  readonly now: () => Date
}

export interface OpenConnector {
  /** Takes packets from this process. */
  readonly pipeline: Pipeline
  /** Takes packets from the network. */
  readonly admission: Admission
  readonly neighbours: Neighbours
  readonly liquidity: PeerLiquidity
  readonly families: readonly PacketFamily[]
  /** Waits for packets under way and what they move, for so long at most, and lets go of the connections. */
  close(waitMilliseconds: number): Promise<void>
}

export function openConnector(surroundings: ConnectorSurroundings): OpenConnector {
  const { container, settings, receiver, logger, now } = surroundings
  const ledger = container.resolve(Ledger)
  const rates = container.resolve(RatesService)
  const neighbours = new Neighbours(container.resolve(PeerDirectory), logger)
  const packets = new LedgerOfPackets(ledger, container.resolve(Identifiers), logger)
  const client = new HttpPeerClient({ inFlightPerPeerMax: settings.ilpInFlightPerPeerMax, now })
  container.resolve(PeerConnections).plug(new PeerTest(neighbours, client))
  const figures = new PacketFigures()
  const liquidity = new PeerLiquidity(neighbours, ledger, logger, settings.ilpPeerLiquidityLow)
  const payees = new Payees({
    incomingPayments: container.resolve(IncomingPaymentService),
    paymentPointers: container.resolve(PaymentPointerService),
    assets: container.resolve(AssetService),
    incomingPaymentCredits: container.resolve(IncomingPaymentCredits),
    webMonetizationCredits: container.resolve(WebMonetizationCredits),
    ledger: packets,
    now
  })
  const pipeline = new Pipeline({
    ilpAddress: settings.ilpAddress,
    receiver,
    destinations: {
      local: (tag) => payees.find(tag),
      peer: (destination, sourceAssetId) => neighbours.next(destination, sourceAssetId)
    },
    limiter: new Limiter({
      packetsPerMinute: settings.ilpPacketsPerMinute,
      ...(settings.ilpThroughputLimit !== undefined && { amountPerSecond: BigInt(settings.ilpThroughputLimit) })
    }),
    rates: { conversion: (source, destination) => rates.conversion(logger, unitOf(source), unitOf(destination)) },
    kept: oneLess(settings.ilpSpread),
    ledger: packets,
    client,
    observer: figures,
    alarm: new PeerAlarms(logger),
    unexpected: (error) => logger.error({ error }, 'A packet failed unexpectedly'),
    now
  })
  return {
    pipeline,
    admission: new Admission(
      pipeline,
      settings.ilpAddress,
      { inFlightMax: settings.ilpInFlightMax, inFlightPerPeerMax: settings.ilpInFlightPerPeerMax },
      figures
    ),
    neighbours,
    liquidity,
    families: [...figures.families, ...liquidity.families, lostPacketsFamily(ledger)],
    close: async (waitMilliseconds) => {
      neighbours.close()
      let timer: NodeJS.Timeout | undefined
      const done = pipeline.idle().then(() => packets.settled())
      await Promise.race([done, new Promise((resolve) => (timer = setTimeout(resolve, waitMilliseconds)))])
      clearTimeout(timer)
      packets.tellOwed()
      await client.close()
    }
  }
}
