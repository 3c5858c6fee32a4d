/**
 * Goal: a Prepare is read as it was written, passed on with two fields changed and nothing else, and bytes that
 * are none are told apart, without a crash.
 * Method: random packets against the codec of the protocol's library; every cut and every flipped bit of one.
 */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { deserializeIlpPrepare, serializeIlpPrepare, type IlpPrepare } from 'ilp-packet'
import { DATA_BYTES_MAX, Prepare } from '../../../src/interledger/packet/prepare'

const AMOUNT_MAX = 2n ** 64n - 1n
const TIME_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

// The library takes the first millisecond of 1970 for no time at all.
const times = fc.integer({ min: 1, max: TIME_MAX }).map((milliseconds) => new Date(milliseconds))
const packets = fc.record({
  amount: fc.bigInt(0n, AMOUNT_MAX),
  expiresAt: times,
  condition: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  destination: fc.stringMatching(/^(g|test|example)(\.[A-Za-z0-9_~-]{1,60}){1,8}$/),
  data: fc.uint8Array({ maxLength: 600 })
})

function serialized(packet: Record<string, unknown>): Buffer {
  const { amount, expiresAt, condition, destination, data } = packet as {
    amount: bigint
    expiresAt: Date
    condition: Uint8Array
    destination: IlpPrepare['destination']
    data: Uint8Array
  }
  const executionCondition = Buffer.from(condition)
  return serializeIlpPrepare({
    amount: String(amount),
    expiresAt,
    executionCondition,
    destination,
    data: Buffer.from(data)
  })
}

const example = serialized({
  amount: 5n,
  expiresAt: new Date('2030-01-02T03:04:05.678Z'),
  condition: randomBytes(32),
  destination: 'test.alice.bob',
  data: randomBytes(40)
})

test('is read as it was written', () => {
  fc.assert(
    fc.property(packets, (packet) => {
      const bytes = serialized(packet)
      const prepare = new Prepare(bytes)
      expect(prepare).toMatchObject({ amount: packet.amount, destination: packet.destination })
      expect(prepare.expiresAt).toEqual(packet.expiresAt)
      expect(prepare.condition.equals(packet.condition)).toBe(true)
      expect(prepare.data.equals(packet.data)).toBe(true)
      expect(prepare.decoded(packet.amount)).toEqual(deserializeIlpPrepare(bytes))
    })
  )
})

test('is passed on with another amount and expiry, and what was received stays as it is', () => {
  fc.assert(
    fc.property(packets, fc.bigInt(0n, AMOUNT_MAX), times, (packet, amount, expiresAt) => {
      const bytes = serialized(packet)
      const received = Buffer.from(bytes)
      const passedOn = new Prepare(bytes).passedOn(amount, expiresAt)
      expect(deserializeIlpPrepare(passedOn)).toEqual({
        ...deserializeIlpPrepare(bytes),
        amount: String(amount),
        expiresAt
      })
      expect(bytes.equals(received)).toBe(true)
    })
  )
})

test('is told from what is cut off, at every byte', () => {
  for (let length = 0; length < example.length; length++) {
    expect(() => new Prepare(example.subarray(0, length))).toThrow(TypeError)
  }
})

test('whatever bit is flipped, it is a packet or a TypeError', () => {
  for (let bit = 0; bit < example.length * 8; bit++) {
    const bytes = Buffer.from(example)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    try {
      new Prepare(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
  }
})

test.each([
  ['no address', 'test'],
  ['another scheme', 'http.alice'],
  ['a part of nothing', 'test..bob'],
  ['a character that has no place in one', 'test.al ice'],
  ['more than there may be', `test.${'a'.repeat(1_020)}`]
])('an address that is %s', (_, destination) => {
  const parts = new Prepare(example)
  const address = Buffer.from(destination, 'latin1')
  const length = address.length < 128 ? [address.length] : [0x82, address.length >> 8, address.length & 255]
  const rest = Buffer.concat([
    example.subarray(2, 2 + 57),
    Buffer.from(length),
    address,
    Buffer.from([parts.data.length]),
    parts.data
  ])
  const envelope = rest.length < 128 ? [12, rest.length] : [12, 0x82, rest.length >> 8, rest.length & 255]
  expect(() => new Prepare(Buffer.concat([Buffer.from(envelope), rest]))).toThrow(TypeError)
})

test.each(['20300230000000000', '2030130100000000x', '20301301000000000', '20300101250000000'])(
  'an expiry of %s is taken for a time only if it is one',
  (text) => {
    const bytes = Buffer.from(example)
    bytes.write(text, 2 + 8, 'latin1')
    // The thirtieth of February is a day in March to those who count leniently.
    if (text === '20300230000000000') expect(new Prepare(bytes).expiresAt.getUTCFullYear()).toBe(2030)
    else expect(() => new Prepare(bytes)).toThrow(TypeError)
  }
)

test('as much data as there may be, and no more', () => {
  const packet = { amount: 1n, expiresAt: new Date(), condition: randomBytes(32), destination: 'test.a' }
  expect(new Prepare(serialized({ ...packet, data: randomBytes(DATA_BYTES_MAX) })).data).toHaveLength(DATA_BYTES_MAX)
  expect(() => new Prepare(serialized({ ...packet, data: randomBytes(DATA_BYTES_MAX + 1) }))).toThrow(TypeError)
})
