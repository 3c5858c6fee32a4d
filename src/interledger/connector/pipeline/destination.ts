/** Steps 1 and 3: who is to be paid. */
import type { Prepare } from '../../packet/prepare'
import type { Source, StreamReceiver } from '../types'
import type { Destination, Destinations } from './ports'
import { DISABLED_DESTINATION, Refusal, UNKNOWN_DESTINATION } from './refusal'

/**
 * Something here, by its STREAM address; else a neighbour, but never the one that the packet comes from. What
 * takes no more money still answers packets without an amount.
 *
 * @throws Refusal F02
 */
export async function findDestination(
  prepare: Prepare,
  source: Source,
  receiver: StreamReceiver,
  destinations: Destinations,
  now: Date
): Promise<Destination> {
  const tag = receiver.decode(prepare.destination)
  if (tag !== undefined) {
    const local = await destinations.local(tag)
    if (!local) throw new Refusal('F02', UNKNOWN_DESTINATION)
    if (prepare.amount > 0n && local.isFinished(now)) throw new Refusal('F02', DISABLED_DESTINATION)
    return { kind: 'local', local }
  }
  const peer = await destinations.peer(prepare.destination, assetOf(source).id)
  const isBack = source.kind === 'peer' && source.peer.id === peer?.id
  if (!peer || isBack) throw new Refusal('F02', UNKNOWN_DESTINATION)
  return { kind: 'peer', peer }
}

export function assetOf(source: Source): Extract<Source, { kind: 'probe' }>['asset'] {
  return source.kind === 'peer' ? source.peer.asset : source.asset
}
