/**
 * Goal: the client works against the service as it is: every operation is one that the service takes, what comes
 * back has the promised types, and each way to fail has its class.
 * Method: a real service that wants credentials, and servers that break the rules of the wire.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse, type OperationDefinitionNode, type TypeNode } from 'graphql'
import * as client from '../../clients/typescript'
import {
  AddAssetLiquidityDocument,
  AssetDocument,
  AssetsDocument,
  canonicalJson,
  CreateAssetDocument,
  CreateAssetLiquidityWithdrawalDocument,
  CreatePaymentPointerDocument,
  CreatePeerDocument,
  FieldFailed,
  HazinaClient,
  LedgerAccountsDocument,
  LedgerStatementDocument,
  MutationRefused,
  Operation,
  PostLiquidityWithdrawalDocument,
  RequestRefused,
  SetFeeDocument,
  Unreachable
} from '../../clients/typescript'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'

const TOKEN = 'a-token'
const SECRET = 'a secret'

let database: TestDatabase
let service: ServiceProcess
let admin: HazinaClient

beforeAll(async () => {
  database = await createTestDatabase()
  const env = { DATABASE_URL: database.url, ADMIN_API_TOKEN: TOKEN, ADMIN_SIGNATURE_SECRET: SECRET }
  service = await ServiceProcess.start(env)
  admin = new HazinaClient({ url: service.url, token: TOKEN })
})
afterAll(async () => {
  await service.kill('SIGTERM')
  await database.drop()
})

const operations = Object.values(client).filter((value) => value instanceof Operation) as Operation<unknown, unknown>[]

describe('every operation', () => {
  test.each(operations.map((operation) => [operation.operationName, operation] as const))(
    '%s is one that the service takes',
    async (_, operation) => {
      const outcome = await admin.request(operation, nobodysVariables(operation)).catch((error: unknown) => error)
      if (outcome instanceof FieldFailed) return
      expect(outcome).not.toBeInstanceOf(Error)
      expect(Object.keys(outcome as object)).toHaveLength(1)
    }
  )
})

/** Variables of the right types that name nothing that there is. */
function nobodysVariables(operation: Operation<unknown, unknown>): Record<string, unknown> {
  const definitions = definitionOf(operation).variableDefinitions ?? []
  const required = definitions.filter(({ type }) => type.kind === 'NonNullType')
  return Object.fromEntries(
    required.map(({ variable, type }) => [variable.name.value, valueOf(nameOfType(type), operation.operationName)])
  )
}

const AMOUNT = { value: 5n, assetCode: 'NOBODY', assetScale: 2 }
const HTTP = { outgoing: { endpoint: 'https://nobody.example', authToken: 'x' } }
const JWK = { kid: 'k', kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: Buffer.alloc(32).toString('base64url') }

