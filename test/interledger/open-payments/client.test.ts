/**
 * Goal: what this service asks of other Open Payments servers is what they expect, no more requests than it
 * takes, and whatever they answer is understood for what it is.
 * Method: a server on loopback that behaves as it should until the test says otherwise; a real database for the
 * grants, shared by two instances where that matters.
 */
import 'reflect-metadata'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { GuardedHttp, type RequestSigner } from '../../../src/interledger/open-payments/client/guarded-http'
import { identityOf } from '../../../src/interledger/open-payments/node-identity'
import {
  signatureHeaders,
  verifySignature,
  type PublicJwk,
  type SignatureVerdict
} from '../../../src/interledger/open-payments/signatures'
import { RemoteGrants } from '../../../src/interledger/open-payments/client/grants'
import { OpenPaymentsClient } from '../../../src/interledger/open-payments/client/open-payments-client'
import { RemoteReceiverSource } from '../../../src/interledger/open-payments/client/remote-receiver-source'
import { RemoteReceivers } from '../../../src/interledger/open-payments/client/remote-receivers'
import { EntityReader } from '../../../src/database/entity-reader'
import { Reader } from '../../../src/database/reader'
import { UnitOfWork } from '../../../src/database/unit-of-work'
import type { Recorder } from '../../../src/services/idempotency/recorder'
import { Identifiers } from '../../../src/services/identifiers'
import { PublicAddresses } from '../../../src/services/public-addresses'
import type { ReceiverAnswer } from '../../../src/services/payments/receivers/receiver-source'
import { RemoteGrantStore } from '../../../src/services/remote-grants/remote-grant-store'
import { SecretBox } from '../../../src/services/secret-box'
import { TestApi } from '../../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { RemoteServer, type Asked } from './client-support'

const CLIENT_URL = 'https://wallet.example/.well-known/pay'
/** No answer of the server of this test takes so long, whatever else the machine does. */
const PATIENT_MILLISECONDS = 20_000
/** For a server that does not answer: that much is waited for. */
const HASTY_MILLISECONDS = 1_000
/** Longer than a token takes to come, whatever else the machine does: no test waits for the end of a lease. */
const LEASE_MILLISECONDS = 20_000

let database: TestDatabase
let api: TestApi
let remote: RemoteServer
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
})
afterAll(async () => {
  await api.close()
  await database.drop()
})
beforeEach(async () => {
  remote = await RemoteServer.start()
  // The port of an earlier server may come again, and with it the grants of that server.
  await api.container.resolve(DataSource).query('DELETE FROM remote_grant')
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await remote.close()
})

interface Instance {
  readonly receivers: RemoteReceivers
  readonly source: RemoteReceiverSource
}

const identity = identityOf(generateKeyPairSync('ed25519').privateKey, {
  openPaymentsUrl: 'https://wallet.example',
  nodePaymentPointerUrl: CLIENT_URL
})
const signer: RequestSigner = { sign: (request) => signatureHeaders(request, identity) }

/** Whether a request is signed as other servers want it. */
function verdictOn({ method, path, headers, text }: Asked): Promise<SignatureVerdict> {
  const known = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))
  const targets = [`${remote.url.replace('https', 'http')}${path}`]
  const findKey = (keyId: string): Promise<PublicJwk | undefined> =>
    Promise.resolve(keyId === identity.keyId ? (identity.publicKey as PublicJwk) : undefined)
  return verifySignature({ method, targets, headers: known, body: Buffer.from(text) }, new Date(), findKey)
}

function openInstance(timeoutMilliseconds = PATIENT_MILLISECONDS): Instance {
  const http = new GuardedHttp({
    signer,
    isInsecure: true,
    allowsPrivateHosts: true,
    timeoutMilliseconds
  })
  closers.push(() => http.close())
  const store = new RemoteGrantStore(
    api.container.resolve(EntityReader),
    api.container.resolve(Reader),
    api.container.resolve(UnitOfWork),
    api.container.resolve(SecretBox),
    api.container.resolve(Identifiers),
    LEASE_MILLISECONDS
  )
  const client = new OpenPaymentsClient(http, new RemoteGrants(store, http, { clientUrl: CLIENT_URL }))
  return { receivers: new RemoteReceivers(client), source: new RemoteReceiverSource(client) }
}

const noRecorder = undefined as unknown as Recorder<ReceiverAnswer>

function create({ source }: Instance, value?: bigint, url = remote.pointer): Promise<ReceiverAnswer | undefined> {
  const incomingAmount = value === undefined ? undefined : { value, ...remote.unit }
  return source.create(api.context(), noRecorder, url, { incomingAmount, metadata: { order: 7 } })
}

