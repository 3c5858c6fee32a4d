/**
 * Goal: a service that is told to stop, and still has a packet of a neighbour under way, begins no payment; the
 * packet is answered, and the payment is left to others as if nobody had looked at it.
 * Method: one process between two neighbours that the test plays, the next of which holds its answer back; another
 * process on the same database takes the money for a payment when the first one is already draining, and is the one
 * that sends it in the end, which proves that it could have been sent all the time.
 */
import { randomUUID } from 'node:crypto'
import { deserializeIlpReply } from 'ilp-packet'
import { Client } from 'pg'
import { fulfilOf, http, inSeconds, NextHop, packet, PACKET_TYPE, respond } from '../interledger/connector/support'
import { verify } from '../ledger/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'

/** Long enough for a worker that listens to take up a payment many times over. */
const LOOK_MILLISECONDS = 1_000

let database: TestDatabase
let sql: Client
let hop: NextHop
const services: ServiceProcess[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  hop = await NextHop.open()
})
afterAll(async () => {
  await Promise.all(services.map((service) => service.kill('SIGKILL')))
  expect((await verify(database.url)).firstBad).toBeUndefined()
  await hop.close()
  await sql.end()
  await database.drop()
})

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function start(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start({ DATABASE_URL: database.url, ...env })
  services.push(service)
  return service
}

interface Made {
  readonly id: string
}

async function make(
  service: ServiceProcess,
  thing: string,
  input: object,
  mutation = `create${thing}`
): Promise<string> {
  const field = `${thing[0]!.toLowerCase()}${thing.slice(1)}`
  const answer = await service.mutate<Record<string, Made>>(mutation, input, `code ${field} { id }`)
  return answer[field]!.id
}

async function fund(service: ServiceProcess, resourceId: string): Promise<void> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM webhook_event WHERE resource_id = $1', [resourceId])
  const input = { eventId: rows[0]!.id, idempotencyKey: randomUUID() }
  expect(await service.mutate('depositEventLiquidity', input, 'code')).toEqual({ code: '200' })
}

async function payment(service: ServiceProcess, id: string): Promise<unknown> {
  const { body } = await service.post('query ($id: String!) { outgoingPayment(id: $id) { state stateAttempts } }', {
    id
  })
  return body.data!.outgoingPayment
}

/** Two neighbours: what the first one's token brings goes on to the hop. */
async function neighbours(service: ServiceProcess, assetId: string): Promise<{ token: string; destination: string }> {
  const peer = (name: string, takes: string): Promise<string> => {
    const outgoing = { authToken: `to-${name}`, endpoint: hop.url }
    const incoming = { authTokens: [takes] }
    return make(service, 'Peer', { assetId, staticIlpAddress: `test.${name}`, http: { outgoing, incoming } })
  }
  const [from] = [await peer('source', 'from-source'), await peer('target', 'from target')]
  const deposit = { peerId: from, amount: '1000', id: randomUUID(), idempotencyKey: randomUUID() }
  expect(await service.mutate('addPeerLiquidity', deposit, 'code')).toEqual({ code: '200' })
  return { token: 'from-source', destination: 'test.target.somebody' }
}

test('a service that drains begins no payment, however long a packet holds it', async () => {
  const going = await start()
  const staying = await start({ ROLES: 'admin' })
  const assetId = await make(going, 'Asset', { code: 'USD', scale: 2 })
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map((name) => make(going, 'PaymentPointer', { assetId, url: `https://drain.example/${name}` }))
  )
  const { token, destination } = await neighbours(going, assetId)
  const incomingAmount = { value: '100', assetCode: 'USD', assetScale: 2 }
  const bill = await make(going, 'Payment', { paymentPointerId: bob, incomingAmount }, 'createIncomingPayment')
  const receiver = `https://drain.example/bob/incoming-payments/${bill}`
  const quoteId = await make(going, 'Quote', { paymentPointerId: alice, receiver })
  const id = await make(going, 'Payment', { paymentPointerId: alice, quoteId }, 'createOutgoingPayment')

  let letGo = (): void => undefined
  const held = new Promise<void>((isHeld) => {
    hop.answering = (prepare, response) => {
      letGo = () => respond(response, fulfilOf(prepare.data.subarray(0, 32)))
      isHeld()
    }
  })
  const connector = /"listener":"connector","url":"([^"]+)"/.exec(going.log)![1]!
  const headers = { authorization: `Bearer ${token}`, 'content-type': PACKET_TYPE }
  const answer = http(connector, headers, packet({ amount: 10n, destination, expiresAt: inSeconds(60) }))
  await Promise.race([held, answer.then(({ body }) => Promise.reject(new Error(body.toString('latin1'))))])
  going.child.kill('SIGTERM')
  while (!going.log.includes('"draining"')) await pause(10)

  await fund(staying, id)
  await pause(LOOK_MILLISECONDS)
  expect(await payment(staying, id)).toEqual({ state: 'SENDING', stateAttempts: 0 })
  expect(going.child.exitCode).toBeNull()
  letGo()
  expect(deserializeIlpReply((await answer).body)).toHaveProperty('fulfillment')
  expect(await going.ended).toBe(0)
  expect(await payment(staying, id)).toEqual({ state: 'SENDING', stateAttempts: 0 })

  const next = await start({ ROLES: 'workers' })
  while (JSON.stringify(await payment(staying, id)).includes('SENDING')) await pause(20)
  expect(await payment(staying, id)).toMatchObject({ state: 'COMPLETED' })
  expect(await Promise.all([next.kill('SIGTERM'), staying.kill('SIGTERM')])).toEqual([0, 0])
})