const INPUTS: Readonly<Record<string, object>> = {
  CreateAssetInput: { code: 'EVERY', scale: 0 },
  UpdateAssetInput: { id: randomUUID() },
  SetFeeInput: { assetId: randomUUID(), type: 'SENDING', fee: { fixed: 0, basisPoints: 0 } },
  CreatePeerInput: { assetId: randomUUID(), staticIlpAddress: 'test.nobody', http: HTTP },
  UpdatePeerInput: { id: randomUUID() },
  DeletePeerInput: { id: randomUUID() },
  TestPeerConnectionInput: { id: randomUUID() },
  CreatePaymentPointerInput: { assetId: randomUUID(), url: 'https://nobody.example/x' },
  UpdatePaymentPointerInput: { id: randomUUID() },
  CreatePaymentPointerKeyInput: { paymentPointerId: randomUUID(), jwk: JWK },
  RevokePaymentPointerKeyInput: { id: randomUUID() },
  AddAssetLiquidityInput: { assetId: randomUUID(), amount: 1n, id: randomUUID() },
  AddPeerLiquidityInput: { peerId: randomUUID(), amount: 1, id: randomUUID() },
  CreateAssetLiquidityWithdrawalInput: { assetId: randomUUID(), amount: '1', id: randomUUID() },
  CreatePeerLiquidityWithdrawalInput: { peerId: randomUUID(), amount: '1', id: randomUUID() },
  CreatePaymentPointerWithdrawalInput: { paymentPointerId: randomUUID(), id: randomUUID() },
  PostLiquidityWithdrawalInput: { withdrawalId: randomUUID() },
  VoidLiquidityWithdrawalInput: { withdrawalId: randomUUID() },
  DepositEventLiquidityInput: { eventId: randomUUID() },
  WithdrawEventLiquidityInput: { eventId: randomUUID() },
  CreateIncomingPaymentInput: { paymentPointerId: randomUUID() },
  CreateReceiverInput: { paymentPointerUrl: 'http://127.0.0.1:1/nobody', incomingAmount: AMOUNT },
  CreateQuoteInput: { paymentPointerId: randomUUID(), receiver: 'http://127.0.0.1:1/nobody', sendAmount: AMOUNT },
  CreateOutgoingPaymentInput: { paymentPointerId: randomUUID(), quoteId: randomUUID() },
  TriggerPaymentPointerEventsInput: { limit: 1 },
  ReplayWebhookEventInput: { id: randomUUID() },
  ReplayWebhookEventsInput: { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' }
}

/** Inputs of mutations that change nothing. */
const KEYLESS = new Set(['TestPeerConnectionInput'])

function valueOf(type: string, operation: string): unknown {
  const input = INPUTS[type]
  if (input) return KEYLESS.has(type) ? input : { ...input, idempotencyKey: randomUUID() }
  if (type === 'ID' || type === 'String') return operation === 'LedgerTotalsAt' ? '2020-01-01T00:00:00Z' : randomUUID()
  throw new Error(`no value of ${type} for ${operation}`)
}

function nameOfType(type: TypeNode): string {
  return type.kind === 'NamedType' ? type.name.value : nameOfType(type.type)
}

function definitionOf(operation: Operation<unknown, unknown>): OperationDefinitionNode {
  return parse(operation.toString()).definitions.find(
    ({ kind }) => kind === 'OperationDefinition'
  ) as OperationDefinitionNode
}

test('a story through the types: an asset, its fee, a peer, a pointer, money in and out, and the ledger', async () => {
  const { asset } = await admin.mutate(CreateAssetDocument, {
    input: { code: 'USD', scale: 2, withdrawalThreshold: 5n }
  })
  const assetId = asset!.id
  expect(asset).toMatchObject({ code: 'USD', scale: 2, withdrawalThreshold: '5', liquidity: '0', sendingFee: null })
  const fee = { fixed: 10, basisPoints: 25 }
  await admin.mutate(SetFeeDocument, { input: { assetId, type: 'SENDING', fee } })
  await admin.mutate(CreatePeerDocument, { input: { assetId, staticIlpAddress: 'test.acme', http: HTTP } })
  const pointer = { assetId, url: 'https://wallet.example/alice' }
  const { paymentPointer } = await admin.mutate(CreatePaymentPointerDocument, { input: pointer })
  expect(paymentPointer).toMatchObject({ url: pointer.url, asset: { id: assetId }, status: 'ACTIVE' })

  const amount = 2n ** 64n - 1n
  await admin.mutate(AddAssetLiquidityDocument, {
    input: { assetId, amount, id: randomUUID(), idempotencyKey: randomUUID() }
  })
  const withdrawal = { id: randomUUID(), idempotencyKey: randomUUID() }
  await admin.mutate(CreateAssetLiquidityWithdrawalDocument, { input: { assetId, amount: 15, ...withdrawal } })
  await admin.mutate(PostLiquidityWithdrawalDocument, {
    input: { withdrawalId: withdrawal.id, idempotencyKey: randomUUID() }
  })
  const found = await admin.request(AssetDocument, { id: assetId })
  expect(found.asset?.liquidity).toBe(String(amount - 15n))
  expect(found.asset?.sendingFee).toMatchObject({ fixed: '10', basisPoints: 25 })

  const { ledgerAccounts } = await admin.request(LedgerAccountsDocument, { ownerId: assetId })
  const settlement = ledgerAccounts.find(({ purpose }) => purpose === 'SETTLEMENT')!
  const { ledgerAccount } = await admin.request(LedgerStatementDocument, { id: settlement.id, first: 2 })
  expect(ledgerAccount!.statement.edges.map(({ node }) => [node.kind, node.side, node.amount])).toEqual([
    ['TRANSFER', 'DEBIT', String(amount)],
    ['HOLD', 'CREDIT', '15']
  ])
  expect(ledgerAccount!.statement.pageInfo.hasNextPage).toBe(true)
})

describe('credentials', () => {
  test('a signature is as good as a token, whatever the body holds', async () => {
    const signing = new HazinaClient({ url: service.url, signatureSecret: SECRET })
    const input = { code: 'ÄÖ "€" 𝄞\u2028', scale: 1, withdrawalThreshold: 18446744073709551615n }
    const { asset } = await signing.mutate(CreateAssetDocument, { input })
    expect(asset).toMatchObject({ code: input.code, withdrawalThreshold: '18446744073709551615' })
  })

  test.each([
    ['none', {}],
    ['a wrong token', { token: 'another' }],
    ['a wrong secret', { signatureSecret: 'another' }]
  ])('%s: refused by name', async (_, credentials) => {
    const stranger = new HazinaClient({ url: service.url, ...credentials })
    const failure = await stranger.request(AssetsDocument, {}).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RequestRefused)
    expect(failure).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', isRetryable: false })
  })
})

