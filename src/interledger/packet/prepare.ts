/**
 * A serialized Prepare, looked at where it lies.
 *
 *   type 12 │ length of the rest │ amount 8 │ expiry 17 │ condition 32 │ length, destination │ length, data
 *
 * Amount and expiry have a fixed place, so a packet is passed on as a copy with these two written over. What
 * was received is never changed.
 */
import type { IlpPrepare } from 'ilp-packet'
import { isIlpAddress } from '../../services/peers/ilp-address'

const PREPARE_TYPE = 12
const AMOUNT_BYTES = 8
const EXPIRY_BYTES = 17
const CONDITION_BYTES = 32
const HEAD_BYTES = AMOUNT_BYTES + EXPIRY_BYTES + CONDITION_BYTES
/** Longest data of a packet. */
export const DATA_BYTES_MAX = 32_767

/** A part that begins with its length. */
interface Part {
  readonly start: number
  readonly end: number
}

export class Prepare {
  private readonly head: number
  private readonly addressPart: Part
  private readonly dataPart: Part
  /** In the smallest unit of the asset of the account that it comes from. */
  readonly amount: bigint
  readonly expiresAt: Date
  readonly destination: string

  /** @throws TypeError if the bytes are not exactly one Prepare */
  constructor(readonly bytes: Buffer) {
    if (bytes[0] !== PREPARE_TYPE) throw new TypeError('not a Prepare')
    const contents = partAt(bytes, 1)
    this.head = contents.start
    this.addressPart = partAt(bytes, this.head + HEAD_BYTES)
    this.dataPart = partAt(bytes, this.addressPart.end)
    if (contents.end !== bytes.length || this.dataPart.end !== bytes.length) {
      throw new TypeError('a Prepare of another length than it says')
    }
    if (this.dataPart.end - this.dataPart.start > DATA_BYTES_MAX) throw new TypeError('a Prepare with too much data')
    this.amount = bytes.readBigUInt64BE(this.head)
    this.expiresAt = expiryOf(bytes.toString('latin1', this.expiryStart, this.expiryStart + EXPIRY_BYTES))
    this.destination = bytes.toString('latin1', this.addressPart.start, this.addressPart.end)
    if (!isIlpAddress(this.destination)) throw new TypeError('a Prepare for what is no ILP address')
  }

  get condition(): Buffer {
    const start = this.expiryStart + EXPIRY_BYTES
    return this.bytes.subarray(start, start + CONDITION_BYTES)
  }

  get data(): Buffer {
    return this.bytes.subarray(this.dataPart.start, this.dataPart.end)
  }

  /** The same packet with another amount and expiry. */
  passedOn(amount: bigint, expiresAt: Date): Buffer {
    const copy = Buffer.from(this.bytes)
    copy.writeBigUInt64BE(amount, this.head)
    copy.write(expiryText(expiresAt), this.expiryStart, 'latin1')
    return copy
  }

  /** For libraries, with the amount that arrives. */
  decoded(amount: bigint): IlpPrepare {
    const { condition: executionCondition, expiresAt, destination, data } = this
    return { amount: String(amount), executionCondition, expiresAt, destination, data }
  }

  private get expiryStart(): number {
    return this.head + AMOUNT_BYTES
  }
}

/** The length is one byte, or a byte that says how many bytes it takes. */
function partAt(bytes: Buffer, at: number): Part {
  const first = bytes[at]
  if (first === undefined) throw new TypeError('a Prepare that is cut off')
  const lengthBytes = first < 128 ? 0 : first - 128
  const start = at + 1 + lengthBytes
  if (lengthBytes > 4 || start > bytes.length) throw new TypeError('a Prepare that is cut off')
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 1, lengthBytes)
  if (first === 128 || start + length > bytes.length) throw new TypeError('a Prepare that is cut off')
  return { start, end: start + length }
}

const EXPIRY = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/

function expiryOf(text: string): Date {
  const [, year, month, day, hour, minute, second, millisecond] = EXPIRY.exec(text) ?? []
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`)
  if (Number.isNaN(date.getTime())) throw new TypeError('a Prepare with an expiry that is no time')
  return date
}

function expiryText(date: Date): string {
  return date.toISOString().replace(/[-:.TZ]/g, '')
}
