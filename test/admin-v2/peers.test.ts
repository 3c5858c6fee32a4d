/**
 * Peers (cases 18 to 27).
 *
 * Goal: every outcome of the peer operations, with its code and label, and that a refusal changes nothing.
 * Method: through the schema, against PostgreSQL; what was written is read back through the API.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { PeerIncomingToken } from '../../src/entities'
import { createTestDatabase } from '../support/database'
import { createAsset, createPeer, peerInput } from './fixtures'
import { ANSWER, TestApi, unique, type Fields } from './support'

const PEER =
  'id createdAt name staticIlpAddress maxPacketAmount liquidity asset { id code } http { outgoing { authToken endpoint } }'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let assetId: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  assetId = (await createAsset(api)).id
})

afterAll(async () => {
  await api.close()
  await database.drop()
})

function create(input: object): Promise<Fields> {
  return api.mutate('createPeer', 'CreatePeerInput', input, `${ANSWER} peer { ${PEER} }`)
}

function update(input: object): Promise<Fields> {
  return api.mutate('updatePeer', 'UpdatePeerInput', input, `${ANSWER} peer { ${PEER} }`)
}

function remove(id: string): Promise<Fields> {
  return api.mutate('deletePeer', 'DeletePeerInput', { id }, ANSWER)
}

async function read(id: string): Promise<Fields> {
  return (await api.run(`query ($id: String!) { peer(id: $id) { ${PEER} } }`, { id })).data.peer
}

function withTokens(...authTokens: string[]): Record<string, unknown> {
  return { http: { outgoing: { authToken: 'out', endpoint: 'http://peer.test' }, incoming: { authTokens } } }
}

function tokensOf(peerId: string): Promise<number> {
  return api.container.resolve(DataSource).manager.countBy(PeerIncomingToken, { peerId })
}

function countPeers(): Promise<number> {
  return api.container
    .resolve(DataSource)
    .manager.query<{ n: number }[]>('SELECT count(*)::int AS n FROM peer')
    .then(([row]) => row?.n ?? -1)
}

describe('createPeer', () => {
  it('case 18: echoes a new peer, but for its incoming tokens', async () => {
    const token = unique('token')
    const outgoing = { authToken: 'secret', endpoint: 'https://peer.test/ilp' }
    const http = { outgoing, incoming: { authTokens: [token] } }
    const input = peerInput(assetId, { http, maxPacketAmount: '18446744073709551615', name: 'Neighbour' })
    const answer = await create(input)
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Created ILP Peer' })
    const { staticIlpAddress, maxPacketAmount, name } = input
    const echoed = {
      staticIlpAddress,
      maxPacketAmount,
      name,
      liquidity: '0',
      http: { outgoing },
      asset: { id: assetId }
    }
    expect(answer.peer).toMatchObject(echoed)
    expect(JSON.stringify(answer)).not.toContain(token)
    expect(await read(answer.peer.id)).toEqual(answer.peer)
    expect(await tokensOf(answer.peer.id)).toBe(1)
  })

  it('leaves out what is optional', async () => {
    const { peer } = await create(peerInput(assetId))
    expect(peer).toMatchObject({ name: null, maxPacketAmount: null })
  })

  it.each(['test.hello!', '', 'test', 'nowhere.peer', 'test..peer', `test.${'a'.repeat(1_019)}`])(
    'case 19: refuses the ILP address %p',
    async (staticIlpAddress) => {
      const answer = await create(peerInput(assetId, { staticIlpAddress }))
      expect(answer).toEqual({ code: '400', success: false, message: 'invalid ILP address', peer: null })
    }
  )

  it.each([
    'http://.com',
    'ftp://peer.test',
    'mailto:me@peer.test',
    'peer.test',
    '',
    `http://peer.test/${'a'.repeat(2_048)}`
  ])('case 20: refuses the endpoint %p', async (endpoint) => {
    const answer = await create(peerInput(assetId, { http: { outgoing: { authToken: 'out', endpoint } } }))
    expect(answer).toEqual({ code: '400', success: false, message: 'invalid HTTP endpoint', peer: null })
  })

  it.each(['http://peer.test:3000', 'http://foo', '  https://peer.test/ilp '])(
    'case 20: takes the endpoint %p',
    async (endpoint) => {
      const { code, peer } = await create(peerInput(assetId, { http: { outgoing: { authToken: 'out', endpoint } } }))
      expect(code).toBe('200')
      expect(peer).toMatchObject({ http: { outgoing: { endpoint: endpoint.trim() } } })
    }
  )

  it.each([randomUUID(), 'not a uuid'])('case 21: answers 400 for the unknown asset %j', async (unknown) => {
    const answer = await create(peerInput(unknown))
    expect(answer).toEqual({ code: '400', success: false, message: 'unknown asset', peer: null })
  })

  it('case 22: refuses a token given twice and creates no peer', async () => {
    const token = unique('twice')
    const before = await countPeers()
    const answer = await create(peerInput(assetId, withTokens(token, token)))
    expect(answer).toEqual({ code: '409', success: false, message: 'duplicate incoming token', peer: null })
    expect(await countPeers()).toBe(before)
  })

  it("case 23: refuses another peer's token and creates no peer", async () => {
    const token = unique('taken')
    await createPeer(api, assetId, withTokens(token))
    const before = await countPeers()
    const answer = await create(peerInput(assetId, withTokens(unique('free'), token)))
    expect(answer).toEqual({ code: '409', success: false, message: 'duplicate incoming token', peer: null })
    expect(await countPeers()).toBe(before)
  })

  it("refuses another peer's address", async () => {
    const input = peerInput(assetId)
    await create(input)
    const answer = await create(input)
    expect(answer).toEqual({ code: '409', success: false, message: 'duplicate ILP address', peer: null })
  })

  it('gives a token that many ask for at once to one of them', async () => {
    const token = unique('race')
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(peerInput(assetId, withTokens(token)))))
    expect(answers.map(({ code }) => code).sort()).toEqual(['200', ...Array<string>(5).fill('409')])
  })

  it('reports an invalid address before an invalid endpoint before an unknown asset before a token', async () => {
    const tokens = withTokens('same', 'same')
    const bad = { outgoing: { authToken: 'out', endpoint: 'ftp://x' } }
    const unknown = randomUUID()
    const label = async (input: object): Promise<string> => (await create(input)).message
    expect(await label(peerInput(unknown, { http: bad, staticIlpAddress: '!' }))).toBe('invalid ILP address')
    expect(await label(peerInput(unknown, { http: bad }))).toBe('invalid HTTP endpoint')
    expect(await label(peerInput(unknown, tokens))).toBe('unknown asset')
    expect(await label(peerInput(assetId, tokens))).toBe('duplicate incoming token')
  })

  it.each([
    ['a name', { name: 'x'.repeat(256) }, 'invalid name'],
    ['an outgoing token', { http: { outgoing: { authToken: '', endpoint: 'http://x' } } }, 'invalid outgoing token'],
    ['an incoming token', withTokens(''), 'invalid incoming token'],
    ['incoming tokens', withTokens(...Array.from({ length: 101 }, () => unique('t'))), 'invalid incoming token'],
    ['a name with NUL', { name: '\0' }, 'invalid name']
  ])('refuses %s that cannot be kept', async (_, more, message) => {
    expect(await create(peerInput(assetId, more))).toEqual({ code: '400', success: false, message, peer: null })
  })
})

describe('updatePeer', () => {
  it('case 24: changes everything that is given', async () => {
    const old = unique('old')
    const { id } = await createPeer(api, assetId, { ...withTokens(old), name: 'Old', maxPacketAmount: 5 })
    const outgoing = { authToken: 'new', endpoint: 'https://new.test' }
    const changes = { staticIlpAddress: `test.${unique('new')}`, name: 'New', maxPacketAmount: '9' }
    const tokens = [unique('new'), unique('new')]
    const answer = await update({ id, ...changes, http: { outgoing, incoming: { authTokens: tokens } } })
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Updated ILP Peer' })
    expect(answer.peer).toMatchObject({ id, ...changes, http: { outgoing } })
    expect(await read(id)).toEqual(answer.peer)
    expect(await tokensOf(id)).toBe(2)
    // The replaced token is free again.
    await createPeer(api, assetId, withTokens(old))
  })

  it('case 24: keeps what is not given', async () => {
    const { id } = await createPeer(api, assetId, { ...withTokens(unique('kept')), name: 'Kept', maxPacketAmount: 5 })
    const before = await read(id)
    expect((await update({ id })).peer).toEqual(before)
    expect((await update({ id, http: null })).peer).toEqual(before)
    expect((await update({ id, http: { outgoing: { authToken: 'new', endpoint: 'http://new.test' } } })).peer).toEqual({
      ...before,
      http: { outgoing: { authToken: 'new', endpoint: 'http://new.test' } }
    })
    expect(await tokensOf(id)).toBe(1)
  })

  it('clears what is given as null, and tokens given as an empty list', async () => {
    const { id } = await createPeer(api, assetId, { ...withTokens(unique('gone')), name: 'Gone', maxPacketAmount: 5 })
    const cleared = await update({ id, name: null, maxPacketAmount: null, ...withTokens() })
    expect(cleared).toMatchObject({ code: '200', peer: { name: null, maxPacketAmount: null } })
    expect(await tokensOf(id)).toBe(0)
  })

  it("keeps a peer's own tokens when they are given again", async () => {
    const tokens = withTokens(unique('own'), unique('own'))
    const { id } = await createPeer(api, assetId, tokens)
    expect(await update({ id, ...tokens })).toMatchObject({ code: '200' })
    expect(await tokensOf(id)).toBe(2)
  })

  it("case 23: refuses another peer's token and changes nothing", async () => {
    const taken = unique('taken')
    await createPeer(api, assetId, withTokens(taken))
    const { id } = await createPeer(api, assetId, withTokens(unique('mine')))
    const before = await read(id)
    const answer = await update({ id, name: 'New', ...withTokens(unique('free'), taken) })
    expect(answer).toEqual({ code: '409', success: false, message: 'duplicate incoming token', peer: null })
    expect(await read(id)).toEqual(before)
    expect(await tokensOf(id)).toBe(1)
  })

  it.each([
    ['400', 'invalid ILP address', { staticIlpAddress: 'test.hello!' }],
    ['400', 'invalid ILP address', { staticIlpAddress: '' }],
    ['500', 'Error trying to update peer', { staticIlpAddress: null }],
    ['400', 'invalid HTTP endpoint', { http: { outgoing: { authToken: 'x', endpoint: 'http://.com' } } }],
    ['409', 'duplicate incoming token', withTokens('again', 'again')]
  ])('answers %s %s and changes nothing (%#)', async (code, message, changes) => {
    const { id } = await createPeer(api, assetId)
    const before = await read(id)
    expect(await update({ id, name: 'New', ...changes })).toEqual({ code, success: false, message, peer: null })
    expect(await read(id)).toEqual(before)
  })

  it("refuses another peer's address", async () => {
    const { staticIlpAddress } = await read((await createPeer(api, assetId)).id)
    const { id } = await createPeer(api, assetId)
    expect(await update({ id, staticIlpAddress })).toMatchObject({ code: '409', message: 'duplicate ILP address' })
  })

  it.each([
    [randomUUID(), { name: 'New' }],
    ['not a uuid', { name: 'New' }],
    [randomUUID(), withTokens('token')],
    [randomUUID(), { staticIlpAddress: '!' }]
  ])('case 25: answers 404 for the unknown id %j, whatever else is given (%#)', async (id, changes) => {
    expect(await update({ id, ...changes })).toEqual({
      code: '404',
      success: false,
      message: 'unknown peer',
      peer: null
    })
  })
})

describe('deletePeer', () => {
  it('case 26: deletes a peer and its tokens', async () => {
    const token = unique('freed')
    const { id } = await createPeer(api, assetId, withTokens(token))
    expect(await remove(id)).toEqual({ code: '200', success: true, message: 'Deleted ILP Peer' })
    const { data, errors } = await api.run('query ($id: String!) { peer(id: $id) { id } }', { id })
    expect(data.peer).toBeNull()
    expect(errors).toMatchObject([{ message: 'No peer' }])
    expect(await remove(id)).toEqual({ code: '404', success: false, message: 'unknown peer' })
    await createPeer(api, assetId, withTokens(token))
  })

  it('refuses to strand money, and deletes once it is gone', async () => {
    const { id } = await createPeer(api, assetId)
    const deposit = { peerId: id, amount: 10, id: randomUUID(), idempotencyKey: randomUUID() }
    await api.mutate('addPeerLiquidity', 'AddPeerLiquidityInput', deposit, 'code')
    const refusal = { code: '409', success: false, message: 'peer has liquidity' }
    expect(await remove(id)).toEqual(refusal)
    const withdrawalId = randomUUID()
    const withdrawal = { ...deposit, id: withdrawalId, idempotencyKey: randomUUID() }
    await api.mutate('createPeerLiquidityWithdrawal', 'CreatePeerLiquidityWithdrawalInput', withdrawal, 'code')
    expect(await remove(id)).toEqual(refusal)
    const post = { withdrawalId, idempotencyKey: randomUUID() }
    await api.mutate('postLiquidityWithdrawal', 'PostLiquidityWithdrawalInput', post, 'code')
    expect(await remove(id)).toMatchObject({ code: '200' })
  })

  it('leaves a deposit that races with it either done and the peer alive, or undone and the peer gone', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await createPeer(api, assetId)
      const deposit = { peerId: id, amount: 1, id: randomUUID(), idempotencyKey: randomUUID() }
      const [added, deleted] = await Promise.all([
        api.mutate('addPeerLiquidity', 'AddPeerLiquidityInput', deposit, 'code'),
        remove(id)
      ])
      expect([`${added.code} ${deleted.code}`]).toEqual([expect.stringMatching(/^(200 409|404 200)$/)])
    }
  })

  it('deletes once, however many ask at once', async () => {
    const { id } = await createPeer(api, assetId)
    const answers = await Promise.all(Array.from({ length: 5 }, () => remove(id)))
    expect(answers.map(({ code }) => code).sort()).toEqual(['200', '404', '404', '404', '404'])
  })

  it.each([randomUUID(), 'not a uuid'])('answers 404 for the unknown id %j', async (id) => {
    expect(await remove(id)).toMatchObject({ code: '404', message: 'unknown peer' })
  })
})

describe('peer', () => {
  it.each([randomUUID(), 'not a uuid'])('case 27: gives an error for the unknown id %j', async (id) => {
    const { data, errors } = await api.run('query ($id: String!) { peer(id: $id) { id } }', { id })
    expect(data).toEqual({ peer: null })
    expect(errors).toEqual([{ message: 'No peer', path: 'peer', code: 'INTERNAL_SERVER_ERROR' }])
  })
})
