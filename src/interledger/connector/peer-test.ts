/** Asks a neighbour what it knows us as, which every one that can be reached has some reply to. */
import { createHash } from 'node:crypto'
import { isFulfill, serializeIlpPrepare } from 'ilp-packet'
import { deserializeIldcpResponse } from 'ilp-protocol-ildcp'
import type { IlpAddress } from 'ilp-packet'
import type { RequestContext } from '../../services/context'
import type { PeerConnection, PeerTester } from '../../services/peers/peer-connections'
import { readReply } from '../packet/reply'
import type { Neighbours } from '../router/neighbours'
import { byDeadline } from './pipeline/expiry'
import { PeerFailure } from './pipeline/ports'
import { Refusal } from './pipeline/refusal'
import type { PacketPeer, PeerClient } from './types'

const TIMEOUT_MILLISECONDS = 5_000
const CONDITION = createHash('sha256').update(Buffer.alloc(32)).digest()

export class PeerTest implements PeerTester {
  constructor(
    private readonly neighbours: Pick<Neighbours, 'byId'>,
    private readonly client: PeerClient
  ) {}

  async test(peerId: string, context: RequestContext): Promise<PeerConnection | undefined> {
    const peer = await this.neighbours.byId(peerId)
    if (!peer) return undefined
    const begun = performance.now()
    const found = await this.ask(peer, context)
    return { ...found, durationMilliseconds: Math.round(performance.now() - begun) }
  }

  private async ask(peer: PacketPeer, context: RequestContext): Promise<Omit<PeerConnection, 'durationMilliseconds'>> {
    const expiresAt = new Date(context.now().getTime() + TIMEOUT_MILLISECONDS)
    const question = serializeIlpPrepare({
      amount: '0',
      destination: 'peer.config' as IlpAddress,
      executionCondition: CONDITION,
      expiresAt,
      data: Buffer.alloc(0)
    })
    try {
      const sent = this.client.send(peer, question, expiresAt)
      return answerOf(peer, await byDeadline(sent, TIMEOUT_MILLISECONDS, () => undefined))
    } catch (error) {
      if (error instanceof Refusal) return { outcome: 'no_answer' }
      if (!(error instanceof PeerFailure)) throw error
      context.logger.info({ error, peerId: peer.id }, 'a peer did not answer a test')
      return { outcome: error.reason }
    }
  }
}

/** One that knows no such question rejects it, and so is there. */
function answerOf(peer: PacketPeer, bytes: Buffer): Omit<PeerConnection, 'durationMilliseconds'> {
  const reply = readReply(bytes)
  if (!reply) return { outcome: 'faulty' }
  if (!isFulfill(reply)) return { outcome: 'connected' }
  try {
    const { clientAddress: ilpAddress, assetCode, assetScale } = deserializeIldcpResponse(bytes)
    const isSame = assetCode === peer.asset.code && Number(assetScale) === peer.asset.scale
    const account = { ilpAddress, assetCode, assetScale: Number(assetScale) }
    return { outcome: isSame ? 'connected' : 'asset_mismatch', account }
  } catch {
    return { outcome: 'faulty' }
  }
}
