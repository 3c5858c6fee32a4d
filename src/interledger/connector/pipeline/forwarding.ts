/**
 * Steps 9 and 11 to 15: what goes on to a neighbour. The money is set aside first, and whatever happens then,
 * it is either paid or given back.
 */
import { isFulfill, type IlpReply } from 'ilp-packet'
import type { Prepare } from '../../packet/prepare'
import { fulfils, readReply } from '../../packet/reply'
import type { PacketPeer, PeerClient } from '../types'
import { byDeadline, checkInTime, outgoingExpiry } from './expiry'
import {
  PeerFailure,
  type Movement,
  type PacketHold,
  type PacketLedger,
  type PacketObserver,
  type PeerFailureReason
} from './ports'
import { PACKET_EXPIRED, Refusal, type RefusalCode } from './refusal'

const REFUSALS: Readonly<Record<PeerFailureReason, readonly [RefusalCode, string]>> = {
  unreachable: ['T01', 'peer unreachable'],
  busy: ['T02', 'peer busy'],
  refused: ['T00', 'unexpected internal error'],
  faulty: ['T00', 'unexpected internal error'],
  no_answer: ['R00', PACKET_EXPIRED]
}

/** Told of neighbours that do not work as they should. */
export interface PeerAlarm {
  failed(peer: PacketPeer, failure: PeerFailure): void
}

export interface ForwardingParts {
  readonly ledger: PacketLedger
  readonly client: PeerClient
  readonly observer: PacketObserver
  readonly alarm: PeerAlarm
  now(): Date
}

/** The reply, as the neighbour gave it. @throws Refusal; Error if a fulfilled packet could not be stored */
export async function forward(
  prepare: Prepare,
  arriving: bigint,
  peer: PacketPeer,
  movement: Movement | undefined,
  parts: ForwardingParts
): Promise<Buffer> {
  const expiresAt = outgoingExpiry(prepare.expiresAt, parts.now())
  const passedOn = prepare.passedOn(arriving, expiresAt)
  if (!movement) {
    const { bytes, isFulfilled } = await ask(peer, passedOn, expiresAt, prepare.condition, parts)
    // Nobody can fulfil a probe. If one is, the peer is owed what nobody has paid.
    if (isFulfilled && arriving > 0n) parts.observer.unrecorded(peer)
    return bytes
  }
  const hold = await parts.ledger.hold(movement, { accountId: peer.accountId, asset: peer.asset })
  parts.observer.held(1)
  try {
    const sent = (): Promise<Answered> => {
      // Setting the money aside may have taken all the time that there was.
      checkInTime(expiresAt, parts.now())
      return ask(peer, passedOn, expiresAt, prepare.condition, parts)
    }
    return await settle(hold, peer, sent, parts.observer)
  } finally {
    parts.observer.held(-1)
  }
}

interface Answered {
  readonly bytes: Buffer
  readonly isFulfilled: boolean
}

/**
 * What was fulfilled is never given back: the peer is owed it. If that cannot be stored now, the sender is told
 * that something went wrong, and the payment is stored as soon as it can be.
 */
async function settle(
  hold: PacketHold,
  peer: PacketPeer,
  ask: () => Promise<Answered>,
  observer: PacketObserver
): Promise<Buffer> {
  let answered: Answered | undefined
  try {
    answered = await ask()
  } finally {
    if (!answered?.isFulfilled) await hold.void()
  }
  if (!answered.isFulfilled) return answered.bytes
  await hold.post().catch((error: unknown) => {
    observer.unrecorded(peer)
    void hold.postEventually()
    throw error
  })
  return answered.bytes
}

async function ask(
  peer: PacketPeer,
  passedOn: Buffer,
  expiresAt: Date,
  condition: Buffer,
  { client, observer, alarm, now }: ForwardingParts
): Promise<Answered> {
  const isGood = (reply: IlpReply): boolean => isFulfill(reply) && fulfils(reply.fulfillment, condition)
  const countLate = (bytes: Buffer): void => {
    const reply = readReply(bytes)
    if (reply && isGood(reply)) observer.fulfilledLate(peer)
  }
  const bytes = await byDeadline(
    client.send(peer, passedOn, expiresAt),
    expiresAt.getTime() - now().getTime(),
    countLate
  ).catch((error: unknown) => {
    if (!(error instanceof PeerFailure)) throw error
    alarm.failed(peer, error)
    throw new Refusal(...REFUSALS[error.reason])
  })
  const reply = readReply(bytes)
  if (!reply) {
    alarm.failed(peer, new PeerFailure('faulty', 'the answer is no reply to a packet'))
    throw new Refusal(...REFUSALS.faulty)
  }
  if (!isFulfill(reply)) return { bytes, isFulfilled: false }
  if (!isGood(reply)) throw new Refusal('F05', 'fulfillment did not match expected value.')
  return { bytes, isFulfilled: true }
}
