import type { EntityManager } from 'typeorm'
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { Page, PageRequest } from '../../database/keyset'
import type { Reader } from '../../database/reader'
import { Peer, PeerIncomingToken } from '../../entities'
import type { Ledger } from '../../ledger/ledger'
import type { Outcome } from '../../ledger/types'
import { ahead } from '../ahead'
import { done, refused, type Answer, type Done } from '../answer'
import type { AssetService, ProvidedAsset, UnitFailure } from '../assets/asset-service'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency } from '../idempotency/idempotency'
import type { Recorder } from '../idempotency/recorder'
import { liquidityAccount } from '../ledger-accounts'
import type { SecretBox } from '../secret-box'
import { orRefused } from '../storage-refusals'
import { changesOf, judgeCreation, judgeUpdate } from './peer-checks'
import type { CreatePeer, CreatePeerInUnit, DeletePeer, PeerFailure, PeerTerms, UpdatePeer } from './peer-inputs'
import { deletePeer, findTaken, hashToken, insertTokens } from './peer-statements'

/** What outgoing tokens are sealed as. */
export const PEER_TOKEN = 'peer token'

type DeleteFailure = 'unknown_peer' | 'peer_not_empty' | 'peer_in_use'

/** Beyond this service a peer's outgoing token can be read; what is stored, answers under a key too, is sealed. */
export class PeerService {
  private readonly reads: EntityReads<Peer>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly assets: AssetService,
    private readonly ledger: Ledger,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers,
    private readonly secrets: SecretBox
  ) {
    this.reads = entities.of(Peer)
  }

  async find(id: string): Promise<Peer | undefined> {
    const uuid = parseUuid(id)
    const stored = uuid === undefined ? undefined : await this.reads.find(uuid)
    return stored && this.opened(stored)
  }

  async page(request: PageRequest): Promise<Page<Peer>> {
    const page = await this.reads.page(request)
    return { ...page, nodes: page.nodes.map((peer) => this.opened(peer)) }
  }

  /** Opens the peer's ledger account together with the peer. */
  create(context: RequestContext, input: CreatePeer): Promise<Answer<Peer, PeerFailure>> {
    const assetRead = ahead(this.assets.find(input.assetId))
    const answer = this.idempotency.execute<Answer<Peer, PeerFailure>>(
      context,
      'create_peer',
      input,
      async (recorder) => {
        const form = judgeCreation(input)
        if (form) return refused(form)
        const asset = await assetRead
        if (!asset) return refused('unknown_asset')
        if (hasTokenTwice(input)) return refused('duplicate_incoming_token')
        return orRefused(['duplicate_ilp_address', 'duplicate_incoming_token'], () =>
          this.write(context, recorder, input, { asset, accounts: [], attachments: [] })
        )
      }
    )
    return this.answered(answer)
  }

  /** As `create`; the asset is created with the peer if there is none of the unit, and with nothing else. */
  createInUnit(context: RequestContext, input: CreatePeerInUnit): Promise<Answer<Peer, PeerFailure | UnitFailure>> {
    const answer = this.idempotency.execute<Answer<Peer, PeerFailure | UnitFailure>>(
      context,
      'create_peer_in_unit',
      input,
      async (recorder) => {
        const form = judgeCreation(input) ?? (hasTokenTwice(input) ? 'duplicate_incoming_token' : undefined)
        if (form) return refused(form)
        return this.assets.inUnit<Peer, PeerFailure>(
          context,
          input.asset,
          () => this.judgeTaken(input),
          (provided) =>
            orRefused(['duplicate_ilp_address', 'duplicate_incoming_token', 'duplicate_asset'], () =>
              this.write(context, recorder, input, provided)
            )
        )
      }
    )
    return this.answered(answer)
  }

  /** Changes what is given; an explicit null clears what may be absent. All of it or nothing. */
  update(context: RequestContext, input: UpdatePeer): Promise<Answer<Peer, PeerFailure>> {
    const peerRead = ahead(this.find(input.id))
    const answer = this.idempotency.execute<Answer<Peer, PeerFailure>>(
      context,
      'update_peer',
      input,
      async (recorder) => {
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
            const changes = this.sealed(changesOf(input))
            if (Object.keys(changes).length > 0) await manager.update(Peer, { id }, changes)
            if (tokens) await replaceTokens(manager, id, tokens)
            return done({ ...peer, ...changes })
          })
        )
      }
    )
    return this.answered(answer)
  }

  /**
   * Closes the peer's ledger account, which must hold nothing, and forgets the peer and its tokens. A peer that a
   * payment was made through stays, as the payment says so.
   */
  delete(context: RequestContext, input: DeletePeer): Promise<Answer<null, DeleteFailure>> {
    const peerRead = ahead(this.find(input.id))
    return this.idempotency.execute<Answer<null, DeleteFailure>>(context, 'delete_peer', input, async (recorder) => {
      const peer = await peerRead
      if (!peer) return refused('unknown_peer')
      const answer = ({ results }: Outcome): Answer<null, DeleteFailure> => {
        if (results[0] === 'ok') return done(null)
        return refused(results[0] === 'account_not_empty' ? 'peer_not_empty' : 'unknown_peer')
      }
      return orRefused(['peer_in_use'], () =>
        recorder.submit({
          commands: [{ type: 'close', accountId: peer.liquidityAccountId }],
          attach: (outcome) => (answer(outcome).done ? [deletePeer(peer.id)] : []),
          answer
        })
      )
    })
  }

  private async write(
    context: RequestContext,
    recorder: Recorder<Answer<Peer, PeerFailure | UnitFailure>>,
    input: PeerTerms,
    { asset, accounts, attachments }: ProvidedAsset
  ): Promise<Done<Peer>> {
    const [liquidityAccountId] = (await this.ledger.allocateAccountIds(1)) as [bigint]
    const { outgoing, incoming } = input.http
    const peer: Peer = {
      id: this.identifiers.next(),
      assetId: asset.id,
      staticIlpAddress: input.staticIlpAddress,
      name: input.name ?? null,
      outgoingAuthToken: this.secrets.seal(PEER_TOKEN, outgoing.authToken),
      outgoingEndpoint: outgoing.endpoint.trim(),
      maxPacketAmount: input.maxPacketAmount ?? null,
      liquidityAccountId,
      createdAt: context.now()
    }
    const tokens = insertTokens(peer.id, incoming?.authTokens ?? [])
    return recorder.submit({
      accounts: [...accounts, liquidityAccount('LIQUIDITY_PEER', liquidityAccountId, asset.ledger, peer.id)],
      attach: () => [...attachments, this.reads.table.insert(peer), ...tokens],
      answer: () => done(peer)
    })
  }

  private sealed<Changes extends Partial<Peer>>(changes: Changes): Changes {
    const { outgoingAuthToken: token } = changes
    return token === undefined ? changes : { ...changes, outgoingAuthToken: this.secrets.seal(PEER_TOKEN, token) }
  }

  private opened(peer: Peer): Peer {
    return { ...peer, outgoingAuthToken: this.secrets.open(PEER_TOKEN, peer.outgoingAuthToken) }
  }

  private async answered<Failure extends string>(
    answer: Promise<Answer<Peer, Failure>>
  ): Promise<Answer<Peer, Failure>> {
    const given = await answer
    return given.done ? done(this.opened(given.value)) : given
  }

  private async judgeTaken({ staticIlpAddress, http }: PeerTerms): Promise<PeerFailure | undefined> {
    const [taken] = await this.reader.rows<{ address: boolean; token: boolean }>(
      findTaken(staticIlpAddress, http.incoming?.authTokens ?? [])
    )
    if (taken?.address) return 'duplicate_ilp_address'
    return taken?.token ? 'duplicate_incoming_token' : undefined
  }
}

function hasTokenTwice({ http }: PeerTerms): boolean {
  const tokens = http.incoming?.authTokens ?? []
  return new Set(tokens).size < tokens.length
}

async function replaceTokens(manager: EntityManager, peerId: string, tokens: readonly string[]): Promise<void> {
  await manager.delete(PeerIncomingToken, { peerId })
  if (tokens.length === 0) return
  await manager.insert(
    PeerIncomingToken,
    tokens.map((token) => ({ tokenHash: hashToken(token), peerId }))
  )
}
