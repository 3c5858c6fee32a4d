import { injectable } from 'tsyringe'
import { Arg, Int, Query, Resolver } from 'type-graphql'
import { LostPackets } from '../../services/peers/lost-packets'
import { parseLedgerNumber } from '../../services/statements/statement-service'
import { notFound } from '../shared/errors'
import { pageRequestOf, type Connection } from '../shared/pagination'
import { LostPacketNode, lostPacketNode, LostPacketsConnection } from './lost-packet-types'

@injectable()
@Resolver()
export class LostPacketResolver {
  constructor(private readonly lostPackets: LostPackets) {}

  @Query(() => LostPacketsConnection, {
    name: 'lostPackets',
    description:
      'Packets whose outcome nobody recorded, because a process died while a peer worked on them: what is to be settled with that peer. The latest first.'
  })
  async page(
    @Arg('after', () => String, {
      nullable: true,
      description: 'The cursor after which to start; absent: with the latest packet.'
    })
    after?: string | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many packets, 1 to 100; 20 if 0 or absent.' })
    first?: number | null
  ): Promise<Connection<LostPacketNode>> {
    const { limit } = pageRequestOf({ first })
    const before = after == null ? undefined : parseLedgerNumber(after)
    if (after != null && before === undefined) throw notFound('Invalid cursor')
    const { packets, hasNextPage } = await this.lostPackets.page({ before, limit })
    const edges = packets.map((packet) => ({
      cursor: String(packet.transfer.sequence),
      node: lostPacketNode(packet)
    }))
    return {
      edges,
      pageInfo: {
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
        hasNextPage,
        hasPreviousPage: before !== undefined
      }
    }
  }
}
