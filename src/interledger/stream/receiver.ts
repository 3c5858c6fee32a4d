/**
 * What a packet for one of our STREAM addresses is answered. The receiver looks at the packet alone: whether
 * there is somebody to be credited, and the credit itself, are the connector's.
 *
 * | Packet                                        | Answer                                   |
 * | --------------------------------------------- | ---------------------------------------- |
 * | address or payload of another secret          | F06                                      |
 * | payload that is not of a Prepare              | F00                                      |
 * | closes the connection                         | F99, and closes it too                   |
 * | condition that nobody can fulfil: a probe     | F99, with the amount that arrived        |
 * | arrives with less than its sender demands     | F99, with the amount that arrived        |
 * | nothing, and can be fulfilled                 | is fulfilled                             |
 * | anything else                                 | is fulfilled once the money is credited  |
 *
 * F99 keeps senders of every generation going; a more telling code would end the payments of older ones.
 */
import '../debug-colors'
import type { IncomingMoney } from '@interledger/stream-receiver'
import { isFulfill, type IlpPrepare, type IlpReply } from 'ilp-packet'
import type { StreamAnswer, StreamReceiver } from '../connector/types'
import type { StreamCredentials } from './credentials'
import type { StreamTotals } from './totals'

const NOTHING_TO_REVERT = (): Promise<void> => Promise.resolve()

export class StreamPacketReceiver implements StreamReceiver {
  constructor(
    private readonly credentials: StreamCredentials,
    private readonly totals: StreamTotals,
    private readonly now: () => Date
  ) {}

  /** The id that the address was handed out for; undefined for addresses that are not ours. */
  decode(destination: string): string | undefined {
    for (const { server } of this.credentials.keys) {
      const tag = server.decodePaymentTag(destination)
      if (tag) return tag
    }
    return undefined
  }

  /** The answer to a packet whose amount is what arrives, in the asset of what is paid. */
  async reply(prepare: IlpPrepare): Promise<StreamAnswer> {
    const { keys } = this.credentials
    const key = keys.find(({ server }) => server.decodePaymentTag(prepare.destination)) ?? keys[0]
    const answer = key.server.createReply(prepare)
    if (!isMoney(answer)) {
      return isFulfill(answer) ? { fulfil: answer, revert: NOTHING_TO_REVERT } : { reject: answer }
    }
    if (!key.hasReceipts(prepare.destination)) return { fulfil: answer.accept(), revert: NOTHING_TO_REVERT }
    const amount = BigInt(prepare.amount)
    const { connectionId } = answer
    answer.setTotalReceived(String(await this.totals.add(connectionId, amount, this.now())))
    return { fulfil: answer.accept(), revert: () => this.totals.takeBack(connectionId, amount) }
  }
}

function isMoney(answer: IncomingMoney | IlpReply): answer is IncomingMoney {
  return 'accept' in answer
}
