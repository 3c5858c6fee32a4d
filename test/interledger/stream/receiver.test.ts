/**
 * Goal: credentials are what the protocol says, so that any sender can pay by them, and every packet for one of
 * our addresses gets the answer that senders of all generations go on with.
 * Method: the tests make keys and packets from the definition of the protocol, and open what the receiver
 * answers; totals of receipts are in a database that two receivers share.
 */
import { randomBytes } from 'node:crypto'
import {
  ConnectionCloseFrame,
  ConnectionNewAddressFrame,
  FrameType,
  IlpPacketType
} from 'ilp-protocol-stream/dist/src/packet'
import type { IlpPrepare } from 'ilp-packet'
import { Reader } from '../../../src/database/reader'
import { StreamCredentials, type Credentials } from '../../../src/interledger/stream/credentials'
import type { StreamAnswer } from '../../../src/interledger/connector/types'
import { StreamPacketReceiver } from '../../../src/interledger/stream/receiver'
import { openStreamCredentials } from '../../../src/interledger/stream/stream-secret'
import { StreamTotals } from '../../../src/interledger/stream/totals'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { decrypt, fulfillmentOf, hmac, openReply, prepareFor, sha256 } from './stream-packets'

const ilpAddress = 'test.hazina'
const asset = { code: 'USD', scale: 2 }
const paymentTag = '9b0e1c1e-6f0f-4a06-9d0e-9f6a5a3a1a77'
const receipt = { nonce: randomBytes(16), secret: randomBytes(32) }

let database: TestDatabase
let reader: Reader
let now = new Date()

beforeAll(async () => {
  database = await createTestDatabase()
  reader = new Reader({ url: database.url })
})
afterAll(async () => {
  await reader.close()
  await database.drop()
})

function receiverOf(credentials: StreamCredentials): StreamPacketReceiver {
  return new StreamPacketReceiver(credentials, new StreamTotals(reader), () => now)
}

function rejectOf(reply: StreamAnswer): { code: string; data: Buffer } {
  if (!('reject' in reply)) throw new Error('the packet was to be refused')
  return reply.reject
}

function fulfilOf(reply: StreamAnswer): { fulfillment: Buffer; data: Buffer } {
  if (!('fulfil' in reply)) throw new Error(`the packet was refused with ${reply.reject.code}`)
  return reply.fulfil
}

describe('credentials', () => {
  const secret = randomBytes(32)
  const credentials = new StreamCredentials({ ilpAddress, secret })

  test('are made as the protocol says', () => {
    const issued = credentials.issue({ paymentTag, asset })
    const token = Buffer.from(issued.ilpAddress.slice(ilpAddress.length + 1), 'base64url')
    expect(issued.ilpAddress.slice(ilpAddress.length + 1)).toHaveLength(95)
    expect(issued.sharedSecret).toEqual(hmac(hmac(secret, 'ilp_stream_shared_secret'), token))
    const plaintext = decrypt(hmac(secret, 'ilp_stream_connection_token'), token)
    const expected = [
      Buffer.from([5, 36]),
      Buffer.from(paymentTag),
      Buffer.from([3]),
      Buffer.from('USD'),
      Buffer.from([2])
    ]
    expect(plaintext).toEqual(Buffer.concat(expected))
  })

  test('with receipts are longer and hold what signs them', () => {
    const issued = credentials.issue({ paymentTag, asset, receipt })
    const segment = issued.ilpAddress.slice(ilpAddress.length + 1)
    expect(segment).toHaveLength(159)
    const plaintext = decrypt(hmac(secret, 'ilp_stream_connection_token'), Buffer.from(segment, 'base64url'))
    expect(plaintext[0]).toBe(7)
    expect(plaintext.subarray(38, 86)).toEqual(Buffer.concat([receipt.nonce, receipt.secret]))
  })

  test('are other ones every time, all of them good, and do not tell what they pay', () => {
    const [first, second] = [credentials.issue({ paymentTag, asset }), credentials.issue({ paymentTag, asset })]
    expect(first.ilpAddress).not.toBe(second.ilpAddress)
    expect(first.sharedSecret).not.toEqual(second.sharedSecret)
    expect(first.ilpAddress).not.toContain(paymentTag)
    const receiver = receiverOf(credentials)
    expect([first, second].map((each) => receiver.decode(each.ilpAddress))).toEqual([paymentTag, paymentTag])
    expect(receiver.decode(`${first.ilpAddress}.more`)).toBe(paymentTag)
  })

  test('of another secret, or of another node, are none', () => {
    const other = new StreamCredentials({ ilpAddress, secret: randomBytes(32) }).issue({ paymentTag, asset })
    const elsewhere = new StreamCredentials({ ilpAddress: 'test.other', secret }).issue({ paymentTag, asset })
    const addresses = [other.ilpAddress, elsewhere.ilpAddress, ilpAddress, `${ilpAddress}.x`, `${ilpAddress}..`]
    const receiver = receiverOf(credentials)
    expect(addresses.map((address) => receiver.decode(address))).toEqual(addresses.map(() => undefined))
  })

  test('of the previous secret are still good', async () => {
    const issued = credentials.issue({ paymentTag, asset, receipt })
    const renewed = new StreamCredentials({ ilpAddress, secret: randomBytes(32), previousSecret: secret })
    const receiver = receiverOf(renewed)
    expect(receiver.decode(issued.ilpAddress)).toBe(paymentTag)
    const prepare = prepareFor(issued, { amount: 7n })
    const { fulfillment, data } = fulfilOf(await receiver.reply(prepare))
    expect(sha256(fulfillment)).toEqual(prepare.executionCondition)
    expect(openReply(issued, data).frames.map(({ type }) => type)).toEqual([FrameType.StreamReceipt])
    expect(renewed.issue({ paymentTag, asset }).ilpAddress).not.toBe(issued.ilpAddress)
  })

  test('of an asset with an endless code are good all the same', () => {
    const issued = credentials.issue({ paymentTag, asset: { code: 'ü'.repeat(500), scale: 2 } })
    expect(receiverOf(credentials).decode(issued.ilpAddress)).toBe(paymentTag)
  })

  test('are shared by all who use the database, unless a secret is set', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => openStreamCredentials(reader, { ilpAddress })))
    const { ilpAddress: address } = first!.issue({ paymentTag, asset })
    expect(receiverOf(second!).decode(address)).toBe(paymentTag)
    const set = await openStreamCredentials(reader, { ilpAddress, streamSecret: secret.toString('base64') })
    expect(receiverOf(set).decode(address)).toBeUndefined()
    expect(receiverOf(set).decode(credentials.issue({ paymentTag, asset }).ilpAddress)).toBe(paymentTag)
  })

  test('need a secret of the right length', async () => {
    const short = { ilpAddress, streamSecret: randomBytes(31).toString('base64') }
    await expect(openStreamCredentials(reader, short)).rejects.toThrow('32 bytes')
  })
})

