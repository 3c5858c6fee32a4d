/**
 * API keys and sessions (cases 10 to 20).
 *
 * Goal: every outcome of the operations on them, with its code and text; no secret is stored. Method: through
 * the schema with a clock that the test sets; tables are searched for what must not be in them.
 */
import { randomUUID } from 'node:crypto'
import { SessionService } from '../../src/services/sessions/session-service'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { createPointer, rowsOf, v1Of, without } from './support'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const SESSION = `${ANSWER} session { key expiresAt }`

let database: TestDatabase
let v2: TestApi
let v1: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  v2 = await TestApi.open(database.url, { settings: { guessesPerPaymentPointerMax: 3 } })
  v1 = v1Of(v2)
})

afterAll(async () => {
  await v2.close()
  await database.drop()
})

function create(paymentPointerId: string): Promise<Fields> {
  const fields = `${ANSWER} apiKey { id paymentPointerId key createdAt updatedAt }`
  return v1.mutate('createApiKey', 'CreateApiKeyInput', { paymentPointerId }, fields)
}

function redeem(paymentPointerId: string, key: string): Promise<Fields> {
  return v1.mutate('redeemApiKey', 'RedeemApiKeyInput', { key, paymentPointerId }, SESSION)
}

function deleteAll(paymentPointerId: string): Promise<Fields> {
  return v1.mutate('deleteAllApiKeys', 'DeleteAllApiKeysInput', { paymentPointerId }, ANSWER)
}

function refresh(key: string): Promise<Fields> {
  return v1.mutate('refreshSession', 'RefreshSessionInput', { key }, SESSION)
}

function revoke(key: string): Promise<Fields> {
  return v1.mutate('revokeSession', 'RevokeSessionInput', { key }, ANSWER)
}

async function keyed(): Promise<{ pointer: string; key: string }> {
  const { id } = await createPointer(v1)
  return { pointer: id, key: ((await create(id)).apiKey as Fields).key as string }
}

interface Session {
  readonly key: string
  readonly expiresAt: string
}

async function opened(): Promise<Session> {
  const { pointer, key } = await keyed()
  return (await redeem(pointer, key)).session as Session
}

