/**
 * Goal: the service as it is started delivers what happens in it, from any of its instances.
 * Method: real processes on one database, told of the receiver by their settings; one of them is killed.
 */
import 'reflect-metadata'
import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import { createTestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'
import { Receiver } from './receiver'

let database: { url: string; drop(): Promise<void> }
let receiver: Receiver
const services: ServiceProcess[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  receiver = await Receiver.open()
})

afterAll(async () => {
  for (const { child, ended } of services) {
    child.kill('SIGTERM')
    await ended
  }
  await receiver.close()
  await database.drop()
})

async function start(more: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start({
    DATABASE_URL: database.url,
    WEBHOOK_URL: receiver.url,
    SIGNATURE_SECRET: 'shared',
    SIGNATURE_VERSION: '2',
    WEBHOOK_TIMEOUT: '500',
    ...more
  })
  services.push(service)
  return service
}

async function call(
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

async function newPointer(service: ServiceProcess): Promise<string> {
  const assetId = await call(service, 'createAsset', 'CreateAssetInput', { code: 'USD', scale: 2 }, 'asset')
  const input = { assetId, url: 'https://wallet.example/alice' }
  return call(service, 'createPaymentPointer', 'CreatePaymentPointerInput', input, 'paymentPointer')
}

test('an incoming payment is told, signed; an instance that is killed leaves the rest to another', async () => {
  const [first, second] = [await start(), await start({ WEBHOOK_WORKERS: '0' })]
  const paymentPointerId = await newPointer(first)
  const expectPayment = (service: ServiceProcess): Promise<string> =>
    call(service, 'createIncomingPayment', 'CreateIncomingPaymentInput', { paymentPointerId }, 'payment')

  // The second instance delivers nothing itself: its commit wakes the first.
  const paymentId = await expectPayment(second)
  await receiver.until(() => receiver.received.length === 1)
  const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]]
  expect(JSON.parse(body)).toMatchObject({
    type: 'incoming_payment.created',
    data: { incomingPayment: { id: paymentId } }
  })
  const [, stamp, digest] = /^t=(\d+), v2=([0-9a-f]+)$/.exec(String(headers['rafiki-signature']))!
  const signed = `${stamp}.${canonicalize(JSON.parse(body))}`
  expect(digest).toBe(createHmac('sha256', 'shared').update(signed).digest('hex'))

  receiver.answer = () => 'hang'
  await expectPayment(second)
  await receiver.until(() => receiver.received.length === 2)
  first.child.kill('SIGKILL')
  await first.ended
  services.splice(services.indexOf(first), 1)
  receiver.answer = () => 200
  await expectPayment(second)
  await start()
  const untold = receiver.received[1]!
  await receiver.until(() => receiver.times(untold.id) >= 2 && receiver.received.length >= 4)
  expect(receiver.received.filter(({ id }) => id === untold.id).map((received) => received.body)).toEqual([
    untold.body,
    untold.body
  ])
})
