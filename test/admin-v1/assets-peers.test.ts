/**
 * Assets, peers and payment pointers (cases 24 to 37).
 *
 * Goal: every outcome of the operations, with its code and text; an asset comes to be with what needs it or
 * not at all. Method: through the schema, against PostgreSQL; what nobody expects is brought about by a table
 * that is away.
 */
import { randomUUID } from 'node:crypto'
import { ANSWER, TestApi, unique, type Fields } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import {
  askForPeer,
  askForPointer,
  call,
  createAsset,
  createPeer,
  createPointer,
  isThere,
  newUnit,
  PEER,
  peerInput,
  rowsOf,
  v1Of,
  without
} from './support'

const THRESHOLDS = [null, '0', '5'] as const
const LONG = 'x'.repeat(256)
const OUTGOING = { authToken: 'out', endpoint: 'https://peer.test/ilp' }

let database: TestDatabase
let v2: TestApi
let v1: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  v2 = await TestApi.open(database.url)
  v1 = v1Of(v2)
})

afterAll(async () => {
  expect((await verify(database.url)).firstBad).toBeUndefined()
  await v2.close()
  await database.drop()
})

const ASSET = `${ANSWER} asset { id code scale withdrawalThreshold createdAt }`

async function single(name: string, id: string, fields: string): Promise<{ node: Fields; errors: string[] }> {
  const { data, errors } = await v1.run(`query ($id: String!) { ${name}(id: $id) { ${fields} } }`, { id })
  return { node: data?.[name] as Fields, errors: errors.map(({ message }) => message) }
}

describe('assets', () => {
  function create(input: object): Promise<Fields> {
    return v1.mutate('createAsset', 'CreateAssetInput', input, ASSET)
  }

  function update(id: string, withdrawalThreshold?: string | null): Promise<Fields> {
    const input = { id, ...(withdrawalThreshold !== undefined && { withdrawalThreshold }) }
    return v1.mutate('updateAssetWithdrawalThreshold', 'UpdateAssetInput', input, ASSET)
  }

  it.each(THRESHOLDS)('case 24: creates one with the threshold %s', async (withdrawalThreshold) => {
    const unit = newUnit()
    const asset = await createAsset(v1, { ...unit, ...(withdrawalThreshold !== null && { withdrawalThreshold }) })
    expect(asset).toMatchObject({ ...unit, withdrawalThreshold })
    expect((await single('asset', asset.id, 'id code scale withdrawalThreshold createdAt')).node).toEqual(asset)
  })

  it('case 25: says that there is one, and what it did not expect', async () => {
    const { code, scale } = await createAsset(v1)
    const refusal = { success: false, asset: null }
    expect(await create({ code, scale })).toEqual({ ...refusal, code: '409', message: 'Asset already exists' })
    const unexpected = { ...refusal, code: '500', message: 'Error trying to create asset' }
    expect(await without(v2, 'asset', () => create(newUnit()))).toEqual(unexpected)
    expect(await create({ code: LONG, scale: 2 })).toEqual(unexpected)
  })

  it.each([-1, 256, 2_147_483_647])('refuses the scale %s as an input', async (scale) => {
    const unit = newUnit(scale)
    const asked: [string, string, object, string][] = [
      ['createAsset', 'CreateAssetInput', unit, ANSWER],
      ['createPeer', 'CreatePeerInput', peerInput({ asset: unit }), ANSWER],
      ['createPaymentPointer', 'CreatePaymentPointerInput', { asset: unit, url: 'https://a.test/b' }, ANSWER]
    ]
    for (const [name, type, input, fields] of asked) {
      const { errors } = await v1.attempt(name, type, input, fields)
      expect(errors).toEqual([expect.objectContaining({ path: name, code: 'BAD_USER_INPUT' })])
    }
    expect(await rowsOf(v2, 'SELECT 1 FROM asset WHERE code = $1', [unit.code])).toEqual([])
  })

  it.each(['nonsense', randomUUID()])('case 26: has none of the id %s', async (id) => {
    expect((await single('asset', id, 'id')).errors).toEqual(['No asset'])
  })

  it.each(THRESHOLDS.flatMap((from) => THRESHOLDS.map((to) => [from, to] as const)))(
    'case 27: changes a threshold from %s to %s',
    async (from, withdrawalThreshold) => {
      const { id } = await createAsset(v1, { withdrawalThreshold: from })
      const answer = await update(id, withdrawalThreshold)
      expect(answer).toMatchObject({ code: '200', success: true, message: 'Updated Asset Withdrawal Threshold' })
      expect((await single('asset', id, 'withdrawalThreshold')).node).toEqual({ withdrawalThreshold })
    }
  )

  it('clears a threshold that is left out', async () => {
    const { id } = await createAsset(v1, { withdrawalThreshold: '5' })
    expect(await update(id)).toMatchObject({ code: '200', asset: { withdrawalThreshold: null } })
  })

  it('case 28: does not know an asset that is not there, and has no word for an id that is none', async () => {
    const failure = { success: false, asset: null }
    expect(await update(randomUUID(), '5')).toEqual({ ...failure, code: '404', message: 'Unknown asset' })
    const message = 'Error trying to update asset withdrawal threshold'
    expect(await update('nonsense', '5')).toEqual({ ...failure, code: '400', message })
  })
})

