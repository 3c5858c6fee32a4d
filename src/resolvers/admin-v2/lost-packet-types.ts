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

  @Field(() => ID, { description: 'Identifier of the hold that ran out of time.' })
  holdId!: string

  @Field(() => UInt64, { description: "Amount of the packet, in the smallest unit of the accounts' asset." })
  amount!: bigint

  @Field(() => LedgerAccountNode, { description: 'The account that would have paid for the packet.' })
  debitAccount!: LedgerAccountNode

  @Field(() => LedgerAccountNode, { description: 'The account that the packet would have credited.' })
  creditAccount!: LedgerAccountNode

  @Field(() => ID, {
    nullable: true,
    description: 'Identifier of the outgoing payment that the packet belonged to; null if there is none.'
  })
  reference!: string | null

  @Field(() => String, { description: 'When the money went back to the account that would have paid, ISO 8601.' })
  expiredAt!: string
}

@ObjectType('LostPacketEdge', { description: 'One lost packet.' })
class LostPacketEdge {
  @Field(() => String, { description: 'Marks the place of this packet, for `after`.' })
  cursor!: string

  @Field(() => LostPacketNode, { description: 'The lost packet.' })
  node!: LostPacketNode
}

@ObjectType('LostPacketsConnection', { description: 'A page of lost packets, the latest first.' })
export class LostPacketsConnection implements Connection<LostPacketNode> {
  @Field(() => [LostPacketEdge], { description: 'The packets with their cursors.' })
  edges!: LostPacketEdge[]

  @Field(() => PageInfo, { description: 'Where the page lies among all lost packets.' })
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
