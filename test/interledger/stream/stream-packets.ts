/** STREAM packets as a sender makes them, from the definition of the protocol and the codec of its packets alone. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import type { IlpPrepare } from 'ilp-packet'
import { IlpPacketType, Packet, type Frame } from 'ilp-protocol-stream/dist/src/packet'
import type { Credentials } from '../../../src/interledger/stream/credentials'

export function hmac(key: Buffer, message: string | Buffer): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

export function sha256(message: string | Buffer): Buffer {
  return createHash('sha256').update(message).digest()
}

export function encrypt(key: Buffer, plaintext: Buffer): Buffer {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext])
}

export function decrypt(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()])
}

export interface Sending {
  readonly amount: bigint
  /** Least amount that has to arrive. */
  readonly minimum?: bigint
  readonly frames?: Frame[]
  /** Whether the receiver can fulfil it. */
  readonly isFulfillable?: boolean
  readonly type?: number
  readonly expiresAt?: Date
}

const PREPARE: number = IlpPacketType.Prepare

let sequence = 0

export function prepareFor({ ilpAddress, sharedSecret }: Credentials, sending: Sending): IlpPrepare {
  const { amount, minimum = 0n, frames = [], isFulfillable = true, type = PREPARE } = sending
  const packet = new Packet(++sequence, type, String(minimum), frames)
  const data = encrypt(hmac(sharedSecret, 'ilp_stream_encryption'), packet._serialize())
  return {
    amount: String(amount),
    destination: ilpAddress as IlpPrepare['destination'],
    executionCondition: isFulfillable ? sha256(fulfillmentOf(sharedSecret, data)) : randomBytes(32),
    expiresAt: sending.expiresAt ?? new Date(Date.now() + 20_000),
    data
  }
}

export function fulfillmentOf(sharedSecret: Buffer, data: Buffer): Buffer {
  return hmac(hmac(sharedSecret, 'ilp_stream_fulfillment'), data)
}

/** What the receiver says in a reply. Throws unless it comes from the receiver. */
export function openReply({ sharedSecret }: Credentials, data: Buffer): Packet {
  return Packet._deserializeUnencrypted(decrypt(hmac(sharedSecret, 'ilp_stream_encryption'), data))
}
