/**
 * Step 2: what neighbours ask each other. A neighbour that asks who it is is told its address and the unit of
 * its account; nothing else below `peer.` exists, and none of it is ever passed on.
 */
import { serializeIldcpResponse } from 'ilp-protocol-ildcp'
import type { Prepare } from '../../packet/prepare'
import { fulfils } from '../../packet/reply'
import type { Source } from '../types'
import { Refusal, UNKNOWN_DESTINATION } from './refusal'

const WHO_AM_I = 'peer.config'
const FULFILLMENT = Buffer.alloc(32)

/** The answer, or undefined for packets that are none of these. @throws Refusal F00, F02 */
export function answerPeerProtocol(prepare: Prepare, source: Source, now: Date): Buffer | undefined {
  const { destination } = prepare
  if (!destination.startsWith('peer.')) return undefined
  if (destination !== WHO_AM_I || source.kind !== 'peer') throw new Refusal('F02', UNKNOWN_DESTINATION)
  if (prepare.amount !== 0n) throw new Refusal('F00', 'a request for the configuration carries no amount')
  if (!fulfils(FULFILLMENT, prepare.condition)) throw new Refusal('F00', 'not the condition of such a request')
  if (prepare.expiresAt <= now) throw new Refusal('F00', 'the request has expired')
  const { ilpAddress: clientAddress, asset } = source.peer
  return serializeIldcpResponse({ clientAddress, assetScale: asset.scale, assetCode: asset.code })
}