describe('a packet', () => {
  const credentials = new StreamCredentials({ ilpAddress, secret: randomBytes(32) })
  let issued: Credentials
  let receiver: StreamPacketReceiver

  beforeEach(() => {
    issued = credentials.issue({ paymentTag, asset })
    receiver = receiverOf(credentials)
  })

  test('that can be fulfilled is, with the amount that arrived', async () => {
    const prepare = prepareFor(issued, { amount: 1_000n, minimum: 1_000n })
    const { fulfillment, data } = fulfilOf(await receiver.reply(prepare))
    expect(fulfillment).toEqual(fulfillmentOf(issued.sharedSecret, prepare.data))
    expect(sha256(fulfillment)).toEqual(prepare.executionCondition)
    const reply = openReply(issued, data)
    expect([String(reply.prepareAmount), Number(reply.ilpPacketType)]).toEqual(['1000', IlpPacketType.Fulfill])
    expect(reply.frames).toEqual([])
  })

  test('of nothing is fulfilled', async () => {
    const prepare = prepareFor(issued, { amount: 0n })
    expect(sha256(fulfilOf(await receiver.reply(prepare)).fulfillment)).toEqual(prepare.executionCondition)
  })

  test('that nobody can fulfil is a probe: F99 with the amount that arrived', async () => {
    const reject = rejectOf(await receiver.reply(prepareFor(issued, { amount: 10n ** 12n, isFulfillable: false })))
    expect(reject.code).toBe('F99')
    const reply = openReply(issued, reject.data)
    expect([String(reply.prepareAmount), Number(reply.ilpPacketType)]).toEqual(['1000000000000', IlpPacketType.Reject])
  })

  test('that brings too little is F99 with the amount that arrived', async () => {
    const reject = rejectOf(await receiver.reply(prepareFor(issued, { amount: 99n, minimum: 100n })))
    expect(reject.code).toBe('F99')
    expect(String(openReply(issued, reject.data).prepareAmount)).toBe('99')
  })

  test('that closes the connection is F99, and closes it from this side', async () => {
    const frames = [new ConnectionCloseFrame(1, '')]
    const reject = rejectOf(await receiver.reply(prepareFor(issued, { amount: 0n, frames })))
    expect(reject.code).toBe('F99')
    expect(openReply(issued, reject.data).frames.map(({ type }) => type)).toEqual([FrameType.ConnectionClose])
  })

  test('of somebody new is told the asset', async () => {
    const frames = [new ConnectionNewAddressFrame('test.sender')]
    const { data } = fulfilOf(await receiver.reply(prepareFor(issued, { amount: 1n, frames })))
    expect(openReply(issued, data).frames).toMatchObject([
      { type: FrameType.ConnectionAssetDetails, sourceAssetCode: 'USD', sourceAssetScale: 2 }
    ])
  })

  test('whose data are not encrypted with its key is F06', async () => {
    const prepare = { ...prepareFor(issued, { amount: 1n }), data: randomBytes(100) }
    expect(rejectOf(await receiver.reply(prepare))).toMatchObject({ code: 'F06', data: Buffer.alloc(0) })
    const foreign = { ...issued, sharedSecret: randomBytes(32) }
    expect(rejectOf(await receiver.reply(prepareFor(foreign, { amount: 1n }))).code).toBe('F06')
  })

  test('whose address is of another secret is F06', async () => {
    const other = new StreamCredentials({ ilpAddress, secret: randomBytes(32) }).issue({ paymentTag, asset })
    expect(rejectOf(await receiver.reply(prepareFor(other, { amount: 1n }))).code).toBe('F06')
  })

  test('that says it is a reply is F00', async () => {
    const prepare = prepareFor(issued, { amount: 1n, type: IlpPacketType.Fulfill })
    expect(rejectOf(await receiver.reply(prepare)).code).toBe('F00')
  })
})