describe('createPeer', () => {
  it('case 29, case 32: creates a peer and the asset that was not there', async () => {
    const asset = newUnit()
    const input = peerInput({ asset, maxPacketAmount: '18446744073709551615' })
    const answer = await askForPeer(v1, input)
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Created ILP Peer' })
    const { http, staticIlpAddress, maxPacketAmount } = input
    expect(answer.peer).toMatchObject({ http, staticIlpAddress, maxPacketAmount, asset })
    expect((await single('peer', answer.peer.id, PEER)).node).toEqual(answer.peer)
    expect((await single('peer', randomUUID(), 'id')).errors).toEqual(['No peer'])
    // The asset is whole: it can be asked for, and money can be deposited.
    const id = answer.peer.asset.id
    expect((await single('asset', id, 'code scale withdrawalThreshold')).node).toEqual({
      ...asset,
      withdrawalThreshold: null
    })
    const money = { assetId: id, amount: '1', id: randomUUID() }
    expect(await v1.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', money, ANSWER)).toMatchObject({ code: '200' })
  })

  it('uses the asset that is there', async () => {
    const { code, scale, id } = await createAsset(v1)
    expect((await createPeer(v1, { asset: { code, scale } })).asset.id).toBe(id)
  })

  it('case 30: refuses a token of another peer and one given twice; the asset does not come to be', async () => {
    const token = unique('token')
    await createPeer(v1, { http: { outgoing: OUTGOING, incoming: { authTokens: [token] } } })
    const failure = { code: '409', success: false, message: 'Incoming token already exists', peer: null }
    const { code, scale } = await createAsset(v1)
    for (const asset of [newUnit(), { code, scale }]) {
      for (const authTokens of [[token], ['twice', 'twice']]) {
        const input = peerInput({ asset, http: { outgoing: OUTGOING, incoming: { authTokens } } })
        expect(await askForPeer(v1, input)).toEqual(failure)
      }
      expect(await isThere(v2, asset)).toBe(asset.code === code)
    }
  })

  const outgoing = (more: object): object => ({ http: { outgoing: { ...OUTGOING, ...more } } })
  it.each<[string, string, object]>([
    ['400', 'Invalid ILP address', { staticIlpAddress: 'test.hello!' }],
    ['400', 'Invalid ILP address', { staticIlpAddress: '' }],
    ['400', 'Invalid HTTP endpoint', outgoing({ endpoint: 'nonsense' })],
    ['400', 'Invalid HTTP endpoint', outgoing({ endpoint: 'ftp://peer.test' })],
    ['500', 'Error trying to create peer', outgoing({ authToken: '' })],
    ['500', 'Error trying to create peer', { asset: { code: LONG, scale: 2 } }]
  ])('case 31: answers %s %s (%#), and no asset comes to be', async (code, message, more) => {
    const input = peerInput(more)
    expect(await askForPeer(v1, input)).toEqual({ code, success: false, message, peer: null })
    expect(await isThere(v2, input.asset as ReturnType<typeof newUnit>)).toBe(false)
  })

  it('case 31: answers what it did not expect, and no asset comes to be', async () => {
    const input = peerInput()
    const failure = { code: '500', success: false, message: 'Error trying to create peer', peer: null }
    expect(await without(v2, 'peer', () => askForPeer(v1, input))).toEqual(failure)
    expect(await isThere(v2, input.asset as ReturnType<typeof newUnit>)).toBe(false)
    expect(await askForPeer(v1, input)).toMatchObject({ code: '200' })
  })

  it('refuses the address of another peer without a new asset', async () => {
    const { staticIlpAddress } = await createPeer(v1)
    const input = peerInput({ staticIlpAddress })
    const failure = { code: '409', success: false, message: 'ILP address already exists', peer: null }
    expect(await askForPeer(v1, input)).toEqual(failure)
    expect(await isThere(v2, input.asset as ReturnType<typeof newUnit>)).toBe(false)
  })

  it('takes an empty list of tokens', async () => {
    await createPeer(v1, { http: { outgoing: OUTGOING, incoming: { authTokens: [] } } })
  })

  it('makes one asset when many peers need it at once, in two processes', async () => {
    const other = await TestApi.open(database.url)
    try {
      const apis = [v1, v1Of(other)]
      const asset = newUnit()
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => askForPeer(apis[index % 2]!, peerInput({ asset })))
      )
      expect(answers.map(({ code }) => code)).toEqual(Array(12).fill('200'))
      expect(new Set(answers.map(({ peer }) => peer.asset.id)).size).toBe(1)
      expect(await isThere(v2, asset)).toBe(true)
    } finally {
      await other.close()
    }
  })
})

