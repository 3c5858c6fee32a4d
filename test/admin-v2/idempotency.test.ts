/**
 * Idempotency keys (cases 50 to 57) and expiry.
 *
 * Goal: one key has one effect and one answer, whatever comes back later. Method: the same request many times, one
 * after the other, through two instances on one database, and with the clock past the life of the record.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { IdempotencyRecords } from '../../src/services/idempotency/records'
import { purgeExpiredRecords } from '../../src/services/idempotency/purge'
import { createTestDatabase } from '../support/database'
import { createAsset, createPaymentPointer, createPeer, peerInput, publicKey } from './fixtures'
import { add, countAssets, createAssetWith, liquidity, withdraw } from './idempotency-support'
import { ANSWER, TestApi, TestClock, unique, type Fields } from './support'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let other: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  other = await TestApi.open(database.url)
})

afterAll(async () => {
  await api.close()
  await other.close()
  await database.drop()
})

describe('a repetition', () => {
  it('case 50: gets the first answer', async () => {
    const input = { code: unique('I'), scale: 2, withdrawalThreshold: '7', idempotencyKey: randomUUID() }
    const first = await createAssetWith(api, input)
    expect(first.data).toMatchObject({ createAsset: { code: '200' } })
    expect(await createAssetWith(api, input)).toEqual(first)
    expect(await createAssetWith(other, input)).toEqual(first)
    expect(await countAssets(api, input.code)).toBe(1)
  })

  it.each([
    ['another value', { scale: 3 }],
    ['a value that was absent', { withdrawalThreshold: null }]
  ])('case 52: is refused with %s', async (_, change) => {
    const input = { code: unique('I'), scale: 2, idempotencyKey: randomUUID() }
    const first = await createAssetWith(api, input)
    const { data, errors } = await createAssetWith(api, { ...input, ...change })
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      { path: 'createAsset', message: expect.stringContaining(input.idempotencyKey) as string }
    ])
    expect(await countAssets(api, input.code)).toBe(1)
    expect(await createAssetWith(api, input)).toEqual(first)
  })

  it('case 53: is refused for another mutation', async () => {
    const key = randomUUID()
    const { id } = await createAsset(api, { idempotencyKey: key })
    const input = { assetId: id, amount: 1, id: randomUUID(), idempotencyKey: key }
    const { data, errors } = await api.attempt('addAssetLiquidity', 'AddAssetLiquidityInput', input, 'code')
    expect(data).toEqual({ addAssetLiquidity: null })
    expect(errors).toMatchObject([{ message: expect.stringContaining(key) as string }])
    expect(await liquidity(api, id)).toBe('0')
  })

  it('case 55: gets the first failure, even when it would succeed by now', async () => {
    const { id } = await createAsset(api)
    const input = { id: randomUUID(), idempotencyKey: randomUUID() }
    const first = await withdraw(api, id, input)
    expect(first).toMatchObject({ code: '403', error: 'InsufficientBalance' })
    await add(api, id, { amount: 100 })
    expect(await withdraw(api, id, input)).toEqual(first)
    expect(await withdraw(api, id, { ...input, idempotencyKey: randomUUID() })).toMatchObject({ code: '200' })
  })

  it.each([
    ['a zero amount', { amount: 0 }, 'AmountZero'],
    ['a bad id', { id: 'nope' }, 'InvalidId']
  ])('gets the first failure of %s, although nothing was written', async (_, change, error) => {
    const { id } = await createAsset(api)
    const input = { id: randomUUID(), idempotencyKey: randomUUID(), ...change }
    const first = await add(api, id, input)
    expect(first).toMatchObject({ error })
    expect(await add(api, id, input)).toEqual(first)
    const again = { assetId: id, amount: 10, id: randomUUID(), idempotencyKey: input.idempotencyKey }
    const { errors } = await api.attempt('addAssetLiquidity', 'AddAssetLiquidityInput', again, 'code')
    expect(errors).toHaveLength(1)
  })

  it('case 56: may select other fields, which are computed anew where they are not part of the answer', async () => {
    const input = { code: unique('I'), scale: 2, idempotencyKey: randomUUID() }
    const { asset } = (await createAssetWith(api, input)).data.createAsset as Fields
    await add(api, asset.id, { amount: 25 })
    const again = await api.mutate(
      'createAsset',
      'CreateAssetInput',
      input,
      'success asset { id liquidity sendingFee { id } }'
    )
    expect(again).toEqual({ success: true, asset: { id: asset.id, liquidity: '25', sendingFee: null } })
  })

  it('case 57: may write its arguments in another order and its numbers in another way', async () => {
    const { id } = await createAsset(api)
    const [transfer, key] = [randomUUID(), randomUUID()]
    const inputs = [
      { assetId: id, amount: 100, id: transfer, idempotencyKey: key },
      { idempotencyKey: key, id: transfer, amount: '100', assetId: id },
      { id: transfer, idempotencyKey: key, assetId: id, amount: '0x64' }
    ]
    for (const input of inputs) {
      expect(await api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', input, 'code')).toEqual({ code: '200' })
    }
    const literal = `mutation { addAssetLiquidity(input: { amount: 100, id: "${transfer}", idempotencyKey: "${key}", assetId: "${id}" }) { code } }`
    expect((await api.run(literal)).data).toEqual({ addAssetLiquidity: { code: '200' } })
    expect(await liquidity(api, id)).toBe('100')
  })

  it('gets the peer of the first answer when the peer is gone', async () => {
    const { id: assetId } = await createAsset(api)
    const input = peerInput(assetId, { idempotencyKey: randomUUID(), maxPacketAmount: 7 })
    const fields = 'code peer { id staticIlpAddress maxPacketAmount asset { id } }'
    const first = await api.mutate('createPeer', 'CreatePeerInput', input, fields)
    const deletion = { id: first.peer.id, idempotencyKey: randomUUID() }
    const deleted = await api.mutate('deletePeer', 'DeletePeerInput', deletion, ANSWER)
    expect(deleted).toMatchObject({ code: '200' })
    expect(await api.mutate('createPeer', 'CreatePeerInput', input, fields)).toEqual(first)
    expect(await api.mutate('deletePeer', 'DeletePeerInput', deletion, ANSWER)).toEqual(deleted)
  })

  it.each([undefined, null, ''])('without a key (%p) is a new request', async (idempotencyKey) => {
    const input = { code: unique('I'), scale: 2, idempotencyKey }
    expect((await createAssetWith(api, input)).data).toMatchObject({ createAsset: { code: '200' } })
    expect((await createAssetWith(api, input)).data).toMatchObject({ createAsset: { code: '409' } })
  })

  it.each(['x'.repeat(256), 'nul\0'])('with a key that cannot be kept is refused (%#)', async (idempotencyKey) => {
    const input = { code: unique('I'), scale: 2, idempotencyKey }
    expect((await createAssetWith(api, input)).errors).toHaveLength(1)
    expect(await countAssets(api, input.code)).toBe(0)
  })
})

describe('every mutation', () => {
  it('answers a repetition with its first answer, and other arguments with an error', async () => {
    const { id: assetId } = await createAsset(api)
    await add(api, assetId, { amount: 1_000 })
    const peer = await createPeer(api, assetId)
    const doomed = await createPeer(api, assetId)
    const pointer = await createPaymentPointer(api, assetId)
    const [posted, voided] = [randomUUID(), randomUUID()]
    await withdraw(api, assetId, { id: posted })
    await withdraw(api, assetId, { id: voided })
    const added = await api.mutate(
      'createPaymentPointerKey',
      'CreatePaymentPointerKeyInput',
      { paymentPointerId: pointer.id, jwk: publicKey('revoked') },
      'paymentPointerKey { id }'
    )
    const transfer = (): object => ({ amount: 1, id: randomUUID() })
    const requests: [name: string, type: string, input: object, change: object][] = [
      ['createAsset', 'CreateAssetInput', { code: unique('E'), scale: 1 }, { scale: 2 }],
      [
        'updateAssetWithdrawalThreshold',
        'UpdateAssetInput',
        { id: assetId, withdrawalThreshold: 1 },
        { withdrawalThreshold: 2 }
      ],
      ['setFee', 'SetFeeInput', { assetId, type: 'SENDING', fee: { fixed: 1, basisPoints: 1 } }, { type: 'RECEIVING' }],
      ['createPeer', 'CreatePeerInput', peerInput(assetId), { name: 'x' }],
      ['updatePeer', 'UpdatePeerInput', { id: peer.id, name: 'a' }, { name: 'b' }],
      ['deletePeer', 'DeletePeerInput', { id: doomed.id }, { id: peer.id }],
      [
        'createPaymentPointer',
        'CreatePaymentPointerInput',
        { assetId, url: `https://e.test/${unique('e')}` },
        { publicName: 'x' }
      ],
      [
        'updatePaymentPointer',
        'UpdatePaymentPointerInput',
        { id: pointer.id, status: 'INACTIVE' },
        { status: 'ACTIVE' }
      ],
      [
        'createPaymentPointerKey',
        'CreatePaymentPointerKeyInput',
        { paymentPointerId: pointer.id, jwk: publicKey('e') },
        { jwk: publicKey('f') }
      ],
      [
        'revokePaymentPointerKey',
        'RevokePaymentPointerKeyInput',
        { id: added.paymentPointerKey.id },
        { id: randomUUID() }
      ],
      ['addAssetLiquidity', 'AddAssetLiquidityInput', { assetId, ...transfer() }, { amount: 2 }],
      ['addPeerLiquidity', 'AddPeerLiquidityInput', { peerId: peer.id, ...transfer() }, { amount: 2 }],
      [
        'createAssetLiquidityWithdrawal',
        'CreateAssetLiquidityWithdrawalInput',
        { assetId, ...transfer() },
        { amount: 2 }
      ],
      [
        'createPeerLiquidityWithdrawal',
        'CreatePeerLiquidityWithdrawalInput',
        { peerId: peer.id, ...transfer() },
        { amount: 2 }
      ],
      [
        'createPaymentPointerWithdrawal',
        'CreatePaymentPointerWithdrawalInput',
        { paymentPointerId: pointer.id, id: randomUUID() },
        { id: 'x' }
      ],
      ['postLiquidityWithdrawal', 'PostLiquidityWithdrawalInput', { withdrawalId: posted }, { withdrawalId: voided }],
      ['voidLiquidityWithdrawal', 'VoidLiquidityWithdrawalInput', { withdrawalId: voided }, { withdrawalId: posted }]
    ]
    for (const [name, type, input, change] of requests) {
      const keyed = { ...input, idempotencyKey: randomUUID() }
      const first = await api.attempt(name, type, keyed, ANSWER)
      expect([name, first.errors]).toEqual([name, []])
      expect([name, await other.attempt(name, type, keyed, ANSWER)]).toEqual([name, first])
      const { errors } = await api.attempt(name, type, { ...keyed, ...change }, ANSWER)
      expect([name, errors.map(({ message }) => message)]).toEqual([
        name,
        [expect.stringContaining(keyed.idempotencyKey)]
      ])
    }
  })
})

describe('unexpected failures', () => {
  it('are masked, logged and not recorded', async () => {
    const { manager } = api.container.resolve(DataSource)
    const input = { code: unique('U'), scale: 2, idempotencyKey: randomUUID() }
    await manager.query('ALTER TABLE asset RENAME TO asset_away')
    try {
      const { data, errors } = await createAssetWith(api, input)
      expect(errors).toEqual([])
      expect(data).toEqual({
        createAsset: { code: '500', success: false, message: 'Error trying to create asset', asset: null }
      })
      expect(api.lines.at(-1)).toMatchObject({ level: 'error' })
    } finally {
      await manager.query('ALTER TABLE asset_away RENAME TO asset')
    }
    expect((await createAssetWith(api, input)).data).toMatchObject({ createAsset: { code: '200' } })
  })
})

describe('the life of a record', () => {
  const LIFETIME = { idempotencyKeyLifetimeMilliseconds: 60_000 }

  it('ends: the key is new again, once', async () => {
    const clock = new TestClock()
    const [one, two] = [
      await TestApi.open(database.url, { clock, settings: LIFETIME }),
      await TestApi.open(database.url, { clock, settings: LIFETIME })
    ]
    try {
      const { id } = await createAsset(one)
      const key = randomUUID()
      await add(one, id, { idempotencyKey: key })
      clock.advanceSeconds(61)
      const input = { id: randomUUID(), idempotencyKey: key }
      const answers = await Promise.all(Array.from({ length: 20 }, (_, twin) => add(twin % 2 ? one : two, id, input)))
      for (const answer of answers) expect(answer).toMatchObject({ code: '200' })
      expect(await liquidity(api, id)).toBe('20')
    } finally {
      await one.close()
      await two.close()
    }
  })

  it('ends with its removal, in small steps, while live records stay', async () => {
    const clock = new TestClock()
    const short = await TestApi.open(database.url, { clock, settings: LIFETIME })
    try {
      const { id } = await createAsset(short)
      const records = short.container.resolve(IdempotencyRecords)
      // The planner believes that nothing is expired, which is when it is most tempted to look again for each row.
      await short.container.resolve(DataSource).query(
        `INSERT INTO idempotency_record SELECT 'live' || n, 'x', sha256(''), '{}', now(), now() + interval '1 day'
          FROM generate_series(1, 100) AS n`
      )
      await short.container.resolve(DataSource).query('ANALYZE idempotency_record')
      for (let key = 0; key < 5; key++) await add(short, id, {})
      clock.advanceSeconds(61)
      const live = { id: randomUUID(), idempotencyKey: randomUUID() }
      const first = await add(short, id, live)
      expect(await records.purge(clock.now(), 2)).toBe(2)
      const [left, right] = await Promise.all([
        purgeExpiredRecords(records, clock.now()),
        purgeExpiredRecords(records, clock.now())
      ])
      expect(left + right).toBe(3)
      expect(await purgeExpiredRecords(records, clock.now())).toBe(0)
      expect(await add(short, id, live)).toEqual(first)
    } finally {
      await short.close()
    }
  })
})
