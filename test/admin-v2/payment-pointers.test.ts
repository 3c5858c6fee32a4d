/**
 * Payment pointers, their keys and withdrawals from them (cases 47 to 49, 69 to 74, 77).
 *
 * Goal: every outcome with its code and label. Method: through the schema, against PostgreSQL; money that was
 * sent to a pointer is put there through the ledger.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { PaymentPointer } from '../../src/entities'
import { PaymentPointerService } from '../../src/services/payment-pointers/payment-pointer-service'
import { createTestDatabase } from '../support/database'
import { createAsset, createPaymentPointer, creditPaymentPointer, publicKey } from './fixtures'
import { ANSWER, TestApi, unique, type Fields } from './support'

const POINTER = 'id url publicName status createdAt asset { id code }'

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
  const fields = `${ANSWER} paymentPointer { ${POINTER} }`
  return api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', { assetId, ...input }, fields)
}

function update(input: object): Promise<Fields> {
  const fields = `${ANSWER} paymentPointer { ${POINTER} }`
  return api.mutate('updatePaymentPointer', 'UpdatePaymentPointerInput', input, fields)
}

async function read(id: string): Promise<Fields> {
  const source = `query ($id: String!) { paymentPointer(id: $id) { ${POINTER} } }`
  return (await api.run(source, { id })).data.paymentPointer
}

describe('createPaymentPointer', () => {
  it('case 69: creates an active pointer', async () => {
    const url = 'https://alice.me/.well-known/pay'
    const answer = await create({ url })
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Created payment pointer' })
    expect(answer.paymentPointer).toMatchObject({ url, status: 'ACTIVE', publicName: null, asset: { id: assetId } })
    expect(await read(answer.paymentPointer.id)).toEqual(answer.paymentPointer)
  })

  it('reads a public name back', async () => {
    const { paymentPointer } = await create({ url: `https://a.test/${unique('n')}`, publicName: 'Alice' })
    expect(paymentPointer).toMatchObject({ publicName: 'Alice' })
  })

  it.each([
    ['HTTPS://Wallet.TEST/Alice', 'https://wallet.test/Alice'],
    ['https://wallet.test/bob/', 'https://wallet.test/bob'],
    ['https://wallet.test:443/carol', 'https://wallet.test/carol'],
    ['https://wallet.test:8443/carol', 'https://wallet.test:8443/carol'],
    ['https://wallet.test/a/../dave', 'https://wallet.test/dave'],
    ['https://wallet.test/quotes-team', 'https://wallet.test/quotes-team'],
    ['https://wallet.test/my-incoming-payments', 'https://wallet.test/my-incoming-payments'],
    ['https://wallet.test/alice/keys', 'https://wallet.test/alice/keys'],
    ['https://wallet.test/healthz/alice', 'https://wallet.test/healthz/alice'],
    ['https://wallet.test/keys-team', 'https://wallet.test/keys-team']
  ])('takes %s as %s, and the same again as a duplicate', async (url, normal) => {
    expect(await create({ url })).toMatchObject({ code: '200', paymentPointer: { url: normal } })
    const answer = await create({ url: normal })
    expect(answer).toEqual({ code: '409', success: false, message: 'duplicate url', paymentPointer: null })
    expect(await create({ url })).toMatchObject({ code: '409' })
    const found = await api.container.resolve(PaymentPointerService).findByUrl(url)
    expect(found).toMatchObject({ url: normal })
  })

  it.each([
    'not a url',
    'http://alice.me/pay',
    'https://alice.me',
    'https://alice.me/',
    'https://alice.me//',
    'https://alice.me/pay?user=1',
    'https://alice.me/pay?',
    'https://alice.me/pay#top',
    'https://me:secret@alice.me/pay',
    '$alice.me/pay',
    `https://alice.me/${'a'.repeat(2_048)}`,
    `https://alice.me/${'ä'.repeat(1_000)}`,
    ''
  ])('case 70: refuses %p', async (url) => {
    const answer = await create({ url })
    expect(answer).toEqual({ code: '400', success: false, message: 'invalid url', paymentPointer: null })
  })

  it.each([
    'incoming-payments',
    'outgoing-payments',
    'quotes',
    'quotes/1',
    'alice/quotes',
    'quote%73',
    'incoming-payments/x/'
  ])('case 71: refuses the path /%s', async (path) => {
    expect(await create({ url: `https://alice.me/${path}` })).toMatchObject({ code: '400', message: 'invalid url' })
  })

  it.each([
    'keys',
    'keys/alice',
    'connections',
    'connections/alice',
    'connection%73/alice',
    'healthz',
    'readyz/',
    'jwks.json',
    'alice/jwks.json'
  ])('refuses the path /%s, where something else is served', async (path) => {
    expect(await create({ url: `https://alice.me/${path}` })).toMatchObject({ code: '400', message: 'invalid url' })
  })

  it.each([randomUUID(), 'not a uuid'])('case 72: answers 400 for the unknown asset %j', async (unknown) => {
    const answer = await create({ assetId: unknown, url: `https://a.test/${unique('u')}` })
    expect(answer).toEqual({ code: '400', success: false, message: 'unknown asset', paymentPointer: null })
  })

  it('gives a URL that many ask for at once to one of them', async () => {
    const url = `https://a.test/${unique('race')}`
    const answers = await Promise.all(Array.from({ length: 6 }, () => create({ url })))
    expect(answers.map(({ code }) => code).sort()).toEqual(['200', ...Array<string>(5).fill('409')])
  })

  it.each(['x'.repeat(256), '\0'])('refuses a public name that cannot be stored (%#)', async (publicName) => {
    const answer = await create({ url: `https://a.test/${unique('u')}`, publicName })
    expect(answer).toMatchObject({ code: '400', message: 'invalid public name', paymentPointer: null })
  })
})

describe('updatePaymentPointer', () => {
  it('case 73: changes status and name, and keeps what is not given', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    const inactive = await update({ id, status: 'INACTIVE', publicName: 'Bob' })
    expect(inactive).toMatchObject({ code: '200', success: true, message: 'Updated payment pointer' })
    expect(inactive.paymentPointer).toMatchObject({ status: 'INACTIVE', publicName: 'Bob' })
    expect(await read(id)).toEqual(inactive.paymentPointer)
    expect((await update({ id, publicName: null })).paymentPointer).toMatchObject({
      status: 'INACTIVE',
      publicName: null
    })
    expect((await update({ id, status: 'ACTIVE' })).paymentPointer).toMatchObject({
      status: 'ACTIVE',
      publicName: null
    })
    expect((await update({ id })).paymentPointer).toMatchObject({ status: 'ACTIVE', publicName: null })
    expect((await update({ id, status: null })).paymentPointer).toMatchObject({ status: 'ACTIVE' })
  })

  it('keeps the time of the first deactivation', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    const { manager } = api.container.resolve(DataSource)
    const deactivatedAt = async (): Promise<Date | null> =>
      (await manager.findOneByOrFail(PaymentPointer, { id })).deactivatedAt
    await update({ id, status: 'INACTIVE' })
    const first = await deactivatedAt()
    api.clock.advanceSeconds(5)
    await update({ id, status: 'INACTIVE' })
    expect(await deactivatedAt()).toEqual(first)
    await update({ id, status: 'ACTIVE' })
    expect(await deactivatedAt()).toBeNull()
  })

  it('is active until the time of its deactivation', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    const { manager } = api.container.resolve(DataSource)
    await manager.update(PaymentPointer, { id }, { deactivatedAt: new Date(api.clock.now().getTime() + 60_000) })
    expect(await read(id)).toMatchObject({ status: 'ACTIVE' })
    api.clock.advanceSeconds(61)
    expect(await read(id)).toMatchObject({ status: 'INACTIVE' })
  })

  it.each([randomUUID(), 'not a uuid'])('case 74: answers 404 for the unknown id %j', async (id) => {
    const answer = await update({ id, publicName: 'x'.repeat(256) })
    expect(answer).toEqual({ code: '404', success: false, message: 'unknown payment pointer', paymentPointer: null })
    const { data, errors } = await api.run('query ($id: String!) { paymentPointer(id: $id) { id } }', { id })
    expect(data).toEqual({ paymentPointer: null })
    expect(errors).toEqual([{ message: 'No payment pointer', path: 'paymentPointer', code: 'INTERNAL_SERVER_ERROR' }])
  })

  it('refuses a public name that cannot be stored', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    expect(await update({ id, publicName: 'x'.repeat(256) })).toMatchObject({
      code: '400',
      message: 'invalid public name'
    })
  })
})

describe('keys', () => {
  const KEY = 'id paymentPointerId revoked createdAt jwk { kid x alg kty crv }'

  function add(paymentPointerId: string, jwk: object): Promise<Fields> {
    const fields = `${ANSWER} paymentPointerKey { ${KEY} }`
    return api.mutate('createPaymentPointerKey', 'CreatePaymentPointerKeyInput', { paymentPointerId, jwk }, fields)
  }

  function revoke(id: string): Promise<Fields> {
    const fields = `${ANSWER} paymentPointerKey { ${KEY} }`
    return api.mutate('revokePaymentPointerKey', 'RevokePaymentPointerKeyInput', { id }, fields)
  }

  it('case 77: adds a key and revokes it, twice', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    const jwk = publicKey('key-1')
    const added = await add(id, jwk)
    expect(added).toMatchObject({ code: '200', success: true, message: 'Added Key To Payment Pointer' })
    expect(added.paymentPointerKey).toMatchObject({ paymentPointerId: id, jwk, revoked: false })
    const revoked = await revoke(added.paymentPointerKey.id)
    expect(revoked).toMatchObject({ code: '200', success: true, message: 'Payment pointer key revoked' })
    expect(revoked.paymentPointerKey).toEqual({ ...added.paymentPointerKey, revoked: true })
    expect(await revoke(added.paymentPointerKey.id)).toEqual(revoked)
  })

  it.each([randomUUID(), 'not a uuid'])('case 77: answers 404 for the unknown key %j', async (id) => {
    const answer = await revoke(id)
    expect(answer).toEqual({
      code: '404',
      success: false,
      message: 'Payment pointer key not found',
      paymentPointerKey: null
    })
  })

  it.each([randomUUID(), 'not a uuid'])('answers 404 for the unknown pointer %j', async (id) => {
    const answer = await add(id, { ...publicKey('k'), x: 'short' })
    expect(answer).toEqual({ code: '404', success: false, message: 'unknown payment pointer', paymentPointerKey: null })
  })

  it('has one active key of a name on a pointer, and any number elsewhere', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    const first = await add(id, publicKey('same'))
    const answer = await add(id, publicKey('same'))
    expect(answer).toEqual({ code: '409', success: false, message: 'duplicate kid', paymentPointerKey: null })
    expect(await add(id, publicKey('other'))).toMatchObject({ code: '200' })
    expect(await add((await createPaymentPointer(api, assetId)).id, publicKey('same'))).toMatchObject({ code: '200' })
    await revoke(first.paymentPointerKey.id)
    expect(await add(id, publicKey('same'))).toMatchObject({ code: '200' })
  })

  it.each([
    Buffer.alloc(31).toString('base64url'),
    Buffer.alloc(33).toString('base64url'),
    Buffer.alloc(32, 255).toString('base64'),
    `${Buffer.alloc(32).toString('base64url').slice(0, 42)}B`,
    '',
    'x'
  ])('refuses the public key %p', async (x) => {
    const { id } = await createPaymentPointer(api, assetId)
    const answer = await add(id, { ...publicKey('k'), x })
    expect(answer).toEqual({ code: '400', success: false, message: 'invalid public key', paymentPointerKey: null })
  })

  it.each(['', 'x'.repeat(256)])('refuses the kid %p', async (kid) => {
    const { id } = await createPaymentPointer(api, assetId)
    expect(await add(id, publicKey(kid))).toMatchObject({ code: '400', message: 'invalid kid' })
  })
})

describe('createPaymentPointerWithdrawal', () => {
  function withdraw(paymentPointerId: string, id: string = randomUUID(), of = api): Promise<Fields> {
    const input = { paymentPointerId, id, idempotencyKey: randomUUID() }
    const fields = `${ANSWER} error withdrawal { id amount paymentPointer { id url asset { id } } }`
    return of.mutate('createPaymentPointerWithdrawal', 'CreatePaymentPointerWithdrawalInput', input, fields)
  }

  it('case 47, case 48: withdraws all that was received, once', async () => {
    const { id, url } = await createPaymentPointer(api, assetId)
    await creditPaymentPointer(api, id, 100n)
    const withdrawalId = randomUUID()
    const answer = await withdraw(id, withdrawalId)
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Created account withdrawal', error: null })
    const paymentPointer = { id, url, asset: { id: assetId } }
    expect(answer.withdrawal).toEqual({ id: withdrawalId, amount: '100', paymentPointer })
    const again = await withdraw(id)
    expect(again).toEqual({
      code: '400',
      success: false,
      message: 'Amount is zero',
      error: 'AmountZero',
      withdrawal: null
    })
  })

  it('can be posted', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    await creditPaymentPointer(api, id, 100n)
    const withdrawalId = randomUUID()
    await withdraw(id, withdrawalId)
    const input = { withdrawalId, idempotencyKey: randomUUID() }
    expect(await api.mutate('postLiquidityWithdrawal', 'PostLiquidityWithdrawalInput', input, 'code')).toEqual({
      code: '200'
    })
  })

  it.each([randomUUID(), 'not a uuid'])('case 49: answers 404 for the unknown pointer %j', async (pointer) => {
    const answer = await withdraw(pointer, 'nope')
    const refusal = { code: '404', success: false, message: 'Unknown payment pointer', error: 'UnknownPaymentPointer' }
    expect(answer).toEqual({ ...refusal, withdrawal: null })
  })

  it('case 49: refuses a malformed or used id when there are funds', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    await creditPaymentPointer(api, id, 5n)
    const used = randomUUID()
    const deposit = { assetId, amount: 1, id: used, idempotencyKey: randomUUID() }
    await api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', deposit, 'code')
    expect(await withdraw(id, 'nope')).toMatchObject({ code: '400', error: 'InvalidId', withdrawal: null })
    expect(await withdraw(id, used)).toMatchObject({ code: '409', error: 'TransferExists', withdrawal: null })
  })

  it('answers 500 without an error name for a pointer that never received anything', async () => {
    const { id } = await createPaymentPointer(api, assetId)
    const message = 'Error trying to create payment pointer withdrawal'
    expect(await withdraw(id, 'nope')).toEqual({ code: '500', success: false, message, error: null, withdrawal: null })
  })

  it('pays out once, however many ask at once, from two instances', async () => {
    const other = await TestApi.open(database.url)
    try {
      for (let round = 0; round < 5; round++) {
        const { id } = await createPaymentPointer(api, assetId)
        await creditPaymentPointer(api, id, 100n)
        const answers = await Promise.all([api, other, api, other].map((of) => withdraw(id, randomUUID(), of)))
        expect(answers.map(({ code }) => code).sort()).toEqual(['200', '400', '400', '400'])
        expect(answers.filter(({ error }) => error === 'AmountZero')).toHaveLength(3)
      }
    } finally {
      await other.close()
    }
  })
})
