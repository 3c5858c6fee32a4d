/**
 * Webhooks of the first generation.
 *
 * Goal: a receiver of that generation gets the events it knows, with the members it knows; the second is as it
 * was. Method: two services with a setting each on one database; what they write is read back.
 */
import { createIncomingPayment, createWallet, eventsOf, processDue, receive } from '../payments/support'
import { Payments } from '../payments/outgoing-support'
import { eventsFor } from '../../src/services/webhooks/payload'
import { WEBHOOK_EVENT_TYPES } from '../../src/entities/webhook-event'

type Data = Record<string, Record<string, unknown>>

const METADATA = { description: 'rent', externalRef: '', other: 1 }

it('has the six events that it knows', () => {
  const events = WEBHOOK_EVENT_TYPES.map((type) => ({ type, data: {} }))
  expect(eventsFor('v2', events)).toBe(events)
  expect(eventsFor('v1', events).map(({ type }) => type)).toEqual([
    'incoming_payment.completed',
    'incoming_payment.expired',
    'outgoing_payment.created',
    'outgoing_payment.completed',
    'outgoing_payment.failed',
    'payment_pointer.web_monetization'
  ])
})

describe.each(['v1', 'v2'] as const)('WEBHOOK_PAYLOAD=%s', (webhookPayload) => {
  let payments: Payments

  beforeAll(async () => {
    payments = await Payments.open({ webhookPayload })
  })
  afterAll(() => payments.close())

  const told = webhookPayload === 'v1' ? { description: 'rent' } : { metadata: METADATA }
  const untold = webhookPayload === 'v1' ? ['metadata', 'externalRef'] : ['description', 'externalRef']

  function expectTold(resource: Record<string, unknown> | undefined): void {
    expect(resource).toMatchObject(told)
    for (const member of untold) expect(resource).not.toHaveProperty(member)
  }

  it('tells of incoming payments', async () => {
    const { paymentPointer, unit } = await createWallet(payments.api)
    const incomingAmount = { value: '5', ...unit }
    const input = { incomingAmount, metadata: METADATA }
    const { id } = await createIncomingPayment(payments.api, paymentPointer.id, input)
    expect(await receive(payments.api, id, 5n)).toBe('ok')
    payments.api.clock.advanceSeconds(31)
    await processDue(payments.api)
    const events = await eventsOf(payments.api, id)
    const known = ['incoming_payment.created', 'incoming_payment.completed']
    expect(events.map(({ type }) => type)).toEqual(webhookPayload === 'v1' ? known.slice(1) : known)
    for (const { data } of events) expectTold((data as Data).incomingPayment)
    expect((events.at(-1)!.data as Data).incomingPayment).toMatchObject({ id, incomingAmount, completed: true })
  })

  it('tells of outgoing payments, and what it tells can be funded', async () => {
    const route = await payments.domesticRoute()
    const { url } = await payments.expectPayment(route, 20)
    const { id } = await payments.create(route, await payments.quote(route, url), { metadata: METADATA })
    expect(await payments.deposit(await payments.eventId(id))).toMatchObject({ code: '200' })
    expect(await payments.step()).toBe(1)
    const events = await eventsOf(payments.api, id)
    expect(events.map(({ type }) => type)).toEqual(['outgoing_payment.created', 'outgoing_payment.completed'])
    for (const { data } of events) expectTold((data as Data).payment)
  })

  it('has neither member where there is nothing to tell', async () => {
    const route = await payments.domesticRoute()
    const { url } = await payments.expectPayment(route, 20)
    const { id } = await payments.createFor(route, url)
    const [event] = await eventsOf(payments.api, id)
    for (const member of ['metadata', 'description', 'externalRef']) {
      expect((event!.data as Data).payment).not.toHaveProperty(member)
    }
  })
})
