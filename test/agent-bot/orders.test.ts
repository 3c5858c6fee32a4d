/**
 * Goal: the example agent does its part of every order, once, whatever it is told, and however it ends and starts.
 * Method: the bot in this process against a running service; webhooks that are forged, and none at all.
 */
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentBot } from '../../examples/agent-bot/bot'
import { startBotServer, type BotServer } from '../../examples/agent-bot/server'
import { Till } from '../../examples/agent-bot/till'
import { RampShop } from '../operator/ramp-shop'
import { OperatedService } from '../operator/support'
import { until } from '../support/wait'

const TOKEN = 'agent-token'

let operated: OperatedService
let folder: string
let shop: RampShop

beforeAll(async () => {
  operated = await OperatedService.open()
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hazina-bot-'))
  shop = await RampShop.open(operated)
})

afterEach(async () => {
  await shop.retire()
  rmSync(folder, { recursive: true })
  expect((await operated.get('/report')).body).toMatchObject({ isSound: true })
})

afterAll(async () => {
  await operated.close()
})

interface RunningBot {
  readonly bot: AgentBot
  readonly till: Till
  readonly server: BotServer
  stop(): Promise<void>
}

async function startBot(pollMilliseconds = 20): Promise<RunningBot> {
  const till = await Till.open(join(folder, 'till.jsonl'))
  const url = `${operated.url}/cashramp/bot/graphql`
  const bot = new AgentBot({ url, key: shop.agentKey, till, pollMilliseconds })
  const server = await startBotServer({ bot, till, port: 0, webhookToken: TOKEN })
  const stop = async (): Promise<void> => {
    await server.close()
    await bot.stop()
    await till.close()
  }
  return { bot, till, server, stop }
}

async function statusOf(request: string): Promise<string> {
  return (await assignmentOf(request)).status
}

async function assignmentOf(request: string): Promise<{ status: string; orderId: string }> {
  return (await operated.get(`/orders/${request}`)).body['assignment'] as { status: string; orderId: string }
}

function untilStatus(request: string, status: string): Promise<void> {
  return until(async () => (await statusOf(request)) === status)
}

test('without a single webhook it finds its orders, and pays each once', async () => {
  const running = await startBot()
  const orders = [await shop.withdrawal(), await shop.withdrawal('5')]
  for (const order of orders) await untilStatus(order, 'paid')
  expect(running.till.balances()).toEqual({ NGN: '-38250.0' })
  await running.stop()
})

test('a bot that ended between paying and saying so does not pay again', async () => {
  const request = await shop.withdrawal()
  await shop.accept(request)
  const { orderId } = await assignmentOf(request)
  const before = await Till.open(join(folder, 'till.jsonl'))
  await before.pay(orderId, { amount: 3_060_000n, currency: 'NGN' }, 'Jane Doe - 0246977890')
  await before.close()
  const running = await startBot()
  await untilStatus(request, 'paid')
  expect(running.till.balances()).toEqual({ NGN: '-30600.0' })
  await running.stop()
  expect(readFileSync(join(folder, 'till.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1)
})

test('a deposit is confirmed when the exact amount is there, whatever was said before', async () => {
  const running = await startBot()
  const [right, wrong] = [await shop.deposit(), await shop.deposit()]
  await shop.markPaid(right)
  await shop.markPaid(wrong)
  await running.bot.receive((await assignmentOf(wrong)).orderId, 3_099_999n, 'NGN')
  await running.bot.receive((await assignmentOf(right)).orderId, 3_100_000n, 'NGN')
  await untilStatus(right, 'completed')
  expect(await statusOf(wrong)).toBe('paid')
  await running.stop()
})

test('a webhook makes it look at once; a forged one is refused', async () => {
  const found = await shop.withdrawal('5')
  const running = await startBot(2 ** 30)
  // Its one look at open orders is over when this one is done.
  await untilStatus(found, 'paid')
  const request = await shop.withdrawal()
  const { orderId } = await assignmentOf(request)
  const body = JSON.stringify({ event_type: 'payment.assigned', data: { order_id: orderId } })
  const signature = createHmac('sha256', TOKEN).update(body).digest('hex')
  const send = async (headers: Record<string, string>, text = body): Promise<number> =>
    (await fetch(`${running.server.url}/webhooks`, { method: 'POST', headers, body: text })).status
  expect(await send({})).toBe(401)
  expect(await send({ 'x-cashramp-token': TOKEN })).toBe(401)
  expect(await send({ 'x-cashramp-signature': signature })).toBe(401)
  expect(await send({ 'x-cashramp-token': TOKEN, 'x-cashramp-signature': signature }, `${body} `)).toBe(401)
  expect(await statusOf(request)).toBe('pending')
  expect(await send({ 'x-cashramp-token': TOKEN, 'x-cashramp-signature': signature })).toBe(200)
  await untilStatus(request, 'paid')
  await running.stop()
})
