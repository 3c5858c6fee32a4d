/**
 * Goal: the bot believes nothing that is not proven, and its till neither loses nor repeats a payment.
 * Method: the parts by themselves; the till against files that a crash left behind.
 */
import { createHmac } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { AgentApi } from '../../examples/agent-bot/agent-api'
import { formatLocal, parseLocal } from '../../examples/agent-bot/money'
import { isGenuine } from '../../examples/agent-bot/signature'
import { Till } from '../../examples/agent-bot/till'

const BODY = Buffer.from('{"event_type":"payment.assigned"}')
const SIGNATURE = 'ab9ff641a2f86614588737408d809d66f94bf253c79425a1d2e6bd921183ad09'

test('the documented body, token and signature are genuine', () => {
  expect(isGenuine({ token: 'tok', signature: SIGNATURE }, BODY, 'tok')).toBe(true)
})

test.each([
  ['no token', { token: undefined, signature: SIGNATURE }, BODY],
  ['another token', { token: 'tok2', signature: SIGNATURE }, BODY],
  ['no signature', { token: 'tok', signature: undefined }, BODY],
  ['a signature in capitals', { token: 'tok', signature: SIGNATURE.toUpperCase() }, BODY],
  ['another byte', { token: 'tok', signature: SIGNATURE }, Buffer.from('{"event_type":"payment.assigneD"}')],
  ['another key', { token: 'tok', signature: createHmac('sha256', 'x').update(BODY).digest('hex') }, BODY]
])('%s is not', (_, proof, body) => {
  expect(isGenuine(proof, body, 'tok')).toBe(false)
})

test('amounts keep every digit', () => {
  expect([parseLocal('30600.0'), parseLocal('0.05'), parseLocal('7')]).toEqual([3_060_000n, 5n, 700n])
  expect([formatLocal(3_060_000n), formatLocal(5n), formatLocal(-705n)]).toEqual(['30600.0', '0.05', '-7.05'])
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 18n), (hundredths) => {
      expect(parseLocal(formatLocal(hundredths))).toBe(hundredths)
    })
  )
  for (const text of ['', '-1', '1.234', '1e3', '1,5', ' 1']) expect(() => parseLocal(text)).toThrow(RangeError)
})

test('a refusal is known by its code, whatever its message says', async () => {
  const extensions = { code: 'ACCOUNT_RESTRICTED' }
  const body = JSON.stringify({ data: null, errors: [{ message: 'Your account has been restricted.', extensions }] })
  const service = createServer((_, response) => response.end(body))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  const api = new AgentApi({ url, key: 'key', stopping: new AbortController().signal })
  try {
    await expect(api.orders({})).rejects.toMatchObject({ code: 'ACCOUNT_RESTRICTED' })
  } finally {
    service.closeAllConnections()
    await new Promise((resolve) => service.close(resolve))
  }
})

describe('the till', () => {
  let folder: string
  let file: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hazina-till-'))
    file = join(folder, 'till.jsonl')
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  test('pays an order once, however often it is asked, also after a start', async () => {
    const till = await Till.open(file)
    const payment = { amount: 3_060_000n, currency: 'NGN' }
    const receipts = await Promise.all([1, 2, 3].map(() => till.pay('K7Q2M9X4TB', payment, 'Jane')))
    expect(new Set(receipts).size).toBe(1)
    await till.close()
    const again = await Till.open(file)
    expect(await again.pay('K7Q2M9X4TB', payment, 'Jane')).toBe(receipts[0])
    expect(again.balances()).toEqual({ NGN: '-30600.0' })
    await again.close()
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(1)
  })

  test('has received what an order asks for only to the last hundredth and in its currency', async () => {
    const till = await Till.open(file)
    await till.receive('A', 3_100_000n, 'NGN')
    await till.receive('A', 1n, 'NGN')
    expect(till.hasReceived('A', { amount: 3_100_000n, currency: 'NGN' })).toBe(true)
    expect(till.hasReceived('A', { amount: 3_100_001n, currency: 'NGN' })).toBe(false)
    expect(till.hasReceived('A', { amount: 3_100_000n, currency: 'GHS' })).toBe(false)
    expect(till.hasReceived('B', { amount: 3_100_000n, currency: 'NGN' })).toBe(false)
    await till.close()
  })

  test('forgets a line that a crash left half written', async () => {
    const till = await Till.open(file)
    await till.receive('A', 100n, 'NGN')
    await till.close()
    appendFileSync(file, '{"line":"paid","orderId":"B","amou')
    const again = await Till.open(file)
    expect(again.balances()).toEqual({ NGN: '1.0' })
    await again.close()
  })
})
