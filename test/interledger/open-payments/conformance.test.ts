/**
 * Goal: a client library of the protocol, which refuses whatever it does not expect, works with this service.
 * Method: case 28 with `@interledger/open-payments`, the last version that speaks of payment pointers, as it is.
 */
import { createAuthenticatedClient, type AuthenticatedClient } from '@interledger/open-payments'
import pino from 'pino'
import { OpenPaymentsWorld, type Pointer } from './support'

let world: OpenPaymentsWorld
let pointer: Pointer
let library: AuthenticatedClient
const environment = process.env.NODE_ENV

beforeAll(async () => {
  world = await OpenPaymentsWorld.open()
  pointer = await world.newPointer()
  const { paymentPointerUrl, privateKey, keyId } = world.newClient()
  // The library asks by plain HTTP in development only.
  process.env.NODE_ENV = 'development'
  library = await createAuthenticatedClient({
    paymentPointerUrl,
    privateKey,
    keyId,
    logger: pino({ level: 'silent' }) as never
  })
})
afterAll(async () => {
  process.env.NODE_ENV = environment
  await world.close()
})

const access = [{ type: 'incoming-payment' as const, actions: ['create', 'read', 'list', 'complete'] as never }]

test('case 28: payment pointer, keys, grant, rotation, incoming payments and connection', async () => {
  const shown = await library.paymentPointer.get({ url: pointer.url })
  expect(shown).toMatchObject({ id: pointer.url, authServer: world.authUrl })
  expect(await library.paymentPointer.getKeys({ url: pointer.url })).toEqual({ keys: [] })

  const granted = await library.grant.request({ url: shown.authServer }, { access_token: { access } } as never)
  const { access_token: first } = granted as unknown as { access_token: { value: string; manage: string } }
  const rotated = await library.token.rotate({ url: first.manage, accessToken: first.value })
  const accessToken = rotated.access_token.value
  expect(accessToken).not.toBe(first.value)

  const incomingAmount = { value: '100', ...pointer.unit }
  const terms = { incomingAmount, metadata: { invoice: 'ä' } } as never
  const created = await library.incomingPayment.create({ paymentPointer: pointer.url, accessToken }, terms)
  expect(created).toMatchObject({ incomingAmount, completed: false, ilpStreamConnection: pointer.unit })
  const read = await library.incomingPayment.get({ url: created.id, accessToken })
  expect(read.id).toBe(created.id)
  for (const pagination of [undefined, { first: 10 }, { last: 10, cursor: created.id.split('/').at(-1)! }]) {
    const page = await library.incomingPayment.list({ paymentPointer: pointer.url, accessToken }, pagination)
    expect(page.result.map(({ id }) => id)).toEqual(pagination?.last === undefined ? [created.id] : [])
  }
  const connection = await library.ilpStreamConnection.get({ url: created.ilpStreamConnection!.id })
  expect(connection.id).toBe(created.ilpStreamConnection!.id)
  const completed = await library.incomingPayment.complete({ url: created.id, accessToken })
  expect(completed).toMatchObject({ id: created.id, completed: true })

  await library.token.revoke({ url: rotated.access_token.manage, accessToken })
  await expect(library.incomingPayment.get({ url: created.id, accessToken })).rejects.toThrow(/403/)
  const { continue: end } = granted as unknown as { continue: { uri: string; access_token: { value: string } } }
  await library.grant.cancel({ url: end.uri, accessToken: end.access_token.value })
})