describe('updatePeer', () => {
  function update(input: object): Promise<Fields> {
    return v1.mutate('updatePeer', 'UpdatePeerInput', input, `${ANSWER} peer { ${PEER} }`)
  }
  const failure = (code: string, message: string): object => ({ code, success: false, message, peer: null })
  const GENERIC = failure('400', 'Error trying to update peer')
  const tokens = (...authTokens: string[]): object => ({ http: { outgoing: OUTGOING, incoming: { authTokens } } })

  async function storedTokens(peerId: string): Promise<number> {
    return (await rowsOf(v2, 'SELECT 1 FROM peer_incoming_token WHERE peer_id = $1', [peerId])).length
  }

  it('case 33: changes what is given, and leaves the rest', async () => {
    const peer = await createPeer(v1, { maxPacketAmount: '1' })
    const changes = { maxPacketAmount: '2', staticIlpAddress: `test.${unique('moved')}`, http: { outgoing: OUTGOING } }
    const answer = await update({ id: peer.id, ...changes })
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Updated ILP Peer', peer: changes })
    expect((await single('peer', peer.id, PEER)).node).toEqual({ ...peer, ...changes })
    expect(await update({ id: peer.id })).toMatchObject({ code: '200', peer: changes })
    expect(await update({ id: peer.id, maxPacketAmount: null })).toMatchObject({ peer: { maxPacketAmount: null } })
  })

  it('case 34: does not know a peer that is not there, with tokens or without', async () => {
    const unknown = failure('404', 'Unknown peer')
    expect(await update({ id: randomUUID(), maxPacketAmount: '1' })).toEqual(unknown)
    expect(await update({ id: randomUUID(), ...tokens(unique('t')) })).toEqual(unknown)
    expect(await update({ id: 'nonsense' })).toEqual(GENERIC)
  })

  it('case 35: refuses a token given twice or held by another, and changes nothing', async () => {
    const token = unique('token')
    await createPeer(v1, tokens(token))
    const peer = await createPeer(v1, tokens(unique('own')))
    for (const change of [tokens('twice', 'twice'), tokens(token)]) {
      const answer = await update({ id: peer.id, maxPacketAmount: '9', ...change })
      expect(answer).toEqual(failure('409', 'Incoming token already exists'))
    }
    expect((await single('peer', peer.id, PEER)).node).toEqual(peer)
    expect(await storedTokens(peer.id)).toBe(1)
  })

  it('clears the tokens with an empty list', async () => {
    const { id } = await createPeer(v1, tokens(unique('own')))
    expect(await update({ id, ...tokens() })).toMatchObject({ code: '200' })
    expect(await storedTokens(id)).toBe(0)
  })

  it.each<[string, object]>([
    ['further case: a bad address', { staticIlpAddress: 'test.hello!' }],
    ['an empty address', { staticIlpAddress: '' }],
    ['no address', { staticIlpAddress: null }],
    ['no http', { http: null }],
    ['an empty token', { http: { outgoing: { ...OUTGOING, authToken: '' } } }]
  ])('has one word for %s', async (_, change) => {
    const peer = await createPeer(v1)
    expect(await update({ id: peer.id, maxPacketAmount: '9', ...change })).toEqual(GENERIC)
    expect((await single('peer', peer.id, PEER)).node).toEqual(peer)
  })

  it('checks the endpoint and the uniqueness of an address', async () => {
    const [one, other] = [await createPeer(v1), await createPeer(v1)]
    const endpoint = { outgoing: { authToken: 'out', endpoint: 'nonsense' } }
    expect(await update({ id: one.id, http: endpoint })).toEqual(failure('400', 'Invalid HTTP endpoint'))
    const { staticIlpAddress } = other
    expect(await update({ id: one.id, staticIlpAddress })).toEqual(failure('409', 'ILP address already exists'))
  })

  it('answers what it did not expect', async () => {
    const { id } = await createPeer(v1)
    expect(await without(v2, 'peer', () => update({ id }))).toEqual(GENERIC)
  })
})

