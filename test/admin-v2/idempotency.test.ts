/**
 * Idempotency keys (cases 50 to 57), storms, lost acknowledgements and expiry.
 *
 * Goal: one key has one effect and one answer, whatever races, breaks or comes back later. Method: the same
 * request many times, at once and one after the other, through two instances on one database, through a wire
 * that loses the acknowledgement of a commit, and with the clock past the life of the record.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { IdempotencyRecord } from '../../src/entities'
import { IdempotencyRecords } from '../../src/services/idempotency/records'
import { purgeExpiredRecords } from '../../src/services/idempotency/purge'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { createAsset, createPaymentPointer, createPeer, peerInput, publicKey } from './fixtures'
import { ANSWER, TestApi, TestClock, unique, type Fields, type Reply } from './support'

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

function createAssetWith(input: object, of = api): Promise<Reply> {
  return of.attempt('createAsset', 'CreateAssetInput', input, `${ANSWER} asset { id code scale createdAt }`)
}

async function countAssets(code: string): Promise<number> {
  const rows = await api.container
    .resolve(DataSource)
    .query<{ n: number }[]>('SELECT count(*)::int AS n FROM asset WHERE code = $1', [code])
  return rows[0]?.n ?? -1
}

async function liquidity(id: string): Promise<string> {
  return (await api.run('query ($id: String!) { asset(id: $id) { liquidity } }', { id })).data.asset.liquidity
}

function add(assetId: string, more: object = {}, of = api): Promise<Fields> {
  const input = { assetId, amount: 10, id: randomUUID(), idempotencyKey: randomUUID(), ...more }
  return of.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', input, `${ANSWER} error`)
}

function withdraw(assetId: string, more: object = {}): Promise<Fields> {
  const input = { assetId, amount: 10, id: randomUUID(), idempotencyKey: randomUUID(), ...more }
  return api.mutate('createAssetLiquidityWithdrawal', 'CreateAssetLiquidityWithdrawalInput', input, `${ANSWER} error`)
}

describe('a repetition', () => {
  it('case 50: gets the first answer', async () => {
    const input = { code: unique('I'), scale: 2, withdrawalThreshold: '7', idempotencyKey: randomUUID() }
    const first = await createAssetWith(input)
    expect(first.data).toMatchObject({ createAsset: { code: '200' } })
    expect(await createAssetWith(input)).toEqual(first)
    expect(await createAssetWith(input, other)).toEqual(first)
    expect(await countAssets(input.code)).toBe(1)
  })

  it.each([
    ['another value', { scale: 3 }],
    ['a value that was absent', { withdrawalThreshold: null }]
  ])('case 52: is refused with %s', async (_, change) => {
    const input = { code: unique('I'), scale: 2, idempotencyKey: randomUUID() }
    const first = await createAssetWith(input)
    const { data, errors } = await createAssetWith({ ...input, ...change })
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      { path: 'createAsset', message: expect.stringContaining(input.idempotencyKey) as string }
    ])
    expect(await countAssets(input.code)).toBe(1)
    expect(await createAssetWith(input)).toEqual(first)
  })

  it('case 53: is refused for another mutation', async () => {
    const key = randomUUID()
    const { id } = await createAsset(api, { idempotencyKey: key })
    const input = { assetId: id, amount: 1, id: randomUUID(), idempotencyKey: key }
    const { data, errors } = await api.attempt('addAssetLiquidity', 'AddAssetLiquidityInput', input, 'code')
    expect(data).toEqual({ addAssetLiquidity: null })
    expect(errors).toMatchObject([{ message: expect.stringContaining(key) as string }])
    expect(await liquidity(id)).toBe('0')
  })

  it('case 55: gets the first failure, even when it would succeed by now', async () => {
    const { id } = await createAsset(api)
    const input = { id: randomUUID(), idempotencyKey: randomUUID() }
    const first = await withdraw(id, input)
    expect(first).toMatchObject({ code: '403', error: 'InsufficientBalance' })
    await add(id, { amount: 100 })
    expect(await withdraw(id, input)).toEqual(first)
    expect(await withdraw(id, { ...input, idempotencyKey: randomUUID() })).toMatchObject({ code: '200' })
  })

  it.each([
    ['a zero amount', { amount: 0 }, 'AmountZero'],
    ['a bad id', { id: 'nope' }, 'InvalidId']
  ])('gets the first failure of %s, although nothing was written', async (_, change, error) => {
    const { id } = await createAsset(api)
    const input = { id: randomUUID(), idempotencyKey: randomUUID(), ...change }
    const first = await add(id, input)
    expect(first).toMatchObject({ error })
    expect(await add(id, input)).toEqual(first)
    const again = { assetId: id, amount: 10, id: randomUUID(), idempotencyKey: input.idempotencyKey }
    const { errors } = await api.attempt('addAssetLiquidity', 'AddAssetLiquidityInput', again, 'code')
    expect(errors).toHaveLength(1)
  })

  it('case 56: may select other fields, which are computed anew where they are not part of the answer', async () => {
    const input = { code: unique('I'), scale: 2, idempotencyKey: randomUUID() }
    const { asset } = (await createAssetWith(input)).data.createAsset as Fields
    await add(asset.id, { amount: 25 })
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
    expect(await liquidity(id)).toBe('100')
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
    expect((await createAssetWith(input)).data).toMatchObject({ createAsset: { code: '200' } })
    expect((await createAssetWith(input)).data).toMatchObject({ createAsset: { code: '409' } })
  })

  it.each(['x'.repeat(256), 'nul\0'])('with a key that cannot be kept is refused (%#)', async (idempotencyKey) => {
    const input = { code: unique('I'), scale: 2, idempotencyKey }
    expect((await createAssetWith(input)).errors).toHaveLength(1)
    expect(await countAssets(input.code)).toBe(0)
  })
})

describe('every mutation', () => {
  it('answers a repetition with its first answer, and other arguments with an error', async () => {
    const { id: assetId } = await createAsset(api)
    await add(assetId, { amount: 1_000 })
    const peer = await createPeer(api, assetId)
    const doomed = await createPeer(api, assetId)
    const pointer = await createPaymentPointer(api, assetId)
    const [posted, voided] = [randomUUID(), randomUUID()]
    await withdraw(assetId, { id: posted })
    await withdraw(assetId, { id: voided })
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

describe('at once', () => {
  it('case 54: one asset and one answer, from three twins', async () => {
    const input = { code: unique('I'), scale: 2, idempotencyKey: randomUUID() }
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => createAssetWith(input)))
    expect(first?.data).toMatchObject({ createAsset: { code: '200' } })
    for (const reply of others) expect(reply).toEqual(first)
    expect(await countAssets(input.code)).toBe(1)
  })

  it('one deposit and one answer, from fifty twins on two instances', async () => {
    const { id } = await createAsset(api)
    for (let round = 0; round < 5; round++) {
      const input = { id: randomUUID(), idempotencyKey: randomUUID() }
      const answers = await Promise.all(Array.from({ length: 50 }, (_, twin) => add(id, input, twin % 2 ? other : api)))
      for (const answer of answers)
        expect(answer).toEqual({ code: '200', success: true, message: 'Added asset liquidity', error: null })
      expect(await liquidity(id)).toBe(String(10 * (round + 1)))
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
      expect(await liquidity(id)).toBe(String(10 * round))
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
      const first = await add(id, input, cut)
      expect(proxy.cuts).toBe(1)
      expect(first).toMatchObject({ code: '200' })
      expect(await add(id, input, other)).toEqual(first)
      expect(await liquidity(id)).toBe('10')
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
      await add(id, { amount: 1 }, cut)
      proxy.nextCommit = 'lose answer'
      // Connections that are open stay so; the one that is cut cannot come back.
      proxy.down = true
      expect(await add(id, input, cut)).toMatchObject({ code: '400', success: false, error: null })
      expect(cut.lines).toMatchObject([{ level: 'error' }])
      expect(await add(id, input, other)).toEqual({
        code: '200',
        success: true,
        message: 'Added asset liquidity',
        error: null
      })
      proxy.down = false
      expect(await add(id, input, cut)).toMatchObject({ code: '200' })
      expect(await liquidity(id)).toBe('11')
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

describe('unexpected failures', () => {
  it('are masked, logged and not recorded', async () => {
    const { manager } = api.container.resolve(DataSource)
    const input = { code: unique('U'), scale: 2, idempotencyKey: randomUUID() }
    await manager.query('ALTER TABLE asset RENAME TO asset_away')
    try {
      const { data, errors } = await createAssetWith(input)
      expect(errors).toEqual([])
      expect(data).toEqual({
        createAsset: { code: '500', success: false, message: 'Error trying to create asset', asset: null }
      })
      expect(api.lines.at(-1)).toMatchObject({ level: 'error' })
    } finally {
      await manager.query('ALTER TABLE asset_away RENAME TO asset')
    }
    expect((await createAssetWith(input)).data).toMatchObject({ createAsset: { code: '200' } })
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
      await add(id, { idempotencyKey: key }, one)
      clock.advanceSeconds(61)
      const input = { id: randomUUID(), idempotencyKey: key }
      const answers = await Promise.all(Array.from({ length: 20 }, (_, twin) => add(id, input, twin % 2 ? one : two)))
      for (const answer of answers) expect(answer).toMatchObject({ code: '200' })
      expect(await liquidity(id)).toBe('20')
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
      for (let key = 0; key < 5; key++) await add(id, {}, short)
      clock.advanceSeconds(61)
      const live = { id: randomUUID(), idempotencyKey: randomUUID() }
      const first = await add(id, live, short)
      expect(await records.purge(clock.now(), 2)).toBe(2)
      const [left, right] = await Promise.all([
        purgeExpiredRecords(records, clock.now()),
        purgeExpiredRecords(records, clock.now())
      ])
      expect(left + right).toBe(3)
      expect(await purgeExpiredRecords(records, clock.now())).toBe(0)
      expect(await add(id, live, short)).toEqual(first)
    } finally {
      await short.close()
    }
  })
})
