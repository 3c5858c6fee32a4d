/**
 * Goal: a neighbour has its reply before its packet expires, however slow the ledger or the next hop is, and what
 * the next hop fulfilled is paid.
 * Method: the pipeline alone, between a ledger, a receiver and a next hop that take as long as the test says.
 */
import { createHash, randomBytes } from 'node:crypto'
import { deserializeIlpReply, isReject, serializeIlpFulfill, serializeIlpPrepare, type IlpReply } from 'ilp-packet'
import { LocalAccount, type Payee } from '../../../src/interledger/connector/local-account'
import { Limiter } from '../../../src/interledger/connector/pipeline/limits'
import { Pipeline, type PipelineParts } from '../../../src/interledger/connector/pipeline/pipeline'
import type {
  Destination,
  LocalDestination,
  Movement,
  PacketHold
} from '../../../src/interledger/connector/pipeline/ports'
import type { PacketAsset, PacketPeer } from '../../../src/interledger/connector/types'

const USD: PacketAsset = { id: 'usd', code: 'USD', scale: 2, ledger: 1, liquidityAccountId: 1n }
const FULFILLMENT = randomBytes(32)
const FULFILL = { fulfillment: FULFILLMENT, data: Buffer.alloc(0) }
const NEVER = new Promise<never>(() => undefined)
const ADDRESS = 'test.here'

const peer = (name: string): PacketPeer => ({
  id: name,
  name,
  ilpAddress: `test.${name}`,
  asset: USD,
  accountId: 7n,
  maxPacketAmount: null,
  outgoing: { endpoint: 'http://127.0.0.1:1', authToken: 'x' },
  createdAt: new Date()
})

class Scene {
  readonly told: string[] = []
  hold: Partial<PacketHold> & { readonly begin?: () => Promise<void> } = {}
  send: () => Promise<Buffer> = () => Promise.resolve(serializeIlpFulfill(FULFILL))
  credit: () => Promise<void> = () => Promise.resolve()
  judge: () => Promise<void> = () => Promise.resolve()
  sent = 0

  async take(to: 'next' | 'local', expiresInMilliseconds: number): Promise<IlpReply> {
    const prepare = serializeIlpPrepare({
      amount: '10',
      executionCondition: createHash('sha256').update(FULFILLMENT).digest(),
      expiresAt: new Date(Date.now() + expiresInMilliseconds),
      destination: to === 'next' ? 'test.next.bob' : `${ADDRESS}.token`,
      data: Buffer.alloc(0)
    })
    return deserializeIlpReply(await this.pipeline.handle(prepare, { kind: 'peer', peer: peer('before') }))
  }

  local: LocalDestination = {
    id: 'bob',
    asset: USD,
    isFinished: () => false,
    deliver: () => {
      this.told.push('credit begun')
      return this.credit()
    }
  }

  /** Stands for a payee that several packets are for. The first credit opens its account if it has none. */
  crowd(hasAccount: boolean): void {
    const payee = (hasAccount: boolean): Payee => ({
      id: 'bob',
      asset: USD,
      hasAccount,
      remaining: undefined,
      isFinished: () => false,
      credit: () => Promise.resolve({ accountId: 9n, accounts: [], attachments: () => [] })
    })
    const credit = async (movements: readonly Movement[]): Promise<undefined[]> => {
      this.told.push('credit begun')
      await this.credit()
      return movements.map(() => undefined)
    }
    const read = (): Promise<Payee> => Promise.resolve(payee(true))
    this.local = new LocalAccount(payee(hasAccount), read, { credit }, () => new Date())
  }

  readonly pipeline = new Pipeline(this.parts())

