/**
 * Goal: clients, API keys and sessions do what they say, and no credential can be read back or guessed fast.
 * Method: the services on a real database with a clock that the test sets; the tables are searched for secrets.
 */
import { randomUUID } from 'node:crypto'
import { Client as SqlClient } from 'pg'
import { ApiKeyService } from '../../src/services/api-keys/api-key-service'
import { ClientService } from '../../src/services/clients/client-service'
import { SessionService } from '../../src/services/sessions/session-service'
import { TestApi } from '../admin-v2/support'
import { createTestDatabase } from '../support/database'

const WORDS = { name: 'Shop', uri: 'https://shop.example', image: 'https://shop.example/logo', email: 'a@shop.example' }
const UNKNOWN: string = randomUUID()

let database: { url: string; drop(): Promise<void> }
let api: TestApi
let sql: SqlClient
let clients: ClientService
let apiKeys: ApiKeyService
let sessions: SessionService

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url, { settings: { guessesPerPaymentPointerMax: 5, guessesPerAddressMax: 8 } })
  sql = new SqlClient({ connectionString: database.url })
  await sql.connect()
  clients = api.container.resolve(ClientService)
  apiKeys = api.container.resolve(ApiKeyService)
  sessions = api.container.resolve(SessionService)
})
afterAll(async () => {
  await sql.end()
  await api.close()
  await database.drop()
})

async function createPointer(): Promise<string> {
  const code = `C${randomUUID().slice(0, 8)}`
  const { asset } = await api.mutate('createAsset', 'CreateAssetInput', { code, scale: 2 }, 'asset { id }')
  const input = { assetId: asset.id, url: `https://wallet.example/${randomUUID()}` }
  return (await api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, 'paymentPointer { id }'))
    .paymentPointer.id
}

async function createKey(pointer: string): Promise<string> {
  const created = await apiKeys.create(api.context(), pointer)
  if (!created.done) throw new Error(created.failure)
  return created.value.key
}

describe('a client', () => {
  it('is found with its keys, newest first, revoked ones included', async () => {
    const created = await clients.create(api.context(), WORDS)
    if (!created.done) throw new Error(created.failure)
    const clientId = created.value.client.id
    const [older, newer] = [randomUUID(), randomUUID()]
    for (const id of [older, newer]) {
      const jwk = JSON.stringify({ kid: `https://shop.example/keys/${id}`, x: 'abc', kty: 'OKP' })
      expect(await clients.addKey(api.context(), { id, clientId, jwk })).toMatchObject({ done: true })
      api.clock.advanceSeconds(1)
    }
    expect(await clients.revokeKey(api.context(), older)).toEqual({ done: true, value: older })
    expect(await clients.revokeKey(api.context(), older)).toEqual({ done: true, value: older })
    const found = await clients.find(clientId)
    expect(found!.client).toMatchObject(WORDS)
    expect(found!.keys.map(({ id }) => id)).toEqual([newer, older])
    expect(found!.keys[1]!.jwk).toMatchObject({ revoked: true, x: 'abc' })
    expect(await clients.findKey(newer)).toMatchObject({ client: { id: clientId }, key: { id: newer } })
  })

  it('is refused what cannot be stored, and nothing is left behind', async () => {
    expect(await clients.create(api.context(), { ...WORDS, name: 'x'.repeat(256) })).toEqual({
      done: false,
      failure: 'invalid_text'
    })
    const created = await clients.create(api.context(), WORDS)
    if (!created.done) throw new Error(created.failure)
    const good: Record<'id' | 'clientId' | 'jwk', string> = {
      id: randomUUID(),
      clientId: created.value.client.id,
      jwk: '{}'
    }
    const attempt = async (change: Partial<typeof good>): Promise<unknown> =>
      clients.addKey(api.context(), { ...good, ...change })
    expect(await attempt({ clientId: UNKNOWN })).toEqual({ done: false, failure: 'unknown_client' })
    expect(await attempt({ clientId: 'x' })).toEqual({ done: false, failure: 'unknown_client' })
    expect(await attempt({ id: 'x' })).toEqual({ done: false, failure: 'invalid_key_id' })
    for (const jwk of ['', '[]', '"x"', '1', 'null', 'true', '{', `{"x":"${'x'.repeat(5_000)}"}`, '{"x":"\\u0000"}']) {
      expect(await attempt({ jwk })).toEqual({ done: false, failure: 'invalid_jwk' })
    }
    expect((await clients.find(good.clientId))!.keys).toEqual([])
    expect(await attempt({})).toMatchObject({ done: true })
    expect(await attempt({})).toEqual({ done: false, failure: 'duplicate_key_id' })
    expect(await clients.revokeKey(api.context(), UNKNOWN)).toEqual({ done: false, failure: 'unknown_key' })
    expect(await clients.find('x')).toBeUndefined()
    expect(await clients.find(UNKNOWN)).toBeUndefined()
  })
})

