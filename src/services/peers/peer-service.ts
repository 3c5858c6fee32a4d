import type { EntityManager } from 'typeorm'
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { Page, PageRequest } from '../../database/keyset'
import { Peer, PeerIncomingToken } from '../../entities'
import type { Ledger } from '../../ledger/ledger'
import type { Outcome } from '../../ledger/types'
import { ahead } from '../ahead'
import { done, refused, type Answer } from '../answer'
import type { AssetService } from '../assets/asset-service'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency } from '../idempotency/idempotency'
import { liquidityAccount } from '../ledger-accounts'
import { orRefused } from '../storage-refusals'
import { changesOf, judgeCreation, judgeUpdate } from './peer-checks'
import type { CreatePeer, DeletePeer, PeerFailure, UpdatePeer } from './peer-inputs'
import { deletePeer, hashToken, insertTokens } from './peer-statements'

type DeleteFailure = 'unknown_peer' | 'peer_not_empty'

export class PeerService {
  private readonly reads: EntityReads<Peer>

  constructor(
    entities: EntityReader,
    private readonly assets: AssetService,
    private readonly ledger: Ledger,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers
  ) {
    this.reads = entities.of(Peer)
  }

  async find(id: string): Promise<Peer | undefined> {
    const uuid = parseUuid(id)
    return uuid === undefined ? undefined : this.reads.find(uuid)
  }

  page(request: PageRequest): Promise<Page<Peer>> {
    return this.reads.page(request)
  }

  /** Opens the peer's ledger account together with the peer. */
  create(context: RequestContext, input: CreatePeer): Promise<Answer<Peer, PeerFailure>> {
    const assetRead = ahead(this.assets.find(input.assetId))
    return this.idempotency.execute(context, 'create_peer', input, async (recorder) => {
      const form = judgeCreation(input)
      if (form) return refused(form)
      const asset = await assetRead
      if (!asset) return refused('unknown_asset')
      const tokens = input.http.incoming?.authTokens ?? []
      if (new Set(tokens).size < tokens.length) return refused('duplicate_incoming_token')
      const [liquidityAccountId] = (await this.ledger.allocateAccountIds(1)) as [bigint]
      const peer: Peer = {
        id: this.identifiers.next(),
        assetId: asset.id,
        staticIlpAddress: input.staticIlpAddress,
        name: input.name ?? null,
        outgoingAuthToken: input.http.outgoing.authToken,
        outgoingEndpoint: input.http.outgoing.endpoint.trim(),
        maxPacketAmount: input.maxPacketAmount ?? null,
        liquidityAccountId,
        createdAt: context.now()
      }
      return orRefused(['duplicate_ilp_address', 'duplicate_incoming_token'], () =>
        recorder.submit({
          accounts: [liquidityAccount('LIQUIDITY_PEER', liquidityAccountId, asset.ledger, peer.id)],
          attach: () => [this.reads.table.insert(peer), ...insertTokens(peer.id, tokens)],
          answer: () => done(peer)
        })
      )
    })
  }

  /** Changes what is given; an explicit null clears what may be absent. All of it or nothing. */
  update(context: RequestContext, input: UpdatePeer): Promise<Answer<Peer, PeerFailure>> {
    const peerRead = ahead(this.find(input.id))
    return this.idempotency.execute(context, 'update_peer', input, async (recorder) => {
      const known = await peerRead
      if (!known) return refused('unknown_peer')
      const form = judgeUpdate(input)
      if (form) return refused(form)
      const { id } = known
      const tokens = input.http?.incoming?.authTokens
      return orRefused(['duplicate_ilp_address', 'duplicate_incoming_token'], () =>
        recorder.run(async (manager) => {
          const peer = await manager.findOne(Peer, { where: { id }, lock: { mode: 'for_no_key_update' } })
          if (!peer) return refused('unknown_peer')
          const changes = changesOf(input)
          if (Object.keys(changes).length > 0) await manager.update(Peer, { id }, changes)
          if (tokens) await replaceTokens(manager, id, tokens)
          return done({ ...peer, ...changes })
        })
      )
    })
  }

  /** Closes the peer's ledger account, which must hold nothing, and forgets the peer and its tokens. */
  delete(context: RequestContext, input: DeletePeer): Promise<Answer<null, DeleteFailure>> {
    const peerRead = ahead(this.find(input.id))
    return this.idempotency.execute<Answer<null, DeleteFailure>>(context, 'delete_peer', input, async (recorder) => {
      const peer = await peerRead
      if (!peer) return refused('unknown_peer')
      const answer = ({ results }: Outcome): Answer<null, DeleteFailure> => {
        if (results[0] === 'ok') return done(null)
        return refused(results[0] === 'account_not_empty' ? 'peer_not_empty' : 'unknown_peer')
      }
      return recorder.submit({
        commands: [{ type: 'close', accountId: peer.liquidityAccountId }],
        attach: (outcome) => (answer(outcome).done ? [deletePeer(peer.id)] : []),
        answer
      })
    })
  }
}

async function replaceTokens(manager: EntityManager, peerId: string, tokens: readonly string[]): Promise<void> {
  await manager.delete(PeerIncomingToken, { peerId })
  if (tokens.length === 0) return
  await manager.insert(
    PeerIncomingToken,
    tokens.map((token) => ({ tokenHash: hashToken(token), peerId }))
  )
}
