/**
 * `@auth` and `@isAdmin` (cases 21 to 23).
 *
 * Goal: who may not run a field gets the refusal, and nothing of the field happens; who may, gets its own
 * result. Method: schemas of one service, each with directives attached in another way.
 */
import { randomUUID } from 'node:crypto'
import type { V1Caller } from '../../src/resolvers/admin-v1/context'
import { ENFORCED, type Attached } from '../../src/resolvers/admin-v1/directives'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { createPointer, isThere, newUnit, v1Of, without } from './support'

const NO_SESSION = { code: '401', success: false, message: 'Session not found.', asset: null }
const UNAUTHORIZED = { code: '401', success: false, message: 'Unauthorized.', asset: null }
const STRANGER: V1Caller = { isAdmin: false }

let database: TestDatabase
let v2: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  v2 = await TestApi.open(database.url)
})

afterAll(async () => {
  await v2.close()
  await database.drop()
})

/** What `createAsset` answers to a caller, and whether the asset is there afterwards. */
async function create(attached: Attached, caller: V1Caller): Promise<{ answer: Fields; isCreated: boolean }> {
  const unit = newUnit()
  const v1 = v1Of(v2, { attached, caller })
  const answer = await v1.mutate('createAsset', 'CreateAssetInput', unit, `${ANSWER} asset { code }`)
  return { answer, isCreated: await isThere(v2, unit) }
}

async function openSession(): Promise<string> {
  const v1 = v1Of(v2)
  const { id } = await createPointer(v1)
  const { apiKey } = await v1.mutate('createApiKey', 'CreateApiKeyInput', { paymentPointerId: id }, 'apiKey { key }')
  const input = { paymentPointerId: id, key: (apiKey as Fields).key }
  const { session } = await v1.mutate('redeemApiKey', 'RedeemApiKeyInput', input, 'session { key }')
  return (session as Fields).key as string
}

describe('@auth', () => {
  const auth: Attached = { auth: ['Mutation.createAsset'] }

  it('case 21: refuses without a session, with an unknown one and with one that has ended', async () => {
    const ended = await openSession()
    v2.clock.advanceSeconds(30 * 60 + 1)
    for (const authorization of [undefined, '', randomUUID(), ended, `Bearer ${await openSession()}`]) {
      const result = await create(auth, { isAdmin: true, authorization })
      expect(result).toEqual({ answer: NO_SESSION, isCreated: false })
    }
  })

  it('case 22: lets a live session through', async () => {
    const result = await create(auth, { isAdmin: false, authorization: await openSession() })
    expect(result).toMatchObject({ answer: { code: '200' }, isCreated: true })
  })

  it('looks no session up where none is asked for', async () => {
    const caller = { isAdmin: false, authorization: randomUUID() }
    const { answer } = await without(v2, 'session', () => create({}, caller))
    expect(answer).toMatchObject({ code: '200' })
    await expect(without(v2, 'session', () => create(auth, caller))).rejects.toThrow()
  })
})

describe('@isAdmin', () => {
  const isAdmin: Attached = { isAdmin: ['Mutation.createAsset'] }

  it("case 23: refuses without the operator's credentials and lets them through", async () => {
    const session = await openSession()
    for (const caller of [STRANGER, { ...STRANGER, authorization: session }]) {
      expect(await create(isAdmin, caller)).toEqual({ answer: UNAUTHORIZED, isCreated: false })
    }
    expect(await create(isAdmin, { isAdmin: true })).toMatchObject({ answer: { code: '200' }, isCreated: true })
  })

  it('is asked before @auth, and on a type of every field', async () => {
    const both: Attached = { isAdmin: ['Mutation'], auth: ['Mutation.createAsset'] }
    expect(await create(both, STRANGER)).toEqual({ answer: UNAUTHORIZED, isCreated: false })
    expect(await create(both, { isAdmin: true })).toEqual({ answer: NO_SESSION, isCreated: false })
    const session = await openSession()
    expect(await create(both, { isAdmin: true, authorization: session })).toMatchObject({ answer: { code: '200' } })
  })

  it('turns into an error where a value cannot be a refusal', async () => {
    const v1 = v1Of(v2, { attached: { isAdmin: ['Asset'] } })
    const { data, errors } = await v1.run(
      'mutation ($input: CreateAssetInput!) { createAsset(input: $input) { code asset { id code } } }',
      { input: newUnit() }
    )
    expect(data.createAsset).toEqual({ code: '200', asset: null })
    expect(errors).toHaveLength(1)
  })
})

describe('a deployment that enforces them', () => {
  it('refuses strangers every mutation and `client`, and nothing else', async () => {
    const v1 = v1Of(v2, { attached: ENFORCED })
    const { data, errors } = await v1.run(
      `mutation ($id: String!) { revokeSession(input: { key: $id }) { ${ANSWER} } deletePeer(id: $id) { ${ANSWER} }
        triggerPaymentPointerEvents(limit: 1) { ${ANSWER} count } finalizeLiquidityWithdrawal(withdrawalId: $id) { ${ANSWER} } }`,
      { id: randomUUID() }
    )
    expect(errors).toEqual([])
    const refusal = { code: '401', success: false, message: 'Unauthorized.' }
    expect(data).toEqual({
      revokeSession: refusal,
      deletePeer: refusal,
      triggerPaymentPointerEvents: { ...refusal, count: null },
      finalizeLiquidityWithdrawal: refusal
    })
    const client = await v1.run('{ client(id: "x") { id } }')
    expect(client).toMatchObject({ data: { client: null }, errors: [{ path: 'client.id' }] })
    expect((await v1.run('{ assets { edges { cursor } } }')).errors).toEqual([])
    const admin = v1Of(v2, { attached: ENFORCED, caller: { isAdmin: true } })
    expect(await admin.run('{ client(id: "x") { id } }')).toEqual({ data: { client: null }, errors: [] })
  })

  it('is not built for a place that the schema does not have', () => {
    expect(() => v1Of(v2, { attached: { auth: ['Mutation.nothing'] } })).toThrow('Mutation.nothing')
    expect(() => v1Of(v2, { attached: { isAdmin: ['Nothing'] } })).toThrow('Nothing')
  })
})