describe('each way to fail has its class', () => {
  test('a mutation that says no', async () => {
    const input = { assetId: randomUUID(), amount: 0, id: 'x', idempotencyKey: randomUUID() }
    const failure = await admin.mutate(AddAssetLiquidityDocument, { input }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MutationRefused)
    expect(failure).toMatchObject({ code: '400', error: 'AmountZero', message: 'Amount is zero', isRetryable: false })
    expect(await admin.request(AddAssetLiquidityDocument, { input })).toMatchObject({
      addAssetLiquidity: { success: false, error: 'AmountZero' }
    })
  })

  test('a query for what is not there', async () => {
    const failure = await admin.request(AssetDocument, { id: randomUUID() }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(FieldFailed)
    expect(failure).toMatchObject({ message: 'No asset', path: ['asset'], isRetryable: false })
    expect((failure as FieldFailed).requestId).toMatch(/./)
  })

  test('input that its type does not take', async () => {
    const failure = await admin
      .mutate(CreateAssetDocument, { input: { code: 'X', scale: 256 } })
      .catch((e: unknown) => e)
    expect(failure).toMatchObject({ name: 'RequestRefused', status: 400, code: 'BAD_USER_INPUT', isRetryable: false })
  })

  test('nobody who listens', async () => {
    const { url, server } = await listen((_, response) => response.end())
    await new Promise((resolve) => server.close(resolve))
    expect(await failureAt(url)).toMatchObject({ name: 'Unreachable', isRetryable: true })
  })

  test.each<[string, RequestListener]>([
    ['a connection that is cut', (_, response) => response.destroy()],
    [
      'an answer that is cut',
      (_, response) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy())
    ],
    ['an answer that does not come', () => undefined]
  ])('%s', async (_, listener) => {
    const { url, server } = await listen(listener)
    expect(await failureAt(url)).toBeInstanceOf(Unreachable)
    server.closeAllConnections()
    server.close()
  })

  test.each([
    [200, 'hello', false],
    [200, '[]', false],
    [404, '{"errors":[{"message":"Not found","extensions":{"code":"NOT_FOUND"}}]}', false],
    [502, '<html>', true],
    [503, '{"errors":[{"message":"Busy","extensions":{"code":"OVERLOADED"}}]}', true]
  ])('status %i with %s', async (status, body, isRetryable) => {
    const { url, server } = await listen((_, response) => response.writeHead(status).end(body))
    expect(await failureAt(url)).toMatchObject({ name: 'RequestRefused', status, isRetryable })
    server.close()
  })

  test('a caller that has enough', async () => {
    const { url, server } = await listen(() => undefined)
    const enough = new AbortController()
    const asking = new HazinaClient({ url, signal: enough.signal }).request(AssetsDocument, {})
    enough.abort()
    await expect(asking).rejects.toBeInstanceOf(Unreachable)
    server.closeAllConnections()
    server.close()
  })
})

async function failureAt(url: string): Promise<unknown> {
  const impatient = new HazinaClient({ url, timeoutMilliseconds: 300 })
  return impatient.request(AssetsDocument, {}).catch((error: unknown) => error)
}

async function listen(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, server }
}

test('JSON in its canonical form: the example of RFC 8785', () => {
  const value: unknown = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`
  )
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
  )
  const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }
  expect(
    Object.values(JSON.parse(canonicalJson(Object.entries(names).map(([name]) => name))) as string[])
  ).toHaveLength(7)
  expect([...canonicalJson(names).matchAll(/:(\d)/g)].map(([, position]) => position).join('')).toBe('2467153')
})