const resolve = ({ receivers }: Instance, id: string) =>
  receivers.resolve(api.context(), `${remote.pointer}/incoming-payments/${id}`)

const CREATION = ['GET /alice', 'POST /auth', 'POST /alice/incoming-payments']

describe('case 31: a receiver at another server', () => {
  test('takes three requests, the next one two, and after the expiry of the token a rotation', async () => {
    const instance = openInstance()
    remote.expiresIn = 60
    expect(await create(instance, 500n)).toMatchObject({
      done: true,
      value: {
        url: expect.stringMatching(`^${remote.pointer}/incoming-payments/`) as string,
        paymentPointerUrl: remote.pointer,
        assetCode: 'EUR',
        assetScale: 2,
        incomingAmount: 500n,
        receivedAmount: 0n,
        completed: false,
        metadata: { order: 7 }
      }
    })
    const [, grant, creation] = remote.asked
    expect(grant).toMatchObject({
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: {
        access_token: { access: [{ type: 'incoming-payment', actions: ['create', 'read-all'] }] },
        interact: { start: ['redirect'] },
        client: CLIENT_URL
      }
    })
    expect(grant!.headers.authorization).toBeUndefined()
    expect(creation).toMatchObject({
      headers: { authorization: expect.stringMatching(/^GNAP \w+$/) as string },
      body: { incomingAmount: { value: '500', ...remote.unit }, metadata: { order: 7 } }
    })
    for (const asked of [grant!, creation!]) expect(await verdictOn(asked)).toBe('valid')
    expect(remote.takeAsked()).toEqual(CREATION)
    await create(instance)
    expect(remote.takeAsked()).toEqual(['GET /alice', 'POST /alice/incoming-payments'])
    api.clock.advanceSeconds(61)
    expect(await create(instance)).toMatchObject({ done: true })
    expect(remote.takeAsked()).toEqual(['GET /alice', 'POST /auth/token/ID', 'POST /alice/incoming-payments'])
  })

  test('a token that lasts longer than there is time is kept like others', async () => {
    const instance = openInstance()
    remote.expiresIn = 1e300
    expect(await create(instance)).toMatchObject({ done: true })
    remote.takeAsked()
    expect(await create(instance)).toMatchObject({ done: true })
    expect(remote.takeAsked()).toEqual(['GET /alice', 'POST /alice/incoming-payments'])
  })

  test('a token that cannot be rotated is asked for anew', async () => {
    const instance = openInstance()
    remote.expiresIn = 1
    await create(instance)
    remote.takeAsked()
    remote.rule = ({ path }) => (path.startsWith('/auth/token/') ? { status: 404 } : undefined)
    expect(await create(instance)).toMatchObject({ done: true })
    expect(remote.takeAsked()).toEqual([
      'GET /alice',
      'POST /auth/token/ID',
      'POST /auth',
      'POST /alice/incoming-payments'
    ])
  })

  test('a token that the resource refuses is exchanged once, and only once', async () => {
    const instance = openInstance()
    await create(instance)
    remote.tokens.clear()
    remote.takeAsked()
    expect(await create(instance)).toMatchObject({ done: true })
    expect(remote.takeAsked()).toEqual([
      'GET /alice',
      'POST /alice/incoming-payments',
      'POST /auth/token/ID',
      'POST /alice/incoming-payments'
    ])
    remote.rule = ({ path }) => (path === '/alice/incoming-payments' ? { status: 403 } : undefined)
    expect(await create(instance)).toEqual({ done: false, failure: 'remote_refused' })
    expect(remote.takeAsked().filter((line) => line === 'POST /alice/incoming-payments')).toHaveLength(2)
  })

  test('instances that need a token at the same time ask for one, and rotate it once', async () => {
    const [first, second] = [openInstance(), openInstance()]
    const all = [first, second, first, second, first, second]
    remote.expiresIn = 60
    for (const answer of await Promise.all(all.map((instance) => create(instance))))
      expect(answer).toMatchObject({ done: true })
    expect(remote.takeAsked().filter((line) => line === 'POST /auth')).toHaveLength(1)
    api.clock.advanceSeconds(61)
    for (const answer of await Promise.all(all.map((instance) => create(instance))))
      expect(answer).toMatchObject({ done: true })
    expect(remote.takeAsked().filter((line) => line.startsWith('POST /auth'))).toEqual(['POST /auth/token/ID'])
  })
})

test('case 32: an authority that wants interaction grants nothing, and nothing is stored', async () => {
  const instance = openInstance()
  remote.rule = ({ path }) =>
    path === '/auth'
      ? { status: 200, body: { interact: { redirect: `${remote.url}/consent`, finish: 'x' } } }
      : undefined
  expect(await create(instance)).toEqual({ done: false, failure: 'remote_grant_unusable' })
  expect(
    await api.container.resolve(Reader).rows({
      name: 'grants_of_server',
      text: 'SELECT FROM remote_grant WHERE auth_server = $1',
      values: [`${remote.url}/auth`]
    })
  ).toEqual([])
  remote.rule = () => undefined
  expect(await create(instance)).toMatchObject({ done: true })
})

