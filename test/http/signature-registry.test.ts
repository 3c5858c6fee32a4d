/**
 * Goal: a signature works once, whichever instance it comes to and whatever comes at the same time.
 * Method: two registries on one database, and two listeners with one secret.
 */
import { randomBytes } from 'node:crypto'
import { Pipeline } from '../../src/database/pipeline'
import { PostgresSignatureRegistry } from '../../src/http/signature-registry'
import { createTestDatabase } from '../support/database'
import { codesOf, sign, startServer, stopServers } from './support'

const LATER = new Date('2100-01-01T00:00:00Z')

let database: Awaited<ReturnType<typeof createTestDatabase>>
let pipelines: Pipeline[]
let registries: PostgresSignatureRegistry[]
let clock: Date
let errors: unknown[]

beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(() => {
  clock = new Date('2026-05-05T05:05:05Z')
  errors = []
  pipelines = [1, 2].map((number) => new Pipeline({ url: database.url, name: `test ${number}` }))
  registries = pipelines.map(
    (pipeline) =>
      new PostgresSignatureRegistry(
        pipeline,
        () => clock,
        (error) => errors.push(error)
      )
  )
})
afterEach(async () => {
  await stopServers()
  await Promise.all(pipelines.map((pipeline) => pipeline.close()))
  expect(errors).toEqual([])
})
afterAll(() => database.drop())

function registry(number: number): PostgresSignatureRegistry {
  const found = registries[number % registries.length]
  if (!found) throw new Error('no registry')
  return found
}

async function stored(): Promise<number> {
  const [row] = await pipelines[0]!.query<{ count: number }>({
    name: 'stored',
    text: 'SELECT count(*)::int AS count FROM used_signature',
    values: []
  })
  return row?.count ?? -1
}

test('one claim of many wins, over two instances, for each of many signatures', async () => {
  for (let round = 0; round < 20; round += 1) {
    const signatures = Array.from({ length: 10 }, () => randomBytes(32))
    const claims = Array.from({ length: 40 }, (_, turn) =>
      [...signatures].map((signature) => registry(turn).claim(signature, LATER))
    )
    const wins = await Promise.all(claims.map((claim) => Promise.all(claim)))
    for (let signature = 0; signature < signatures.length; signature += 1) {
      expect(wins.filter((claim) => claim[signature])).toHaveLength(1)
    }
  }
})

test('what was claimed stays claimed for a process that starts later', async () => {
  const signature = randomBytes(32)
  expect(await registry(0).claim(signature, LATER)).toBe(true)
  const later = new Pipeline({ url: database.url, name: 'test later' })
  expect(
    await new PostgresSignatureRegistry(
      later,
      () => clock,
      (error) => errors.push(error)
    ).claim(signature, LATER)
  ).toBe(false)
  await later.close()
})

test('what expired is forgotten, as its age alone refuses it, and nothing else', async () => {
  await registry(0).purge(new Date('2200-01-01'))
  const young = randomBytes(32)
  for (let count = 0; count < 2_500; count += 1)
    void registry(0).claim(randomBytes(32), new Date(clock.getTime() + 1_000))
  await registry(0).claim(young, new Date(clock.getTime() + 400_000))
  expect(await stored()).toBe(2_501)
  clock = new Date(clock.getTime() + 300_000)
  await registry(0).claim(randomBytes(32), LATER)
  while ((await stored()) > 2) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(await registry(1).claim(young, LATER)).toBe(false)
})

test('claims at once share statements', async () => {
  let statements = 0
  const counting = {
    execute: (...given: Parameters<Pipeline['execute']>) => {
      statements += 1
      return pipelines[0]!.execute(...given)
    }
  } as Pick<Pipeline, 'execute'>
  const one = new PostgresSignatureRegistry(
    counting,
    () => new Date(0),
    (error) => errors.push(error)
  )
  const claims = Array.from({ length: 500 }, () => one.claim(randomBytes(32), LATER))
  expect((await Promise.all(claims)).every(Boolean)).toBe(true)
  expect(statements).toBeLessThan(10)
})

test('more claims than can wait are refused, and none of those is taken', async () => {
  const claims = Array.from({ length: 5_000 }, () =>
    registry(0)
      .claim(randomBytes(32), LATER)
      .catch((error: { code: string }) => error.code)
  )
  const outcomes = await Promise.all(claims)
  expect(outcomes.filter((outcome) => outcome === 'OVERLOADED').length).toBeGreaterThan(0)
  expect(new Set(outcomes)).toEqual(new Set([true, 'OVERLOADED']))
})

test('a database that does not answer lets nobody in, and nobody reads why', async () => {
  const closed = new Pipeline({ url: database.url, name: 'test closed' })
  await closed.close()
  const server = await startServer({
    credentials: { signatureSecret: 'secret' },
    signatures: new PostgresSignatureRegistry(
      closed,
      () => clock,
      () => undefined
    )
  })
  const body = { query: 'mutation { append(text: "in") }' }
  const answer = await server.send(body, { signature: sign('secret', body, Date.now()) })
  expect([answer.status, ...codesOf(answer)]).toEqual([503, 'SERVICE_UNAVAILABLE'])
  expect(answer.text).not.toContain('closed')
  expect(server.effects.appended).toEqual([])
})

test('a signed request lets in once of many, over two listeners', async () => {
  const credentials = { signatureSecret: 'secret' }
  const servers = await Promise.all(registries.map((signatures) => startServer({ credentials, signatures })))
  const body = { query: 'mutation { append(text: "in") }' }
  for (let round = 0; round < 5; round += 1) {
    const signature = sign('secret', body, Date.now() - round)
    const sent = Array.from({ length: 20 }, (_, turn) => servers[turn % 2]!.send(body, { signature }))
    const statuses = (await Promise.all(sent)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(19)
  }
  expect(servers.flatMap(({ effects }) => effects.appended)).toHaveLength(5)
})
