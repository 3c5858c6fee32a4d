/**
 * The port of the neighbours: ILP over HTTP. A packet is posted to any path and its reply is the answer. Once
 * the bytes are known to be a packet the status is 200, whatever the reply says.
 */
import type { Admission } from '../interledger/connector/admission'
import type { PacketPeer } from '../interledger/connector/types'
import { Prepare } from '../interledger/packet/prepare'
import type { RootLogger } from '../logging'
import type { Exchange } from './exchange'
import { healthRoutes, type HealthCheck } from './health'
import { startListener, type ListenerLimits, type RunningListener } from './listener'

export interface ConnectorListenerOptions {
  readonly host: string
  readonly port: number
  readonly admission: Admission
  /** Whose incoming token this is. */
  readonly peerOf: (token: string) => Promise<PacketPeer | undefined>
  /** What `/readyz` asks, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly logger: RootLogger
  readonly limits?: Partial<ListenerLimits>
}

const PACKET_TYPE = 'application/octet-stream'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const CHALLENGE = ['www-authenticate', 'Bearer']
/** A packet itself is at most some 34 KiB. */
const BODY_BYTES_MAX = 65_536
const BEARER = /^bearer +(\S+) *$/i

export function startConnectorListener(options: ConnectorListenerOptions): Promise<RunningListener> {
  const { host, port, checks, logger, limits } = options
  return startListener({
    name: 'connector',
    host,
    port,
    logger,
    limits,
    requestLevel: 'debug',
    routes: [
      ...healthRoutes({ checks, logger }),
      { path: '/*', methods: ['POST'], handle: (exchange) => takePacket(exchange, options) }
    ]
  })
}

/** Who asks, then what is asked: a stranger learns nothing about what is wrong with a packet. */
async function takePacket(exchange: Exchange, { admission, peerOf }: ConnectorListenerOptions): Promise<void> {
  const token = BEARER.exec(exchange.header('authorization') ?? '')?.[1]
  if (token === undefined) {
    return exchange.send(401, 'Bearer token required in Authorization header', TEXT_TYPE, CHALLENGE)
  }
  const peer = await peerOf(token)
  if (!peer) return exchange.send(401, 'Access Denied - Invalid Token', TEXT_TYPE, CHALLENGE)
  const type = exchange.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== PACKET_TYPE) return exchange.send(400, `Expected Content-Type of ${PACKET_TYPE}`, TEXT_TYPE)
  const prepare = readPrepare(await exchange.readBody(BODY_BYTES_MAX))
  if (!prepare) return exchange.send(400, 'Expected one ILP Prepare', TEXT_TYPE)
  exchange.send(200, await admission.take(prepare, peer), PACKET_TYPE)
}

function readPrepare(bytes: Buffer): Prepare | undefined {
  try {
    return new Prepare(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
