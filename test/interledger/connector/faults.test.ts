/**
 * Goal: whatever dies in the middle of packets, no money is made or lost, and none stays set aside.
 * Method: the service as a process of its own between two neighbours that the test plays; it is killed or told
 * to stop while packets are under way, or its database is cut off at the worst moment. Then balances to the unit,
 * and the whole ledger is verified.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { deserializeIlpReply, isFulfill } from 'ilp-packet'
import { Client } from 'pg'
import { LostPackets } from '../../../src/services/peers/lost-packets'
import { openLedger, TestClock, verify } from '../../ledger/support'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { DatabaseProxy } from '../../support/proxy'
import { ServiceProcess } from '../../support/service-process'
import { fulfilOf, http, inSeconds, NextHop, packet, PACKET_TYPE, respond, type HttpAnswer } from './support'

const DEPOSIT = 1_000_000n

interface Peer {
  readonly id: string
  readonly ilpAddress: string
  readonly token: string
}

/** A service process, its database, and a neighbour on each side. */
class Scene {
  private constructor(
    readonly database: TestDatabase,
    readonly proxy: DatabaseProxy,
    readonly sql: Client,
    readonly service: ServiceProcess,
    readonly hop: NextHop,
    readonly sender: Peer,
    readonly taker: Peer
  ) {}

  static async open(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
    const database = await createTestDatabase()
    const proxy = await DatabaseProxy.open(database.url)
    const sql = new Client({ connectionString: database.url })
    await sql.connect()
    const service = await ServiceProcess.start({ DATABASE_URL: proxy.url, ...env })
    const hop = await NextHop.open()
    const { asset } = await service.mutate<{ asset: { id: string } }>(
      'createAsset',
      { code: 'USD', scale: 2 },
      'asset { id }'
    )
    const [sender, taker] = [await addPeer(service, asset.id, hop), await addPeer(service, asset.id, hop)]
    return new Scene(database, proxy, sql, service, hop, sender, taker)
  }

  get connectorUrl(): string {
    return /"listener":"connector","url":"([^"]+)"/.exec(this.service.log)![1]!
  }

  send(amount: bigint, seconds = 20): Promise<HttpAnswer> {
    const body = packet({ amount, destination: `${this.taker.ilpAddress}.bob`, expiresAt: inSeconds(seconds) })
    const headers = { authorization: `Bearer ${this.sender.token}`, 'content-type': PACKET_TYPE }
    return http(this.connectorUrl, headers, body)
  }

  async isFulfilled(amount: bigint): Promise<boolean> {
    const { status, body } = await this.send(amount)
    return status === 200 && isFulfill(deserializeIlpReply(body))
  }

  /** What the two may still send, and what is set aside in the whole ledger. */
  async state(): Promise<{ sender: bigint; taker: bigint; held: bigint }> {
    const { rows } = await this.sql.query<{ owner: string; balance: string }>(
      `SELECT owner, (credits_posted - debits_posted)::text AS balance FROM ledger_account WHERE owner = ANY($1)`,
      [[this.sender.id, this.taker.id]]
    )
    const balance = new Map(rows.map((row) => [row.owner, BigInt(row.balance)]))
    const { rows: held } = await this.sql.query<{ held: string }>(
      'SELECT sum(debits_pending)::text AS held FROM ledger_account'
    )
    return { sender: balance.get(this.sender.id)!, taker: balance.get(this.taker.id)!, held: BigInt(held[0]!.held) }
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await sleep(10)
  }

  async close(): Promise<void> {
    expect((await verify(this.database.url)).firstBad).toBeUndefined()
    await this.service.kill('SIGKILL')
    await this.hop.close()
    await this.sql.end()
    await this.proxy.close()
    await this.database.drop()
  }
}

async function addPeer(service: ServiceProcess, assetId: string, hop: NextHop): Promise<Peer> {
  const [ilpAddress, token] = [`test.p${randomUUID()}`, randomUUID()]
  const httpDetails = { outgoing: { endpoint: hop.url, authToken: 'x' }, incoming: { authTokens: [token] } }
  const input = { assetId, staticIlpAddress: ilpAddress, http: httpDetails }
  const { peer } = await service.mutate<{ peer: { id: string } }>('createPeer', input, 'peer { id }')
  const deposit = { peerId: peer.id, amount: String(DEPOSIT), id: randomUUID(), idempotencyKey: randomUUID() }
  expect(await service.mutate('addPeerLiquidity', deposit, 'code')).toEqual({ code: '200' })
  return { id: peer.id, ilpAddress, token }
}

let scene: Scene

beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(() => scene.close())

test('case 55: killed while packets are under way; what was set aside comes back when its time is over', async () => {
  const { hop, service, database } = scene
  expect(await scene.isFulfilled(100n)).toBe(true)
  const before = await scene.state()
  hop.answering = () => undefined
  const sending = Array.from({ length: 20 }, () => scene.send(10n).catch(() => undefined))
  await scene.until(() => hop.taken.length === 21)
  expect(await scene.state()).toEqual({ ...before, held: 200n })
  await service.kill('SIGKILL')
  await Promise.all(sending)
  expect((await scene.state()).held).toBe(200n)
  const clock = new TestClock()
  const { ledger, close } = openLedger(database.url, clock)
  clock.advanceSeconds(80)
  await ledger.sweep()
  expect((await scene.state()).held).toBe(200n)
  clock.advanceSeconds(12)
  await ledger.sweep()
  expect(await scene.state()).toEqual({ ...before, held: 0n })
  const lost = new LostPackets(ledger)
  const first = await lost.page({ limit: 15 })
  const rest = await lost.page({ limit: 15, before: first.packets.at(-1)!.transfer.sequence })
  expect([first.hasNextPage, rest.hasNextPage]).toEqual([true, false])
  const all = [...first.packets, ...rest.packets]
  expect(all.map(({ transfer }) => transfer.amount)).toEqual(Array(20).fill(10n))
  for (const { debit, credit } of all) expect([debit.owner, credit.owner]).toEqual([scene.sender.id, scene.taker.id])
  await close()
})

