/**
 * Goal: what was given up is listed and counted until it is sent again, and never sent again for its old end.
 * Method: the real workers and a receiver on loopback that recovers.
 */
import 'reflect-metadata'
import { Reader } from '../../../src/database/reader'
import type { RequestContext } from '../../../src/services/context'
import { RampDeliveries } from '../../../src/services/ramp/webhooks/deliveries'
import { RAMP_WEBHOOKS, webhookFigures } from '../../../src/services/webhooks/figures'
import { Receiver } from '../../webhooks/receiver'
import { RampWebhooks, rampEvent, startRampWorkers } from './support'

let ramp: RampWebhooks
let receiver: Receiver
let reader: Reader
let workers: ReturnType<typeof startRampWorkers>
const context = { now: () => new Date() } as RequestContext

beforeAll(async () => {
  ramp = await RampWebhooks.open()
  receiver = await Receiver.open()
  reader = new Reader({ url: ramp.url })
  workers = startRampWorkers(ramp.url, { rampWebhookScheduleSeconds: [] })
})

afterEach(() => ramp.clear())

afterAll(async () => {
  await workers.stop()
  await reader.close()
  await receiver.close()
  await ramp.close()
})

async function dead(): Promise<number> {
  const figure = webhookFigures(reader, RAMP_WEBHOOKS).find(({ name }) => name.endsWith('deliveries_dead'))
  return figure!.read()
}

test('dead webhooks of one receiver and of all are sent again once, and then neither listed nor counted', async () => {
  receiver.answer = () => 500
  const [one, other] = [await ramp.addBearer(receiver.url), await ramp.addBearer(receiver.url)]
  const events = [one, one, one, other, other].map((bearer) => rampEvent(bearer))
  await ramp.tell(events)
  await ramp.untilNone(`status = 'pending'`)
  const deliveries = new RampDeliveries(reader, ramp.unitOfWork)
  const listed = async (bearerId?: string): Promise<string[]> =>
    (await deliveries.page({ status: 'dead', bearerId, limit: 100 })).nodes.map(({ eventId }) => eventId)
  expect([await dead(), (await listed()).length, (await listed(one.bearerId)).length]).toEqual([5, 5, 3])

  // What is given up once more counts once.
  expect(await deliveries.replayDead(context, { limit: 2, bearerId: one.bearerId })).toEqual({ count: 2 })
  await ramp.untilNone(`status = 'pending'`)
  expect([await dead(), (await listed()).length, (await listed(one.bearerId)).length]).toEqual([5, 5, 3])

  receiver.answer = () => 200
  expect(await deliveries.replayDead(context, { limit: 100, bearerId: other.bearerId })).toEqual({ count: 2 })
  await ramp.untilNone(`status = 'pending'`)
  expect([await dead(), (await listed()).length, await listed(other.bearerId)]).toEqual([3, 3, []])
  expect(await deliveries.replay(context, events[0]!.id)).toMatchObject({ done: true })
  expect(await deliveries.replayDead(context, { limit: 100 })).toEqual({ count: 2 })
  await ramp.untilNone(`status = 'pending'`)
  expect([await dead(), await listed()]).toEqual([0, []])
  expect(await deliveries.replayDead(context, { limit: 100 })).toEqual({ count: 0 })
  const delivered = await deliveries.page({ status: 'delivered', limit: 100 })
  expect(delivered.nodes.map(({ eventId }) => eventId).sort()).toEqual(events.map(({ id }) => id).sort())
})
