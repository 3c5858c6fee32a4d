/**
 * Goal: a copy of the database gives no token away that the service keeps for others, and whoever uses the API
 * notices nothing of it.
 * Method: boxes with keys, without and with others; the API with a key, its tables read as text.
 */
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { DataSource } from 'typeorm'
import { SecretBox } from '../../src/services/secret-box'
import { ANSWER, TestApi, unique } from '../admin-v2/support'
import { createAsset } from '../admin-v2/fixtures'
import { createTestDatabase } from '../support/database'

const box = (key?: Buffer, previous?: Buffer): SecretBox =>
  new SecretBox({ secretsKey: key, secretsKeyPrevious: previous })

describe('a box', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)]

  test('opens what it sealed, each time another text', () => {
    const sealed = [box(first).seal('peer token', 'tökén'), box(first).seal('peer token', 'tökén')]
    expect(new Set(sealed).size).toBe(2)
    for (const text of sealed) {
      expect(text).not.toContain('tökén')
      expect(box(first).open('peer token', text)).toBe('tökén')
    }
  })

  test('opens with the key before', () => {
    const sealed = box(first).seal('peer token', 'token')
    expect(box(second, first).open('peer token', sealed)).toBe('token')
    expect(box(undefined, first).open('peer token', sealed)).toBe('token')
  })

  test('refuses another key, another kind, and what was changed', () => {
    const sealed = box(first).seal('peer token', 'token')
    expect(() => box(second).open('peer token', sealed)).toThrow('SECRETS_KEY')
    expect(() => box().open('peer token', sealed)).toThrow('SECRETS_KEY')
    expect(() => box(first).open('grant token', sealed)).toThrow('SECRETS_KEY')
    const changed = sealed.slice(0, -4) + (sealed.endsWith('AAA=') ? 'BBB=' : 'AAA=')
    expect(() => box(first).open('peer token', changed)).toThrow('SECRETS_KEY')
    expect(() => box(first).open('peer token', 'sealed:1:')).toThrow('SECRETS_KEY')
  })

  test('without a key leaves it as it is, and reads what was stored before there was one', () => {
    expect(box().seal('peer token', 'token')).toBe('token')
    expect(box(first).open('peer token', 'token')).toBe('token')
    expect(() => box().seal('peer token', 'sealed:1:x')).toThrow(RangeError)
  })
})

test('the outgoing token of a peer is stored nowhere, and shown to the operator', async () => {
  const database = await createTestDatabase()
  const api = await TestApi.open(database.url, { settings: { secretsKey: randomBytes(32) } })
  try {
    const http = (authToken: string): object => ({ outgoing: { authToken, endpoint: 'http://peer.test' } })
    const peer = 'peer { id http { outgoing { authToken } } }'
    const input = {
      assetId: (await createAsset(api)).id,
      staticIlpAddress: `test.${unique('sealed')}`,
      http: http('token-of-old'),
      idempotencyKey: unique('sealed')
    }
    const create = () => api.mutate('createPeer', 'CreatePeerInput', input, `${ANSWER} ${peer}`)
    const created = await create()
    expect(created).toMatchObject({ code: '200', peer: { http: { outgoing: { authToken: 'token-of-old' } } } })
    expect(await create()).toEqual(created)
    const { id } = created.peer
    const update = { id, http: http('token-of-new'), idempotencyKey: unique('sealed') }
    const change = () => api.mutate('updatePeer', 'UpdatePeerInput', update, `${ANSWER} ${peer}`)
    expect(await change()).toMatchObject({ peer: { http: { outgoing: { authToken: 'token-of-new' } } } })
    expect(await change()).toMatchObject({ peer: { http: { outgoing: { authToken: 'token-of-new' } } } })
    const { data } = await api.run(
      `query ($id: String!) { peer(id: $id) { http { outgoing { authToken } } } peers { edges { node { http { outgoing { authToken } } } } } }`,
      { id }
    )
    expect(JSON.stringify(data).match(/token-of-new/g)).toHaveLength(2)
    for (const table of ['peer', 'idempotency_record']) {
      const rows = await api.container
        .resolve(DataSource)
        .query<{ row: string }[]>(`SELECT ${table}::text AS row FROM ${table}`)
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.filter(({ row }) => row.includes('token-of'))).toEqual([])
    }
  } finally {
    await api.close()
    await database.drop()
  }
})