test('a pointer that cannot be read is none of this source', async () => {
  const instance = openInstance(HASTY_MILLISECONDS)
  for (const answer of [{ status: 404 }, { status: 500 }, 'garbage', 'hang', { status: 200, body: {} }] as const) {
    remote.rule = () => answer
    expect(await create(instance)).toBeUndefined()
  }
  expect(await create(instance, 1n, 'http://127.0.0.1/alice')).toBeUndefined()
  expect(await create(instance, 1n, 'nonsense')).toBeUndefined()
})

test('a creation that fails over there has a name', async () => {
  const [instance, hasty] = [openInstance(), openInstance(HASTY_MILLISECONDS)]
  for (const [answer, failure] of [
    [{ status: 400 }, 'remote_refused'],
    [{ status: 500 }, 'remote_unreachable'],
    [{ status: 429 }, 'remote_unreachable'],
    ['garbage', 'remote_unreachable'],
    ['hang', 'remote_unreachable'],
    [{ status: 201, body: { id: 'https://elsewhere.example/alice/incoming-payments/x' } }, 'remote_unreachable']
  ] as const) {
    remote.rule = ({ path }) => (path === '/alice/incoming-payments' ? answer : undefined)
    expect(await create(answer === 'hang' ? hasty : instance)).toEqual({ done: false, failure })
  }
})

describe('a receiver is looked up', () => {
  test('with the right to read alone, and has all that paying it takes', async () => {
    const instance = openInstance()
    const { id, expiresAt } = remote.addPayment('500', '120')
    expect(await resolve(instance, id)).toEqual({
      state: 'open',
      receiver: {
        unit: remote.unit,
        incomingAmount: 500n,
        remaining: 380n,
        expiresAt: new Date(expiresAt),
        ilpAddress: 'test.remote.abc',
        sharedSecret: expect.any(Buffer) as Buffer
      }
    })
    expect(remote.asked[1]!.body).toMatchObject({
      access_token: { access: [{ type: 'incoming-payment', actions: ['read-all'] }] }
    })
    expect(remote.takeAsked()).toEqual(['GET /alice', 'POST /auth', 'GET /alice/incoming-payments/ID'])
  })

  test('whose server writes members that it does not have as null', async () => {
    const instance = openInstance()
    const payment = remote.addPayment()
    const shown = { ...remote.shown(payment), incomingAmount: null, expiresAt: null, metadata: null }
    let grants = 0
    remote.rule = ({ path }) => {
      if (path.startsWith('/alice/incoming-payments/')) return { status: 200, body: shown }
      if (path !== '/auth') return undefined
      const token = { value: `forever${++grants}`, manage: `${remote.url}/auth/token/1`, expires_in: null }
      return { status: 200, body: { access_token: token } }
    }
    for (let time = 0; time < 2; time++) {
      expect(await resolve(instance, payment.id)).toMatchObject({
        state: 'open',
        receiver: { incomingAmount: undefined, remaining: undefined, expiresAt: undefined }
      })
    }
    expect(grants).toBe(1)
  })

  test('and is gone when it is completed or expired, unknown when there is none', async () => {
    const instance = openInstance()
    const [completed, expired] = [remote.addPayment('500', '500'), remote.addPayment('500')]
    expired.expiresAt = new Date(Date.now() - 1_000).toISOString()
    expect(await resolve(instance, completed.id)).toEqual({ state: 'gone' })
    expect(await resolve(instance, expired.id)).toEqual({ state: 'gone' })
    expect(await resolve(instance, randomUUID())).toEqual({ state: 'unknown' })
    remote.rule = ({ path }) => (path === '/alice' ? { status: 404 } : undefined)
    expect(await resolve(instance, completed.id)).toEqual({ state: 'unknown' })
  })

  test('case 33: and is unreachable when what is answered contradicts itself, fails or does not come', async () => {
    const [instance, hasty] = [openInstance(), openInstance(HASTY_MILLISECONDS)]
    const payment = remote.addPayment('500')
    const shown = remote.shown(payment)
    const amount = (value: string, more: object = {}): object => ({ value, ...remote.unit, ...more })
    const connection = shown.ilpStreamConnection as object
    const nonsense = [
      { ...shown, receivedAmount: amount('501') },
      { ...shown, receivedAmount: amount('500') },
      { ...shown, receivedAmount: amount('0', { assetScale: 3 }) },
      { ...shown, incomingAmount: amount('500', { assetCode: 'USD' }) },
      { ...shown, incomingAmount: amount('-1') },
      { ...shown, incomingAmount: amount('18446744073709551616') },
      { ...shown, ilpStreamConnection: { ...connection, assetCode: 'USD' } },
      { ...shown, ilpStreamConnection: { ...connection, sharedSecret: 'short' } },
      { ...shown, ilpStreamConnection: { ...connection, ilpAddress: 'not an address' } },
      { ...shown, id: 'https://elsewhere.example/incoming-payments/1' },
      { ...shown, createdAt: 'yesterday' },
      []
    ].map((body) => ({ status: 200, body }))
    for (const answer of [...nonsense, { status: 500 }, { status: 403 }, 'garbage', 'hang'] as const) {
      remote.rule = ({ path }) => (path.startsWith('/alice/incoming-payments/') ? answer : undefined)
      const found = await resolve(answer === 'hang' ? hasty : instance, payment.id)
      expect({ answer, found }).toEqual({ answer, found: { state: 'unreachable' } })
    }
    remote.rule = ({ path }) => (path.startsWith('/auth') ? { status: 500 } : undefined)
    remote.tokens.clear()
    expect(await resolve(instance, payment.id)).toEqual({ state: 'unreachable' })
    remote.rule = () => undefined
    expect(await resolve(instance, payment.id)).toMatchObject({ state: 'open' })
  })

  test('by a connection, without a token; one that is not there has been paid', async () => {
    const instance = openInstance()
    const url = `${remote.url}/connections/${randomUUID()}`
    remote.rule = () => ({ status: 200, body: { ...remote.connection(), id: url } })
    expect(await instance.receivers.resolve(api.context(), url)).toMatchObject({
      state: 'open',
      receiver: { unit: remote.unit, ilpAddress: 'test.remote.abc' }
    })
    expect(remote.asked[0]!.headers).not.toHaveProperty('signature')
    remote.rule = () => ({ status: 404 })
    expect(await instance.receivers.resolve(api.context(), url)).toEqual({ state: 'gone' })
    remote.rule = () => 'hang'
    const hasty = openInstance(HASTY_MILLISECONDS)
    expect(await hasty.receivers.resolve(api.context(), url)).toEqual({ state: 'unreachable' })
  })

  test('only by URLs that can be a receiver', async () => {
    const instance = openInstance()
    for (const url of [
      'nonsense',
      `${remote.pointer}/quotes/${randomUUID()}`,
      remote.pointer,
      'https://a/incoming-payments/x'
    ]) {
      expect(await instance.receivers.resolve(api.context(), url)).toBeUndefined()
    }
    expect(remote.takeAsked()).toEqual([])
  })
})