test('killed under load: what was fulfilled is paid, to the unit, and nothing else', async () => {
  const { hop, service, database } = scene
  let fulfilledByHop = 0n
  hop.answering = (prepare, response) => {
    fulfilledByHop += BigInt(prepare.amount)
    respond(response, fulfilOf(prepare.data))
  }
  let acknowledged = 0n
  const load = Array.from({ length: 16 }, async () => {
    try {
      while (await scene.isFulfilled(1n)) acknowledged += 1n
    } catch {
      // The process is gone.
    }
  })
  await scene.until(() => acknowledged > 100n)
  await service.kill('SIGKILL')
  await Promise.all(load)
  const clock = new TestClock()
  const { ledger, close } = openLedger(database.url, clock)
  clock.advanceSeconds(100)
  await ledger.sweep()
  await close()
  const { sender, taker, held } = await scene.state()
  const paid = DEPOSIT - sender
  expect(held).toBe(0n)
  expect(taker - DEPOSIT).toBe(paid)
  expect(paid).toBeGreaterThanOrEqual(acknowledged)
  expect(paid).toBeLessThanOrEqual(fulfilledByHop)
})

test.each(['lose answer', 'lose request'] as const)('the commit of a payment: %s', async (fate) => {
  const { hop, proxy } = scene
  const before = await scene.state()
  hop.answering = (prepare, response) => {
    proxy.nextCommit = fate
    respond(response, fulfilOf(prepare.data))
  }
  expect(await scene.isFulfilled(70n)).toBe(true)
  expect(proxy.cuts).toBe(1)
  expect(await scene.state()).toEqual({ sender: before.sender - 70n, taker: before.taker + 70n, held: 0n })
})

test('the database goes away while a neighbour works on a packet, and comes back', async () => {
  const { hop, proxy } = scene
  const before = await scene.state()
  hop.answering = async (prepare, response) => {
    proxy.down = true
    proxy.cutAll()
    respond(response, fulfilOf(prepare.data))
    await sleep(300)
    proxy.down = false
  }
  expect(await scene.isFulfilled(70n)).toBe(true)
  expect(await scene.state()).toEqual({ sender: before.sender - 70n, taker: before.taker + 70n, held: 0n })
})

test('told to stop while packets are under way: they are answered, new ones are not taken', async () => {
  const { hop, service } = scene
  const waiting: (() => void)[] = []
  hop.answering = (prepare, response) => {
    waiting.push(() => respond(response, fulfilOf(prepare.data)))
  }
  const sending = Array.from({ length: 5 }, () => scene.isFulfilled(10n))
  await scene.until(() => waiting.length === 5)
  const ended = service.kill('SIGTERM')
  await scene.until(async () => (await http(`${scene.connectorUrl}/healthz`, {}, '', 'GET')).status === 503)
  const refused = await scene.send(10n)
  expect([refused.status, refused.headers.connection]).toEqual([503, 'close'])
  expect(waiting).toHaveLength(5)
  for (const answer of waiting) answer()
  expect(await Promise.all(sending)).toEqual(Array(5).fill(true))
  expect(await ended).toBe(0)
  const { held, taker } = await scene.state()
  expect(held).toBe(0n)
  expect(taker).toBe(DEPOSIT + 50n)
})

describe('told to stop while what a neighbour fulfilled cannot be stored', () => {
  /** The ledger takes nothing from then on. */
  const breakLedger = (): Promise<unknown> =>
    scene.sql.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'out of order'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ledger_transfer EXECUTE FUNCTION refuse()`)

  const fulfilUnstored = async (): Promise<void> => {
    scene.hop.answering = async (prepare, response) => {
      await breakLedger()
      respond(response, fulfilOf(prepare.data))
    }
    expect(await scene.isFulfilled(70n)).toBe(false)
  }

  test('it is stored as soon as it can be, and then the service ends', async () => {
    const before = await scene.state()
    await fulfilUnstored()
    const ended = scene.service.kill('SIGTERM')
    await scene.until(() => scene.service.log.includes('"msg":"draining"'))
    await sleep(1_000)
    await scene.sql.query('DROP TRIGGER refuse ON ledger_transfer')
    expect(await ended).toBe(0)
    expect(await scene.state()).toEqual({ sender: before.sender - 70n, taker: before.taker + 70n, held: 0n })
  })

  test('the operator is told what could not be stored in time', async () => {
    await scene.close()
    scene = await Scene.open({ DRAIN_MS: '200' })
    await fulfilUnstored()
    expect(await scene.service.kill('SIGTERM')).toBe(0)
    const { rows } = await scene.sql.query<{ id: string }>(
      'SELECT id FROM ledger_transfer ORDER BY sequence DESC LIMIT 1'
    )
    const told = scene.service.log.split('\n').find((line) => line.includes('are owed'))!
    expect(JSON.parse(told)).toMatchObject({ level: 'error', holds: [rows[0]!.id] })
  })
})
