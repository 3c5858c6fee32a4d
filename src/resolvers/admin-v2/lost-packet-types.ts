import { Field, ID, ObjectType } from 'type-graphql'
import type { LostPacket } from '../../services/peers/lost-packets'
import { PageInfo, type Connection } from '../shared/pagination'
import { UInt64 } from '../shared/scalars'
import { LedgerAccountNode, ledgerAccountNode } from './ledger-account-types'

@ObjectType('LostPacket', {
  description:
    'A transfer of a packet whose outcome nobody recorded. What was set aside for it went back; the peer may have fulfilled it all the same.'
})
export class LostPacketNode {
  @Field(() => ID, { description: 'Identifier of the record that gave the money back.' })
  id!: string

  @Field(() => ID, { description: 'The hold that ran out of time.' })
  holdId!: string

  @Field(() => UInt64, { description: "How much it was, in the accounts' smallest unit." })
  amount!: bigint

  @Field(() => LedgerAccountNode, { description: 'The account that would have paid.' })
  debitAccount!: LedgerAccountNode

  @Field(() => LedgerAccountNode, { description: 'The account that would have been credited.' })
  creditAccount!: LedgerAccountNode

  @Field(() => ID, { nullable: true, description: 'The outgoing payment that the packet belonged to, if any.' })
  reference!: string | null

  @Field(() => String, { description: 'When the money went back, ISO 8601.' })
  expiredAt!: string
}

@ObjectType('LostPacketEdge', { description: 'One lost packet.' })
class LostPacketEdge {
  @Field(() => String, { description: 'Marks the place of this one, for `after`.' })
  cursor!: string

  @Field(() => LostPacketNode, { description: 'The packet itself.' })
  node!: LostPacketNode
}

@ObjectType('LostPacketsConnection', { description: 'A page of lost packets, the latest first.' })
export class LostPacketsConnection implements Connection<LostPacketNode> {
  @Field(() => [LostPacketEdge], { description: 'The packets with their cursors.' })
  edges!: LostPacketEdge[]

  @Field(() => PageInfo, { description: 'Where the page lies among all of them.' })
  pageInfo!: PageInfo
}

export function lostPacketNode({ transfer, debit, credit, at }: LostPacket): LostPacketNode {
  return Object.assign(new LostPacketNode(), {
    id: transfer.id,
    holdId: transfer.holdId!,
    amount: transfer.amount,
    debitAccount: ledgerAccountNode(debit),
    creditAccount: ledgerAccountNode(credit),
    reference: transfer.reference,
    expiredAt: at.toISOString()
  })
}