describe('strangers choose the URLs, so', () => {
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const http = (options: Partial<ConstructorParameters<typeof GuardedHttp>[0]>): GuardedHttp => {
    const made = new GuardedHttp({
      signer,
      isInsecure: false,
      allowsPrivateHosts: false,
      timeoutMilliseconds: PATIENT_MILLISECONDS,
      ...options
    })
    closers.push(() => made.close())
    return made
  }
  const get = (guarded: GuardedHttp, url: string) => guarded.send(logger, { method: 'GET', url })

  test('nothing but https is spoken', async () => {
    await expect(get(http({}), remote.pointer.replace('https', 'http'))).rejects.toThrow('only asked by https')
    await expect(get(http({}), 'file:///etc/passwd')).rejects.toThrow('only asked by https')
  })

  test('no private address is asked, by number or by name', async () => {
    const addresses = new PublicAddresses({
      resolve4: () => Promise.resolve(['10.0.0.1']),
      resolve6: () => Promise.resolve([])
    })
    const guarded = http({ isInsecure: true, addresses })
    for (const host of ['127.0.0.1', '[::1]', '192.168.0.1', '169.254.169.254', 'inside.example']) {
      const failure = await get(guarded, `https://${host}:${new URL(remote.url).port}/alice`).catch(
        (error: Error) => error
      )
      expect([(failure as Error).message, String((failure as Error).cause ?? '')].join()).toMatch(
        /not a public address/
      )
    }
    expect(remote.takeAsked()).toEqual([])
  })

  test('nobody is followed elsewhere, and no answer is longer than it may be', async () => {
    const guarded = http({ isInsecure: true, allowsPrivateHosts: true, bytesMax: 1_000 })
    remote.rule = () => ({ status: 302, body: {} })
    expect(await get(guarded, remote.pointer)).toMatchObject({ status: 302 })
    remote.rule = () => ({ status: 200, body: 'x'.repeat(2_000) })
    await expect(get(guarded, remote.pointer)).rejects.toThrow('more than 1000 bytes')
  })
})