describe('deletePeer', () => {
  const remove = (id: string): Promise<Fields> => call(v1, 'deletePeer', 'String', { id }, ANSWER)

  it('forgets a peer that holds nothing', async () => {
    const { id } = await createPeer(v1)
    expect(await remove(id)).toEqual({ code: '200', success: true, message: 'Deleted ILP Peer' })
    expect((await single('peer', id, 'id')).errors).toEqual(['No peer'])
    expect(await remove(id)).toEqual({ code: '404', success: false, message: 'Unknown peer' })
  })

  it('keeps one that holds something, and answers what it did not expect', async () => {
    const { id } = await createPeer(v1)
    const unexpected = { code: '500', success: false, message: 'Error trying to delete peer' }
    expect(await remove('nonsense')).toEqual(unexpected)
    expect(await without(v2, 'peer', () => remove(id))).toEqual(unexpected)
    const money = { peerId: id, amount: '1', id: randomUUID() }
    await v1.mutate('addPeerLiquidity', 'AddPeerLiquidityInput', money, ANSWER)
    expect(await remove(id)).toEqual({ code: '409', success: false, message: 'Peer has liquidity' })
    expect((await single('peer', id, 'id')).node).toEqual({ id })
  })
})

describe('createPaymentPointer', () => {
  it.each([undefined, 'Alice'])('case 36: creates one with its asset and the public name %s', async (publicName) => {
    const asset = newUnit()
    const pointer = await createPointer(v1, { asset, ...(publicName && { publicName }) })
    expect(pointer).toMatchObject({ publicName: publicName ?? null, asset })
    expect((await single('paymentPointer', pointer.id, 'publicName asset { code scale }')).node).toEqual({
      publicName: publicName ?? null,
      asset
    })
    expect((await createPointer(v1, { asset })).asset.id).toBe(pointer.asset.id)
  })

  it.each([
    'nonsense',
    'http://wallet.test/alice',
    'https://wallet.test',
    'https://wallet.test/',
    'https://wallet.test/incoming-payments/alice',
    'https://wallet.test/alice/outgoing-payments',
    'https://wallet.test/quotes/alice'
  ])('refuses the url %s, and no asset comes to be', async (url) => {
    const asset = newUnit()
    const failure = { code: '400', success: false, message: 'invalid url', paymentPointer: null }
    expect(await askForPointer(v1, { asset, url })).toEqual(failure)
    expect(await isThere(v2, asset)).toBe(false)
  })

  it('case 37: answers what it did not expect, a url that is taken among it, and no asset comes to be', async () => {
    const { url } = await createPointer(v1)
    const message = 'Error trying to create payment pointer'
    const failure = { code: '500', success: false, message, paymentPointer: null }
    const { code, scale } = await createAsset(v1)
    for (const asset of [newUnit(), { code, scale }]) {
      expect(await askForPointer(v1, { asset, url })).toEqual(failure)
      expect(await askForPointer(v1, { asset, publicName: LONG })).toEqual(failure)
      expect(await without(v2, 'payment_pointer', () => askForPointer(v1, { asset }))).toEqual(failure)
      expect(await isThere(v2, asset)).toBe(asset.code === code)
    }
    expect((await single('paymentPointer', randomUUID(), 'id')).errors).toEqual(['No payment pointer'])
  })

  it('gives a url to one of many who want it at once, each with a new asset', async () => {
    const url = `https://wallet.test/${unique('wanted')}`
    const units = Array.from({ length: 6 }, () => newUnit())
    const answers = await Promise.all(units.map((asset) => askForPointer(v1, { asset, url })))
    expect(answers.map(({ code }) => code).sort()).toEqual(['200', ...Array(5).fill('500')])
    const there = await Promise.all(units.map((unit) => isThere(v2, unit)))
    expect(there).toEqual(answers.map(({ code }) => code === '200'))
  })
})