describe('an API key', () => {
  it('opens any number of sessions for its own payment pointer only', async () => {
    const [pointer, other] = [await createPointer(), await createPointer()]
    const key = await createKey(pointer)
    const first = await apiKeys.redeem(api.context(), { key, paymentPointerId: pointer })
    const second = await apiKeys.redeem(api.context(), { key, paymentPointerId: pointer })
    if (!first.done || !second.done) throw new Error('not redeemed')
    expect(first.value.token).not.toBe(second.value.token)
    expect(await apiKeys.redeem(api.context(), { key, paymentPointerId: other })).toEqual({
      done: false,
      failure: 'unknown_api_key'
    })
    expect(await apiKeys.deleteAll(api.context(), pointer)).toMatchObject({ done: true })
    expect(await apiKeys.redeem(api.context(), { key, paymentPointerId: pointer })).toEqual({
      done: false,
      failure: 'unknown_api_key'
    })
    expect(await sessions.refresh(api.context(), first.value.token)).toMatchObject({ done: true })
  })

  it('is stored as a hash, and so is a session', async () => {
    const pointer = await createPointer()
    const key = await createKey(pointer)
    const session = await apiKeys.redeem(api.context(), { key, paymentPointerId: pointer })
    if (!session.done) throw new Error(session.failure)
    const { rows } = await sql.query<{ row: string }>(
      `SELECT t::text AS row FROM api_key t UNION ALL SELECT t::text FROM session t`
    )
    const stored = rows.map(({ row }) => row).join()
    for (const secret of [key, session.value.token]) {
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  it('cannot be made for a payment pointer that is not there', async () => {
    for (const id of [UNKNOWN, 'x']) {
      expect(await apiKeys.create(api.context(), id)).toEqual({ done: false, failure: 'unknown_payment_pointer' })
    }
  })

  it('is not looked for any more after too many guesses, at one pointer or from one address', async () => {
    const [pointer, other] = [await createPointer(), await createPointer()]
    const key = await createKey(pointer)
    const guess = async (paymentPointerId: string, address?: string, guessed = 'x'): Promise<unknown> =>
      apiKeys.redeem({ ...api.context(), now: () => api.clock.now(), address }, { key: guessed, paymentPointerId })
    // Those who have the key use up nothing.
    for (let round = 0; round < 20; round++)
      expect(await guess(pointer, '192.0.2.1', key)).toMatchObject({ done: true })
    for (let round = 0; round < 5; round++)
      expect(await guess(pointer, '192.0.2.2')).toEqual({ done: false, failure: 'unknown_api_key' })
    expect(await guess(pointer, '192.0.2.3')).toEqual({ done: false, failure: 'too_many_guesses' })
    for (let round = 0; round < 3; round++)
      expect(await guess(other, '192.0.2.2')).toEqual({ done: false, failure: 'unknown_api_key' })
    expect(await guess(other, '192.0.2.2')).toEqual({ done: false, failure: 'too_many_guesses' })
  })
})

describe('a session', () => {
  it('lives for its time, longer when refreshed, and ends when revoked', async () => {
    const pointer = await createPointer()
    const key = await createKey(pointer)
    const opened = await apiKeys.redeem(api.context(), { key, paymentPointerId: pointer })
    if (!opened.done) throw new Error(opened.failure)
    const { token, expiresAt } = opened.value
    expect(await sessions.find(api.context(), token)).toEqual({ paymentPointerId: pointer, expiresAt })
    api.clock.advanceSeconds(29 * 60)
    const refreshed = await sessions.refresh(api.context(), token)
    if (!refreshed.done) throw new Error(refreshed.failure)
    expect(refreshed.value.token).toBe(token)
    expect(refreshed.value.expiresAt.getTime()).toBeGreaterThan(expiresAt.getTime())
    api.clock.advanceSeconds(29 * 60)
    expect(await sessions.find(api.context(), token)).toBeDefined()
    api.clock.advanceSeconds(61)
    expect(await sessions.find(api.context(), token)).toBeUndefined()
    expect(await sessions.refresh(api.context(), token)).toEqual({ done: false, failure: 'unknown_session' })
    expect(await sessions.purge(api.clock.now(), 100)).toBeGreaterThan(0)

    const again = await apiKeys.redeem(api.context(), { key, paymentPointerId: pointer })
    if (!again.done) throw new Error(again.failure)
    await sessions.revoke(api.context(), again.value.token)
    await sessions.revoke(api.context(), 'never was one')
    expect(await sessions.find(api.context(), again.value.token)).toBeUndefined()
  })
})
