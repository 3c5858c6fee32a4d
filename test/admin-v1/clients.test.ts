/**
 * Clients and their keys (cases 1 to 9).
 *
 * Goal: every outcome of the operations on clients, with its code and text. Method: through the schema, against
 * PostgreSQL; what nobody expects is brought about by a table that is away.
 */
import { randomUUID } from 'node:crypto'
import { ClientService } from '../../src/services/clients/client-service'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { call, rowsOf, v1Of, without } from './support'

const WORDS = { name: 'Shop', uri: 'https://shop.test', image: 'https://shop.test/logo', email: 'a@shop.test' }
const KEYS = 'keys { id clientId jwk createdAt }'
const CLIENT = `id name uri image email createdAt ${KEYS}`
const JWK = { kid: 'https://shop.test/keys/1', x: 'abc', kty: 'OKP', alg: 'EdDSA', crv: 'Ed25519' }

let database: TestDatabase
let v2: TestApi
let v1: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  v2 = await TestApi.open(database.url)
  v1 = v1Of(v2)
})

afterAll(async () => {
  await v2.close()
  await database.drop()
})

function create(input: object = WORDS): Promise<Fields> {
  return v1.mutate('createClient', 'CreateClientInput', input, `${ANSWER} client { ${CLIENT} }`)
}

function addKey(input: object): Promise<Fields> {
  return v1.mutate('addKeyToClient', 'AddKeyToClientInput', input, `${ANSWER} client { ${CLIENT} }`)
}

function revoke(keyId: string): Promise<Fields> {
  return call(v1, 'revokeClientKey', 'String', { keyId }, `${ANSWER} keyId`)
}

async function newClient(): Promise<Fields> {
  return (await create()).client as Fields
}

async function read(id: string): Promise<Fields | null> {
  const { data, errors } = await v1.run(`query ($id: String!) { client(id: $id) { ${CLIENT} } }`, { id })
  expect(errors).toEqual([])
  return data.client as Fields | null
}

async function keyed(): Promise<{ client: Fields; keyId: string }> {
  const client = await newClient()
  const keyId: string = randomUUID()
  expect(await addKey({ id: keyId, clientId: client.id, jwk: JSON.stringify(JWK) })).toMatchObject({ code: '200' })
  return { client, keyId }
}

it('case 1, case 2: creates a client without keys and reads it back', async () => {
  const answer = await create()
  expect(answer).toMatchObject({ code: '200', success: true, message: 'Created Client' })
  const client = answer.client as Fields
  expect(client).toMatchObject({ ...WORDS, keys: [] })
  expect(new Date(client.createdAt).toISOString()).toBe(client.createdAt)
  expect(await read(client.id)).toEqual(client)
})

it('case 3: answers what it did not expect', async () => {
  const failure = { code: '500', success: false, message: 'Error trying to create client', client: null }
  expect(await without(v2, 'client', () => create())).toEqual(failure)
  expect(await create({ ...WORDS, name: 'x'.repeat(256) })).toEqual(failure)
  expect(await create({ ...WORDS, email: 'nul\0' })).toEqual(failure)
})

it('reads null and no error for a client that is not there, for no id, and for a failure', async () => {
  expect(await read(randomUUID())).toBeNull()
  expect(await read('nonsense')).toBeNull()
  const { id } = await newClient()
  expect(await without(v2, 'client', () => read(id))).toBeNull()
  expect(v1.lines.filter(({ message }) => message === 'a client could not be read')).toHaveLength(1)
  expect(await read(id)).toMatchObject({ id })
})

it('case 4, case 6: adds keys to a client and lists them, the newest first', async () => {
  const client = await newClient()
  const [first, second] = [randomUUID(), randomUUID()] as [string, string]
  const answer = await addKey({ id: first, clientId: client.id, jwk: JSON.stringify(JWK) })
  expect(answer).toMatchObject({ code: '200', success: true, message: 'Added Key To Client' })
  const [key, ...others] = (answer.client as Fields).keys as { jwk: string; createdAt: string }[]
  expect(others).toEqual([])
  expect(key).toMatchObject({ id: first, clientId: client.id })
  expect(JSON.parse(key!.jwk)).toEqual(JWK)
  v2.clock.advanceSeconds(60)
  const later = await addKey({ id: second, clientId: client.id, jwk: '{}' })
  const keys = (later.client as Fields).keys as { id: string; createdAt: string }[]
  expect(keys.map(({ id }) => id)).toEqual([second, first])
  // Each key tells its own time, not its client's.
  expect(Date.parse(keys[0]!.createdAt)).toBeGreaterThan(Date.parse(keys[1]!.createdAt))
})

it('case 5: says one thing of every key that it does not take, and stores none', async () => {
  const { client, keyId } = await keyed()
  const id = (): string => randomUUID()
  const failure = { code: '500', success: false, message: 'Error trying to add key to client', client: null }
  const good = { id: id(), clientId: client.id, jwk: '{}' }
  expect(await without(v2, 'client_key', () => addKey(good))).toEqual(failure)
  const refused = [
    { ...good, clientId: id() },
    { ...good, clientId: 'nonsense' },
    { ...good, id: keyId },
    { ...good, id: 'nonsense' },
    ...['{', 'null', '[]', '"text"', '1', 'true'].map((jwk) => ({ ...good, id: id(), jwk }))
  ]
  for (const input of refused) expect(await addKey(input)).toEqual(failure)
  expect((await read(client.id))?.keys).toHaveLength(1)
})

it('case 7: revokes a key for ever, and again', async () => {
  const { client, keyId } = await keyed()
  for (let round = 0; round < 2; round++) {
    expect(await revoke(keyId)).toEqual({ code: '200', success: true, message: 'Client key revoked', keyId })
  }
  const [key, ...others] = (await read(client.id))?.keys as { jwk: string }[]
  expect(others).toEqual([])
  expect(JSON.parse(key!.jwk)).toEqual({ ...JWK, revoked: true })
})

it.each([randomUUID(), 'nonsense'])('further case: says that the key %s cannot be revoked', async (keyId) => {
  const message = 'Error trying to revoke client key'
  expect(await revoke(keyId)).toEqual({ code: '500', success: false, message, keyId })
})

it('case 8, case 9: finds a key with its client for its document, and none for an unknown one', async () => {
  const { client, keyId } = await keyed()
  const service = v2.container.resolve(ClientService)
  const found = await service.findKey(keyId)
  expect(found).toMatchObject({ key: { id: keyId, jwk: JWK }, client: { id: client.id, ...WORDS } })
  expect(await service.findKey(randomUUID())).toBeUndefined()
  expect(await service.findKey('nonsense')).toBeUndefined()
  expect(await rowsOf(v2, 'SELECT client_id FROM client_key WHERE id = $1', [keyId])).toEqual([
    { client_id: client.id }
  ])
})
