/**
 * Packets whose outcome nobody recorded: the process that waited for a peer's answer died, or could not store
 * it. What was set aside for them went back when its time was over. The peer may have fulfilled them all the
 * same, so what it is owed is to be settled with it.
 */
import type { Ledger } from '../../ledger/ledger'
import type { Account, TransferRecord } from '../../ledger/types'
import { TRANSFER_CODES } from '../ledger-codes'

/** One transfer of such a packet; a packet across assets has two. */
export interface LostPacket {
  readonly transfer: TransferRecord
  readonly debit: Account
  readonly credit: Account
  /** When what was set aside went back. */
  readonly at: Date
}

export interface LostPacketPage {
  readonly packets: readonly LostPacket[]
  readonly hasNextPage: boolean
}

export class LostPackets {
  constructor(private readonly ledger: Ledger) {}

  /** The latest first, from before a position in the ledger on. `limit` is 1 … 100. */
  async page({ before, limit }: { before?: bigint; limit: number }): Promise<LostPacketPage> {
    const page = { limit: limit + 1, ...(before === undefined ? {} : { before }) }
    const found = await this.ledger.expirations(TRANSFER_CODES.PACKET, page)
    const shown = found.slice(0, limit)
    const ids = shown.flatMap(({ transfer }) => [transfer.debitAccountId, transfer.creditAccountId])
    const accounts = new Map((await this.ledger.accounts(ids)).map((account) => [account?.id, account]))
    const packets = shown.map(({ transfer, recordedMicroseconds }) => ({
      transfer,
      debit: accounts.get(transfer.debitAccountId)!,
      credit: accounts.get(transfer.creditAccountId)!,
      at: new Date(Number(recordedMicroseconds / 1_000n))
    }))
    return { packets, hasNextPage: found.length > limit }
  }
}