describe('an API key', () => {
  it('case 10, case 11: is told once and not stored', async () => {
    const { id } = await createPointer(v1)
    const answer = await create(id)
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Created Api Key' })
    const apiKey = answer.apiKey as Fields
    expect(apiKey).toMatchObject({ id: expect.stringMatching(UUID) as string, paymentPointerId: id })
    expect(apiKey.key).toMatch(UUID)
    expect(apiKey.updatedAt).toBe(apiKey.createdAt)
    expect(new Date(apiKey.createdAt).toISOString()).toBe(apiKey.createdAt)
    const rows = await rowsOf(
      v2,
      'SELECT id, encode(hash, $2) AS hash, api_key::text AS whole FROM api_key WHERE payment_pointer_id = $1',
      [id, 'hex']
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ id: apiKey.id, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    const hexOfKey = Buffer.from(apiKey.key as string).toString('hex')
    for (const text of [apiKey.key as string, hexOfKey]) expect(String(rows[0]!.whole)).not.toContain(text)
    // What is stored verifies against what was told.
    expect(await redeem(id, apiKey.key as string)).toMatchObject({ code: '200' })
  })

  it.each([randomUUID(), 'nonsense'])('is not created for the unknown payment pointer %s', async (pointer) => {
    const message = 'Error trying to create api key'
    expect(await create(pointer)).toEqual({ code: '400', success: false, message, apiKey: null })
  })

  it('case 12: opens a session that ends when it says', async () => {
    const { pointer, key } = await keyed()
    const answer = await redeem(pointer, key)
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Redeemed API Key' })
    const session = answer.session as Session
    const stored = await v2.container.resolve(SessionService).find(v2.context(), session.key)
    expect(Number(session.expiresAt)).toBe(stored?.expiresAt.getTime())
  })

  it('case 13, case 14: is not known by a guess, nor at another payment pointer', async () => {
    const { pointer, key } = await keyed()
    const other = (await createPointer(v1)).id
    const failure = (id: string): object => ({
      code: '404',
      success: false,
      message: `Api key not found. paymentPointerId=${id}`,
      session: null
    })
    expect(await redeem(pointer, '123')).toEqual(failure(pointer))
    expect(await redeem(other, '123')).toEqual(failure(other))
    expect(await redeem(other, key)).toEqual(failure(other))
    const unknown = randomUUID()
    expect(await redeem(unknown, key)).toEqual(failure(unknown))
  })

  it('cannot be guessed at fast, and who knows it is not held up by another pointer', async () => {
    const { pointer, key } = await keyed()
    for (let guess = 0; guess < 3; guess++) expect(await redeem(pointer, 'x')).toMatchObject({ code: '404' })
    expect(await redeem(pointer, 'x')).toEqual({
      code: '429',
      success: false,
      message: 'Too many attempts to redeem an API key',
      session: null
    })
    expect(await redeem(pointer, key)).toMatchObject({ code: '429', session: null })
    const other = await keyed()
    expect(await redeem(other.pointer, other.key)).toMatchObject({ code: '200' })
  })

  it('is refused in one way for what nobody expects', async () => {
    const { pointer, key } = await keyed()
    const failure = { code: '400', success: false, message: 'Error trying to redeem API key', session: null }
    expect(await redeem('nonsense', key)).toEqual(failure)
    expect(await without(v2, 'session', () => redeem(pointer, key))).toEqual(failure)
  })

  it('case 15: goes with all keys of its pointer; further case: sessions that it opened go on', async () => {
    const { pointer, key } = await keyed()
    await create(pointer)
    const { key: session } = (await redeem(pointer, key)).session as Session
    const done = (id: string): object => ({
      code: '200',
      success: true,
      message: `Deleted all Api Keys for payment pointer with id=${id}`
    })
    expect(await deleteAll(pointer)).toEqual(done(pointer))
    expect(await rowsOf(v2, 'SELECT 1 FROM api_key WHERE payment_pointer_id = $1', [pointer])).toEqual([])
    expect(await redeem(pointer, key)).toMatchObject({ code: '404' })
    expect(await refresh(session)).toMatchObject({ code: '200', session: { key: session } })
    expect(await deleteAll(pointer)).toEqual(done(pointer))
    const unknown = randomUUID()
    expect(await deleteAll(unknown)).toEqual(done(unknown))
  })

  it('is not deleted under an id that is none, nor while nothing can be stored', async () => {
    const { pointer } = await keyed()
    const failure = { code: '400', success: false, message: 'Error trying to delete all api keys' }
    expect(await deleteAll('nonsense')).toEqual(failure)
    expect(await without(v2, 'api_key', () => deleteAll(pointer))).toEqual(failure)
  })

  it('further case: opens a session each time', async () => {
    const { pointer, key } = await keyed()
    const [one, other] = [await redeem(pointer, key), await redeem(pointer, key)].map(
      ({ session }) => session as Session
    )
    expect(one!.key).not.toBe(other!.key)
    await revoke(one!.key)
    expect(await refresh(other!.key)).toMatchObject({ code: '200' })
  })
})

describe('a session', () => {
  it('case 16: is stored without its key, with time left', async () => {
    const { key, expiresAt } = await opened()
    expect(key).toMatch(UUID)
    expect(Number(expiresAt)).toBeGreaterThan(v2.clock.now().getTime())
    const rows = await rowsOf(v2, 'SELECT session::text AS whole FROM session WHERE expires_at = $1', [
      new Date(Number(expiresAt))
    ])
    expect(rows).toHaveLength(1)
    expect(rows[0]!.whole).not.toContain(key)
  })

  it('case 17: is found neither under an unknown key nor after its end', async () => {
    const failure = { code: '401', success: false, message: 'Session not found.', session: null }
    expect(await refresh(randomUUID())).toEqual(failure)
    expect(await refresh('')).toEqual(failure)
    const { key, expiresAt } = await opened()
    v2.clock.advanceSeconds(30 * 60 + 1)
    expect(v2.clock.now().getTime()).toBeGreaterThan(Number(expiresAt))
    expect(await refresh(key)).toEqual(failure)
  })

  it('case 18, case 19: lives a whole lifetime from when it was refreshed', async () => {
    const { key, expiresAt } = await opened()
    v2.clock.advanceSeconds(60)
    const answer = await refresh(key)
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Refreshed Session', session: { key } })
    expect(Number((answer.session as Session).expiresAt)).toBeGreaterThanOrEqual(Number(expiresAt) + 60_000)
  })

  it('case 20: ends when it is revoked', async () => {
    const { key } = await opened()
    for (const each of [key, key, 'never was one']) {
      expect(await revoke(each)).toEqual({ code: '200', success: true, message: 'Revoked Session' })
    }
    expect(await refresh(key)).toMatchObject({ code: '401' })
    expect(await v2.container.resolve(SessionService).find(v2.context(), key)).toBeUndefined()
  })

  it('is refused in one way for what nobody expects', async () => {
    const { key } = await opened()
    const failure = { code: '400', success: false }
    await without(v2, 'session', async () => {
      expect(await refresh(key)).toEqual({ ...failure, message: 'Error trying to refresh session', session: null })
      expect(await revoke(key)).toEqual({ ...failure, message: 'Error trying to revoke session' })
    })
  })
})
