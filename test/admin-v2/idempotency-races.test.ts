/**
 * Idempotency keys (case 54): twins, storms and lost acknowledgements.
 *
 * Goal: one key has one effect and one answer, whatever races or breaks. Method: the same request many times at
 * once, through two instances on one database, and through a wire that loses the acknowledgement of a commit.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { IdempotencyRecord } from '../../src/entities'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { createAsset, peerInput } from './fixtures'
import { add, countAssets, createAssetWith, liquidity } from './idempotency-support'
import { ANSWER, TestApi, unique } from './support'

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

describe('at once', () => {
  it('case 54: one asset and one answer, from three twins', async () => {
    const input = { code: unique('I'), scale: 2, idempotencyKey: randomUUID() }
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => createAssetWith(api, input)))
    expect(first?.data).toMatchObject({ createAsset: { code: '200' } })
    for (const reply of others) expect(reply).toEqual(first)
    expect(await countAssets(api, input.code)).toBe(1)
  })

  it('one deposit and one answer, from fifty twins on two instances', async () => {
    const { id } = await createAsset(api)
    for (let round = 0; round < 5; round++) {
      const input = { id: randomUUID(), idempotencyKey: randomUUID() }
      const answers = await Promise.all(Array.from({ length: 50 }, (_, twin) => add(twin % 2 ? other : api, id, input)))
      for (const answer of answers)
        expect(answer).toEqual({ code: '200', success: true, message: 'Added asset liquidity', error: null })
      expect(await liquidity(api, id)).toBe(String(10 * (round + 1)))
    }
  })

  it.each([
    ['createAsset', 'CreateAssetInput', () => ({ code: unique('Z'), scale: 2 }), 'asset { id }'],
    [
      'createPaymentPointer',
      'CreatePaymentPointerInput',
      (assetId: string) => ({ assetId, url: `https://z.test/${unique('z')}` }),
      'paymentPointer { id }'
    ],
    ['createPeer', 'CreatePeerInput', (assetId: string) => peerInput(assetId), 'peer { id }'],
    [
      'setFee',
      'SetFeeInput',
      (assetId: string) => ({ assetId, type: 'SENDING', fee: { fixed: 1, basisPoints: 1 } }),
      'fee { id }'
    ]
  ])('one effect and one answer of %s, from twins on two instances', async (name, type, make, payload) => {
    const { id: assetId } = await createAsset(api)
    for (let round = 0; round < 5; round++) {
      const input = { ...make(assetId), idempotencyKey: randomUUID() }
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, twin) =>
          (twin % 2 ? other : api).attempt(name, type, input, `${ANSWER} ${payload}`)
        )
      )
      const [first] = replies
      expect(first?.data).toMatchObject({ [name]: { code: '200' } })
      for (const reply of replies) expect(reply).toEqual(first)
    }
  })

  it('one effect, when the same key comes with two bodies', async () => {
    const { id } = await createAsset(api)
    for (let round = 1; round <= 5; round++) {
      const key = randomUUID()
      const inputs = [0, 1].map(() => ({ assetId: id, amount: 10, id: randomUUID(), idempotencyKey: key }))
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, twin) =>
          (twin % 4 < 2 ? api : other).attempt(
            'addAssetLiquidity',
            'AddAssetLiquidityInput',
            inputs[twin % 2] as object,
            ANSWER
          )
        )
      )
      const done = replies.map(({ errors }) => errors.length === 0)
      expect(done.filter((_, twin) => twin % 2 === 0).every((even) => even === done[0])).toBe(true)
      expect(done.filter((_, twin) => twin % 2 === 1).every((odd) => odd !== done[0])).toBe(true)
      expect(await liquidity(api, id)).toBe(String(10 * round))
    }
  })

  it('fails naming the key when a twin takes too long, and executes nothing', async () => {
    const hurried = await TestApi.open(database.url, { settings: { idempotencyKeyLockMilliseconds: 50 } })
    const dataSource = api.container.resolve(DataSource)
    const blocker = dataSource.createQueryRunner()
    try {
      const { id } = await createAsset(api)
      await blocker.startTransaction()
      await blocker.query('SELECT FROM asset WHERE id = $1 FOR UPDATE', [id])
      // In the same process a twin waits for the first; here the first itself waits for somebody's row.
      const input = { id, withdrawalThreshold: 1, idempotencyKey: randomUUID() }
      const slow = api.attempt('updateAssetWithdrawalThreshold', 'UpdateAssetInput', input, ANSWER)
      const key = randomUUID()
      const first = hurried.attempt(
        'updateAssetWithdrawalThreshold',
        'UpdateAssetInput',
        { ...input, idempotencyKey: key },
        ANSWER
      )
      const twin = await hurried.attempt(
        'updateAssetWithdrawalThreshold',
        'UpdateAssetInput',
        { ...input, idempotencyKey: key },
        ANSWER
      )
      const messages = [twin, await first].flatMap(({ errors }) => errors.map(({ message }) => message))
      expect(messages).toEqual([expect.stringContaining(key)])
      await blocker.rollbackTransaction()
      expect((await slow).data).toMatchObject({ updateAssetWithdrawalThreshold: { code: '200' } })
    } finally {
      await blocker.release()
      await hurried.close()
    }
  })

  it('fails naming the key when a twin of another process has it uncommitted for too long', async () => {
    const hurried = await TestApi.open(database.url, { settings: { idempotencyKeyLockMilliseconds: 50 } })
    const blocker = api.container.resolve(DataSource).createQueryRunner()
    try {
      const { id } = await createAsset(api)
      const key = randomUUID()
      await blocker.startTransaction()
      await blocker.manager.insert(IdempotencyRecord, {
        key,
        operation: 'set_withdrawal_threshold',
        argumentsHash: Buffer.alloc(32),
        answer: { done: false },
        recordedAt: new Date(),
        expiresAt: new Date(Date.now() + 60_000)
      })
      const input = { id, withdrawalThreshold: 1, idempotencyKey: key }
      const { errors } = await hurried.attempt('updateAssetWithdrawalThreshold', 'UpdateAssetInput', input, ANSWER)
      expect(errors).toMatchObject([{ message: expect.stringContaining(key) as string }])
      await blocker.rollbackTransaction()
      const { data } = await api.run('query ($id: String!) { asset(id: $id) { withdrawalThreshold } }', { id })
      expect(data).toEqual({ asset: { withdrawalThreshold: null } })
    } finally {
      await blocker.release()
      await hurried.close()
    }
  })
})

describe('a lost acknowledgement', () => {
  it.each(['lose answer', 'lose request'] as const)('leaves one deposit: the wire would %s', async (fate) => {
    const proxy = await DatabaseProxy.open(database.url)
    const cut = await TestApi.open(proxy.url)
    try {
      const { id } = await createAsset(api)
      const input = { id: randomUUID(), idempotencyKey: randomUUID() }
      proxy.nextCommit = fate
      const first = await add(cut, id, input)
      expect(proxy.cuts).toBe(1)
      expect(first).toMatchObject({ code: '200' })
      expect(await add(other, id, input)).toEqual(first)
      expect(await liquidity(api, id)).toBe('10')
    } finally {
      await cut.close()
      await proxy.close()
    }
  })

  it('of which nobody learns in time is found by a repetition', async () => {
    const proxy = await DatabaseProxy.open(database.url)
    const cut = await TestApi.open(proxy.url, { recoveryMilliseconds: 0 })
    try {
      const { id } = await createAsset(api)
      const input = { id: randomUUID(), idempotencyKey: randomUUID() }
      await add(cut, id, { amount: 1 })
      proxy.nextCommit = 'lose answer'
      // Connections that are open stay so; the one that is cut cannot come back.
      proxy.down = true
      expect(await add(cut, id, input)).toMatchObject({ code: '400', success: false, error: null })
      expect(cut.lines).toMatchObject([{ level: 'error' }])
      expect(await add(other, id, input)).toEqual({
        code: '200',
        success: true,
        message: 'Added asset liquidity',
        error: null
      })
      proxy.down = false
      expect(await add(cut, id, input)).toMatchObject({ code: '200' })
      expect(await liquidity(api, id)).toBe('11')
    } finally {
      await cut.close()
      await proxy.close()
    }
  })

  it('of a transaction beside the ledger is found by a repetition', async () => {
    const { id: assetId } = await createAsset(api)
    const dataSource = api.container.resolve(DataSource)
    const commit = dataSource.transaction.bind(dataSource) as (...of: unknown[]) => Promise<unknown>
    const lost = jest.spyOn(dataSource, 'transaction').mockImplementationOnce(async (...of: unknown[]) => {
      await commit(...of)
      throw new Error('Connection terminated unexpectedly')
    })
    try {
      const input = { assetId, url: `https://lost.test/${unique('l')}`, idempotencyKey: randomUUID() }
      const fields = `${ANSWER} paymentPointer { id url }`
      const first = await api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, fields)
      expect(first).toMatchObject({ code: '500', paymentPointer: null })
      const second = await other.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, fields)
      expect(second).toMatchObject({ code: '200', paymentPointer: { url: input.url } })
      expect(await api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, fields)).toEqual(second)
    } finally {
      lost.mockRestore()
    }
  })
})