  private parts(): PipelineParts {
    const tell = (what: string): void => void this.told.push(what)
    const destinations = {
      local: () => Promise.resolve(this.local),
      peer: () => Promise.resolve(peer('next'))
    }
    return {
      ilpAddress: ADDRESS,
      receiver: {
        decode: (destination) => (destination.startsWith(ADDRESS) ? 'bob' : undefined),
        reply: async () => {
          await this.judge()
          return { fulfil: FULFILL, revert: async () => tell('reverted') }
        }
      },
      destinations,
      limiter: new Limiter({ packetsPerMinute: 1_000 }),
      rates: { conversion: () => Promise.resolve(undefined) },
      ledger: {
        hold: async () => {
          await this.hold.begin?.()
          return {
            post: this.hold.post ?? (async () => tell('posted')),
            postEventually: async () => {
              tell('posted in the end')
              return true
            },
            void: this.hold.void ?? (async () => tell('given back'))
          }
        }
      },
      client: {
        send: () => {
          this.sent++
          return this.send()
        }
      },
      observer: {
        answered: ({ destination }: { destination: Destination | undefined }) => destination,
        held: () => undefined,
        fulfilledLate: () => tell('fulfilled late'),
        unrecorded: () => tell('unrecorded'),
        answeredTooSoon: () => tell('answered too soon')
      },
      alarm: { failed: () => undefined },
      unexpected: (error) => tell(String(error)),
      now: () => new Date()
    }
  }
}

const codeOf = (reply: IlpReply): string | undefined => (isReject(reply) ? reply.code : undefined)
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

test('a next hop that never answers, and a ledger that never gives the money back', async () => {
  const scene = new Scene()
  scene.send = () => NEVER
  scene.hold = { void: () => NEVER }
  const reply = await scene.take('next', 2_200)
  expect(codeOf(reply)).toBe('R00')
})

test('a ledger that takes all the time there is: nothing is sent on', async () => {
  const scene = new Scene()
  scene.hold = { begin: async () => void (await pause(1_500)) }
  const reply = await scene.take('next', 2_200)
  expect(codeOf(reply)).toBe('R00')
  await scene.pipeline.idle()
  expect([scene.sent, scene.told]).toEqual([0, ['given back']])
})

test('a credit that takes too long is answered in time, and counted when it is stored after all', async () => {
  const scene = new Scene()
  let store: () => void = () => undefined
  scene.credit = () => new Promise((resolve) => (store = resolve))
  const reply = await scene.take('local', 700)
  expect(codeOf(reply)).toBe('R00')
  store()
  await scene.pipeline.idle()
  await pause(1)
  expect(scene.told).toEqual(['credit begun', 'answered too soon'])
})

test('a credit that is in time is fulfilled', async () => {
  const scene = new Scene()
  expect(codeOf(await scene.take('local', 10_000))).toBeUndefined()
  expect(scene.told).toEqual(['credit begun'])
})

test('a credit is not begun once the neighbour was told that its packet expired', async () => {
  const scene = new Scene()
  scene.judge = async () => void (await pause(350))
  expect(codeOf(await scene.take('local', 700))).toBe('R00')
  await scene.pipeline.idle()
  expect(scene.told).toEqual(['reverted'])
})

test.each([
  ['of its payee, which opens the account', false],
  ['that are being stored', true]
])('a packet that waits for credits %s is not credited once its time is over', async (_, hasAccount) => {
  const scene = new Scene()
  let store: () => void = () => undefined
  const stored = new Promise<void>((resolve) => (store = resolve))
  scene.credit = () => stored
  scene.crowd(hasAccount)
  const patient = [scene.take('local', 20_000), scene.take('local', 20_000)]
  expect(codeOf(await scene.take('local', 700))).toBe('R00')
  store()
  expect((await Promise.all(patient)).map(codeOf)).toEqual([undefined, undefined])
  await scene.pipeline.idle()
  expect(scene.told.sort()).toEqual(['credit begun', 'credit begun', 'reverted'])
})

test.each(['next', 'local'] as const)('too little time is left to answer: nothing is begun (%s)', async (to) => {
  const scene = new Scene()
  scene.judge = () => NEVER
  expect(codeOf(await scene.take(to, 400))).toBe('R00')
  expect([scene.sent, scene.told]).toEqual([0, []])
})

test('what the next hop fulfilled is paid in the end, and never given back', async () => {
  const scene = new Scene()
  scene.hold = { post: () => Promise.reject(new Error('the ledger is away')) }
  expect(codeOf(await scene.take('next', 10_000))).toBe('T00')
  expect(scene.told).toEqual(['unrecorded', 'posted in the end', 'Error: the ledger is away'])
})
