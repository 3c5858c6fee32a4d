/**
 * Goal: a subscription at a service as it is started, taken up at another instance after a kill, and no reason
 * for a stop to wait.
 * Method: real processes on one database.
 */
import 'reflect-metadata'
import { request, type IncomingMessage } from 'node:http'
import { createTestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'

let database: { url: string; drop(): Promise<void> }
const services: ServiceProcess[] = []

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(async () => {
  for (const { child, ended } of services) {
    child.kill('SIGKILL')
    await ended
  }
  await database.drop()
})

async function start(): Promise<ServiceProcess> {
  const service = await ServiceProcess.start({ DATABASE_URL: database.url })
  services.push(service)
  return service
}

async function create(
  service: ServiceProcess,
  name: string,
  type: string,
  input: object,
  field: string
): Promise<string> {
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { code message ${field} { id } } }`
  const { body } = await service.post(query, { input })
  const answer = body.data?.[name] as Record<string, { id: string }> | undefined
  const id = answer?.[field]?.id
  if (id === undefined) throw new Error(JSON.stringify(body))
  return id
}

interface Told {
  readonly position: string
  readonly paymentId: string
}

/** Follows payments after a position until so many are told; gives them and the open answer. */
async function follow(service: ServiceProcess, after: string, count: number): Promise<[Told[], IncomingMessage]> {
  const query = `subscription { paymentStateChanged(after: "${after}") { position paymentId state } }`
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json' }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(service.url, { method: 'POST', headers })
      .on('response', resolve)
      .on('error', reject)
      .end(JSON.stringify({ query }))
  })
  response.setEncoding('utf8').on('error', () => undefined)
  let text = ''
  const toldOf = (): Told[] =>
    [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(
      ([, data]) => (JSON.parse(data!) as { data: { paymentStateChanged: Told } }).data.paymentStateChanged
    )
  await new Promise<void>((resolve) => {
    response.on('data', (piece: string) => {
      text += piece
      if (toldOf().length >= count) resolve()
    })
  })
  return [toldOf(), response]
}

test('a subscription goes on at another instance, and a stop ends it', async () => {
  const [first, second] = [await start(), await start()]
  const assetId = await create(first, 'createAsset', 'CreateAssetInput', { code: 'USD', scale: 2 }, 'asset')
  const url = 'https://wallet.example/alice'
  const input = { assetId, url }
  const paymentPointerId = await create(
    first,
    'createPaymentPointer',
    'CreatePaymentPointerInput',
    input,
    'paymentPointer'
  )
  const pay = (service: ServiceProcess): Promise<string> =>
    create(service, 'createIncomingPayment', 'CreateIncomingPaymentInput', { paymentPointerId }, 'payment')

  const following = follow(first, '0', 2)
  const ids = [await pay(first), await pay(second)]
  const [told] = await following
  expect(told.map(({ paymentId }) => paymentId)).toEqual(ids)
  first.child.kill('SIGKILL')
  await first.ended

  const missed = await pay(second)
  const again = follow(second, told[1]!.position, 2)
  const next = await pay(second)
  const [rest, response] = await again
  expect(rest.map(({ paymentId }) => paymentId)).toEqual([missed, next])
  second.child.kill('SIGTERM')
  const ended = new Promise((resolve) => response.on('close', resolve))
  expect(await second.ended).toBe(0)
  await ended
  expect(second.log).not.toContain('requests were cut')
})