describe('receipts', () => {
  const credentials = new StreamCredentials({ ilpAddress, secret: randomBytes(32) })
  const totals = (): Promise<{ count: string }[]> =>
    reader.rows({ name: 'totals', text: 'SELECT count(*)::text FROM stream_total', values: [] })

  /** Total that the receipt of a reply promises, checked with the secret that was agreed on. */
  function totalOf(issued: Credentials, reply: StreamAnswer): bigint {
    const [frame] = openReply(issued, fulfilOf(reply).data).frames
    if (frame?.type !== FrameType.StreamReceipt) throw new Error('the reply has no receipt')
    const bytes = frame.receipt
    expect(bytes).toHaveLength(58)
    expect(bytes.subarray(26)).toEqual(hmac(receipt.secret, bytes.subarray(0, 26)))
    expect(bytes.subarray(0, 18)).toEqual(Buffer.concat([Buffer.from([1]), receipt.nonce, Buffer.from([1])]))
    return bytes.readBigUInt64BE(18)
  }

  const paid = (issued: Credentials, amount = 10n): IlpPrepare => prepareFor(issued, { amount })

  test('case 53: they show what arrived so far, at any instance; what is not fulfilled does not count', async () => {
    const issued = credentials.issue({ paymentTag, asset, receipt })
    const receivers = [receiverOf(credentials), receiverOf(credentials)] as const
    expect(totalOf(issued, await receivers[0].reply(paid(issued)))).toBe(10n)
    expect(totalOf(issued, await receivers[1].reply(paid(issued)))).toBe(20n)
    const refused = await receivers[0].reply(paid(issued))
    if (!('fulfil' in refused)) throw new Error('the packet was refused')
    await refused.revert()
    expect(totalOf(issued, await receivers[1].reply(paid(issued)))).toBe(30n)
  })

  test('packets at the same time each have a total of their own', async () => {
    const issued = credentials.issue({ paymentTag, asset, receipt })
    const receiver = receiverOf(credentials)
    const replies = await Promise.all(Array.from({ length: 20 }, () => receiver.reply(paid(issued))))
    const shown = replies.map((reply) => totalOf(issued, reply)).sort((left, right) => Number(left - right))
    expect(shown).toEqual(Array.from({ length: 20 }, (_, index) => 10n * BigInt(index + 1)))
  })

  test('a total never passes what a receipt can say', async () => {
    const issued = credentials.issue({ paymentTag, asset, receipt })
    const receiver = receiverOf(credentials)
    await receiver.reply(paid(issued, 2n ** 64n - 1n))
    expect(totalOf(issued, await receiver.reply(paid(issued)))).toBe(2n ** 64n - 1n)
  })

  test('a total is forgotten ten minutes after the last packet', async () => {
    const issued = credentials.issue({ paymentTag, asset, receipt })
    const receiver = receiverOf(credentials)
    await receiver.reply(paid(issued))
    now = new Date(now.getTime() + 599_000)
    expect(totalOf(issued, await receiver.reply(paid(issued)))).toBe(20n)
    now = new Date(now.getTime() + 600_000)
    expect(totalOf(issued, await receiver.reply(paid(issued)))).toBe(10n)
    now = new Date(now.getTime() + 600_000)
    await new StreamTotals(reader).tidy(now)
    expect(await totals()).toEqual([{ count: '0' }])
  })

  test('without receipts, and for what moves no money, nothing is stored', async () => {
    const receiver = receiverOf(credentials)
    await receiver.reply(paid(credentials.issue({ paymentTag, asset })))
    const issued = credentials.issue({ paymentTag, asset, receipt })
    await receiver.reply(paid(issued, 0n))
    await receiver.reply(prepareFor(issued, { amount: 5n, isFulfillable: false }))
    expect(await totals()).toEqual([{ count: '0' }])
  })
})
