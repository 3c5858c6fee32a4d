/**
 * Orders whose customers go through a page (case 56), and the routes behind the page.
 *
 * Goal: a customer gets through an order knowing nothing but its id, what does not fit is refused with a code, and
 * nothing of anybody else can be seen. Method: plain HTTP requests as programs, scripts and forms send them.
 */
import { WriterBusy } from '../../src/database/write-errors'
import { RAMP_FAILURES } from '../../src/services/ramp/failures'
import { globalId } from '../../src/services/ramp/global-ids'
import { HostedPages } from '../../src/services/ramp/hosted/hosted-pages'
import { post } from '../http/support'
import type { TestAgent, TestMerchant } from '../agent/support'
import { HOSTED, MerchantSide, REQUEST_TYPE, type Fields } from './support'

let side: MerchantSide
let agent: TestAgent
let merchant: TestMerchant

beforeEach(async () => {
  side = await MerchantSide.open()
  await side.ramp.market('NGN', '1540', '1535')
  agent = await side.agent()
  merchant = await side.ramp.merchant({})
  await side.listens(merchant)
})

afterEach(async () => {
  await side.close()
  expect(side.failures).toEqual([])
})

const BANK = { paymentMethodType: 'bank_transfer_ng' }
const PAYOUT = {
  ...BANK,
  fields: [
    { identifier: 'account_name', value: 'Jane Doe' },
    { identifier: 'account_number', value: '5555555555' },
    { identifier: 'bank_name', value: 'First Bank' }
  ]
}

async function statuses(): Promise<unknown[]> {
  return (await side.told(merchant)).map(({ type, data }) => `${type} ${String(data.status)}`)
}

describe('case 56: as the merchant sees it', () => {
  it('a created order is told to nobody, and canceled with a webhook', async () => {
    const order = await side.hosted(merchant, { reference: 'one', metadata: { cart: 7 } })
    expect(order).toMatchObject({ status: 'created', amount: '20.0', currency: 'usd', metadata: { cart: 7 } })
    expect(order.hostedLink).toMatch(new RegExp(`^https?://.+/hosted/pay/${order.id}$`))
    expect(await statuses()).toEqual([])
    expect(await side.command(merchant, 'cancelHostedPayment', order.id)).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({ status: 'canceled', p2pPayment: null })
    expect(await statuses()).toEqual(['payment_request.updated canceled'])
    const [event] = await side.told(merchant)
    expect(event?.data).toMatchObject({ id: order.id, reference: 'one', metadata: { cart: 7 }, p2p_payment: null })
  })

  it('an order that was picked up is not canceled by the merchant', async () => {
    const order = await side.hosted(merchant)
    expect(await side.say(order.id, 'pick_up', BANK)).toMatchObject({ status: 200, body: { status: 'picked_up' } })
    expect(await side.command(merchant, 'cancelHostedPayment', order.id)).toBe('INVALID_STATUS')
    expect(await statuses()).toEqual(['payment_request.updated picked_up'])
  })

  it('a withdrawal reserves the amount and the fee at once, in USD only', async () => {
    const order = await side.hosted(merchant, { paymentType: 'withdrawal', currency: null })
    expect(await side.balance(merchant)).toBe('479.7')
    expect(await side.command(merchant, 'cancelHostedPayment', order.id)).toBe(true)
    expect(await side.balance(merchant)).toBe('500.0')
    const local = { ...hostedInput(), paymentType: 'withdrawal', currency: 'local_currency' }
    expect(await side.refusal(merchant.key, HOSTED, local)).toMatch(/^[A-Z_]+$/)
    expect(await side.balance(merchant)).toBe('500.0')
  })

  it('a reference names one order', async () => {
    const order = await side.hosted(merchant, { reference: 'one' })
    expect((await side.hosted(merchant, { reference: 'one' })).id).toBe(order.id)
    expect((await side.hosted(merchant, { reference: 'one', amount: '20.00' })).id).toBe(order.id)
    const other = { ...hostedInput(), reference: 'one', amount: '21' }
    expect(await side.refusal(merchant.key, HOSTED, other)).toBe('DUPLICATE_REFERENCE')
    expect((await side.hosted(merchant)).reference).toMatch(/^[0-9a-f]{16}$/)
  })
})

function hostedInput(): Fields {
  return {
    paymentType: 'deposit',
    amount: '20',
    currency: 'usd',
    countryCode: 'NG',
    firstName: 'Jane',
    lastName: 'Doe',
    email: 'jane@customers.test'
  }
}

describe('the customer', () => {
  it('goes through a deposit', async () => {
    const { id } = await side.hosted(merchant, { reference: 'one', redirectUrl: 'https://shop.test/done' })
    const before = await side.view(id)
    expect(before).toMatchObject({ id, reference: 'one', status: 'created', paymentType: 'deposit', payment: null })
    expect(before.country).toEqual({ code: 'NG', name: 'Nigeria', currency: 'NGN' })
    const rails = before.rails as Fields[]
    expect(rails.find(({ identifier }) => identifier === 'bank_transfer_ng')).toMatchObject({
      exchangeRate: '1550.0',
      amountLocal: '31000.0',
      amountUsd: '20.0'
    })
    expect(rails.filter(({ exchangeRate }) => exchangeRate !== null)).toHaveLength(1)
    const picked = await side.say(id, 'pick_up', { ...BANK, bankAccountNumber: '1111111111' })
    expect(picked.body).toMatchObject({
      status: 'picked_up',
      rails: [],
      payment: { status: 'pending', exchangeRate: '1550.0', amountLocal: '31000.0', amountUsd: '20.0' }
    })
    const { paymentMethod, expiresAtSecs } = picked.body.payment as { paymentMethod: Fields; expiresAtSecs: number }
    expect(paymentMethod.fields).toContainEqual({
      identifier: 'account_number',
      label: expect.any(String) as string,
      value: '0123456789'
    })
    expect(expiresAtSecs).toBeGreaterThan(29 * 60)
    const paymentId = await side.paymentOf(merchant, 'one')
    expect(await agent.payment(paymentId, 'source payerBankAccountNumber')).toEqual({
      source: 'hosted',
      payerBankAccountNumber: '1111111111'
    })
    expect((await side.say(id, 'paid', { receipt: 'slip 7' })).body).toMatchObject({ payment: { status: 'paid' } })
    expect((await side.say(id, 'paid')).status).toBe(200)
    expect(await side.refused(id, 'cancel')).toEqual([409, 'INVALID_STATUS'])
    expect(await agent.command('markDepositAsReceived', paymentId)).toBe(true)
    expect(await side.view(id)).toMatchObject({ status: 'completed', redirectUrl: 'https://shop.test/done' })
    expect(await side.balance(merchant)).toBe('519.7')
    expect(await statuses()).toEqual(['payment_request.updated picked_up', 'payment_request.updated completed'])
  })

  it('goes through a withdrawal', async () => {
    const { id } = await side.hosted(merchant, { reference: 'one', paymentType: 'withdrawal' })
    expect(await side.refused(id, 'pick_up', BANK)).toEqual([422, 'MISSING_FIELD'])
    const picked = await side.say(id, 'pick_up', PAYOUT)
    expect(picked.body).toMatchObject({ payment: { status: 'pending', amountLocal: '30600.0', expiresAt: null } })
    expect(JSON.stringify(picked.body.payment)).toContain('5555555555')
    const paymentId = await side.paymentOf(merchant, 'one')
    expect(await side.refused(id, 'received')).toEqual([409, 'INVALID_STATUS'])
    expect(await agent.command('acceptWithdrawal', paymentId)).toBe(true)
    expect(await side.view(id)).toMatchObject({ payment: { status: 'accepted' } })
    expect(await agent.markPaid(paymentId)).toBe(true)
    expect((await side.say(id, 'received')).body).toMatchObject({ status: 'completed' })
    expect(await side.balance(merchant)).toBe('479.7')
  })

  it('takes an order back before a rail was chosen, and a deposit also after that', async () => {
    const one = await side.hosted(merchant, { reference: 'one' })
    expect((await side.say(one.id, 'cancel')).body).toMatchObject({ status: 'canceled' })
    const other = await side.hosted(merchant)
    await side.say(other.id, 'pick_up', BANK)
    expect((await side.say(other.id, 'cancel')).body).toMatchObject({ status: 'canceled' })
    expect(await agent.profile()).toEqual({ accountBalance: '1000.0', escrowBalance: '0.0' })
    const withdrawal = await side.hosted(merchant, { paymentType: 'withdrawal' })
    expect((await side.say(withdrawal.id, 'cancel')).body).toMatchObject({ status: 'canceled' })
    expect(await side.balance(merchant)).toBe('500.0')
    const late = await side.hosted(merchant, { paymentType: 'withdrawal' })
    await side.say(late.id, 'pick_up', PAYOUT)
    expect(await side.refused(late.id, 'cancel')).toEqual([409, 'INVALID_ORDER_TYPE'])
  })

  it('picks an order up once, however often at once', async () => {
    const { id } = await side.hosted(merchant)
    const answers = await Promise.all(Array.from({ length: 8 }, () => side.say(id, 'pick_up', BANK)))
    for (const { status } of answers) expect([200, 409]).toContain(status)
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    expect(await agent.profile()).toEqual({ accountBalance: '980.0', escrowBalance: '20.0' })
  })

  it('sees rails that nobody serves, and is refused them', async () => {
    const { id } = await side.hosted(merchant, { amount: '1500' })
    const rails = (await side.view(id)).rails as Fields[]
    expect(rails.length).toBeGreaterThan(0)
    for (const rail of rails) expect(rail).toMatchObject({ exchangeRate: null, amountLocal: null, amountUsd: null })
    expect(await side.refused(id, 'pick_up', BANK)).toEqual([409, 'INSUFFICIENT_LIQUIDITY'])
    expect(await side.refused(id, 'pick_up', { paymentMethodType: 'pigeon' })).toEqual([422, 'INVALID_PAYMENT_METHOD'])
    expect(await side.refused(id, 'pick_up', {})).toEqual([422, 'MISSING_FIELD'])
  })
})

describe('the id of an order is all that opens it', () => {
  it('and nothing else does', async () => {
    const { id } = await side.hosted(merchant)
    const direct = await side.deposit(merchant, '20')
    const nobody = globalId(REQUEST_TYPE, '018f5f3c-0000-7000-8000-000000000001')
    for (const other of [direct.id, nobody]) {
      expect((await fetch(side.pageOf(other))).status).toBe(404)
      for (const command of ['pick_up', 'paid', 'received', 'cancel']) {
        expect(await side.refused(other, command, BANK)).toEqual([404, 'NOT_FOUND'])
      }
    }
    for (const other of ['nonsense', '%', '%ff', globalId('MerchantCustomer', merchant.customerId)]) {
      expect(await side.refused(other, 'paid')).toEqual([404, 'INVALID_GLOBAL_ID'])
    }
    const older = Buffer.from(id, 'base64').toString().replace('Types::Cashramp::API::', '')
    expect(await side.view(encodeURIComponent(Buffer.from(older).toString('base64')))).toMatchObject({ id })
    expect(await agent.profile()).toEqual({ accountBalance: '980.0', escrowBalance: '20.0' })
  })

  it('and what it shows is nothing of the merchant but its name, and nothing that the customer did not say', async () => {
    await side.ramp.fund({ kind: 'merchant', id: merchant.id }, '234.56')
    const { id } = await side.hosted(merchant, { metadata: { secret: 'margin 12' }, reference: 'ref' })
    await side.say(id, 'pick_up', BANK)
    for (const accept of ['application/json', 'text/html']) {
      const text = await (await fetch(side.pageOf(id), { headers: { accept } })).text()
      for (const hidden of ['margin 12', 'jane@customers.test', 'Jane', '@merchants.test', agent.email, '734.56']) {
        expect(text).not.toContain(hidden)
      }
      expect(text).not.toContain(agent.id)
      expect(text).not.toContain(merchant.id)
    }
  })
})

describe('the routes', () => {
  it('serve a page to a browser, which can do nothing but what this service sent', async () => {
    const { id } = await side.hosted(merchant)
    const answer = await fetch(side.pageOf(id), { headers: { accept: 'text/html,application/xhtml+xml' } })
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain(`default-src 'none'`)
    expect(policy).not.toMatch(/unsafe|\*|data:|https?:/)
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-frame-options')).toBe('DENY')
    const page = await answer.text()
    expect(page).not.toMatch(/<script(?![^>]* src="\/hosted\/assets\/pay\.js")|<style| style="| on\w+="/)
    for (const [, asset] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect((await fetch(`${side.base}${asset}`)).status).toBe(200)
    }
    const missing = await fetch(side.pageOf('nothing'), { headers: { accept: 'text/html' } })
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  })

  it('show what others have written as text alone', async () => {
    const nasty = `<script>alert(1)</script>"'><img src=x>`
    const { id } = await side.hosted(merchant, { reference: nasty, redirectUrl: 'https://shop.test/?a=1&b="2"' })
    await side.command(merchant, 'cancelHostedPayment', id)
    const page = await (await fetch(side.pageOf(id), { headers: { accept: 'text/html' } })).text()
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<img')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    const link = await side.hosted(merchant, { reference: 'two', redirectUrl: 'https://shop.test/done' })
    await side.command(merchant, 'cancelHostedPayment', link.id)
    expect(await (await fetch(side.pageOf(link.id), { headers: { accept: 'text/html' } })).text()).toContain(
      'href="https://shop.test/done"'
    )
  })

  it('take plain forms, and send their customers back to the page', async () => {
    const { id } = await side.hosted(merchant, { paymentType: 'withdrawal' })
    const form = (fields: Record<string, string>): Promise<Response> =>
      fetch(`${side.pageOf(id)}/pick_up`, {
        method: 'POST',
        redirect: 'manual',
        headers: { accept: 'text/html' },
        body: new URLSearchParams({ ...BANK, ...fields })
      })
    const refused = await form({
      'fields.account_name': 'Jane',
      'fields.account_number': '',
      'fields.bank_name': 'First'
    })
    expect([refused.status, refused.headers.get('content-type')]).toEqual([422, 'text/html; charset=utf-8'])
    expect(await refused.text()).toContain(RAMP_FAILURES.MISSING_FIELD)
    const done = await form({
      'fields.account_name': 'Jane',
      'fields.account_number': '5555555555',
      'fields.bank_name': 'First'
    })
    expect([done.status, done.headers.get('location')]).toEqual([303, `/hosted/pay/${id}`])
    expect(await side.view(id)).toMatchObject({ payment: { status: 'pending' } })
  })

  it('refuse what is no command in so many words', async () => {
    const { id } = await side.hosted(merchant)
    const codeOf = async (answer: Response): Promise<unknown> => {
      const { errors } = (await answer.json()) as { errors: { extensions: Fields }[] }
      return [answer.status, errors[0]?.extensions.code]
    }
    const send = (path: string, init: RequestInit): Promise<unknown> =>
      fetch(`${side.pageOf(id)}${path}`, { method: 'POST', ...init }).then(codeOf)
    const json = { 'content-type': 'application/json' }
    expect(await send('/pick_up', { headers: json, body: '{' })).toEqual([400, 'BAD_REQUEST'])
    expect(await send('/pick_up', { headers: json, body: '[]' })).toEqual([400, 'BAD_REQUEST'])
    expect(await send('/pick_up', { headers: json, body: '{"paymentMethodType":7}' })).toEqual([400, 'BAD_REQUEST'])
    expect(await send('/pick_up', { headers: json, body: '{"paymentMethodType":"a\\u0000"}' })).toEqual([
      400,
      'BAD_REQUEST'
    ])
    for (const fields of [
      '7',
      '[7]',
      '"x"',
      '[{"identifier":"a"}]',
      `[${'{"identifier":"a","value":"b"},'.repeat(40)}{}]`
    ]) {
      const body = `{"paymentMethodType":"bank_transfer_ng","fields":${fields}}`
      expect(await send('/pick_up', { headers: json, body })).toEqual([400, 'BAD_REQUEST'])
    }
    expect(await send('/pick_up', { headers: { 'content-type': 'text/plain' }, body: '{}' })).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE'
    ])
    expect(await send('/pick_up', { headers: json, body: `{"receipt":"${'x'.repeat(20_000)}"}` })).toEqual([
      413,
      'BODY_TOO_LARGE'
    ])
    expect(await send('/paid', { headers: json, body: `{"receipt":"${'x'.repeat(3_000)}"}` })).toEqual([
      400,
      'BAD_REQUEST'
    ])
    expect(await send('/explode', { headers: json, body: '{}' })).toEqual([404, 'NOT_FOUND'])
    expect(await send('/paid/twice', { headers: json, body: '{}' })).toEqual([404, 'NOT_FOUND'])
    expect(await send('', { headers: json, body: '{}' })).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(await fetch(`${side.pageOf(id)}/paid`).then(codeOf)).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect((await fetch(side.pageOf(id), { method: 'PUT' })).status).toBe(405)
    expect((await fetch(`${side.base}/hosted/assets/../pay.js`)).status).toBe(404)
    expect((await fetch(`${side.base}/hosted/assets/%2e%2e%2froutes.ts`)).status).toBe(404)
    expect(await side.view(id)).toMatchObject({ status: 'created' })
  })

  it('open nothing with credentials of other kinds, and nothing else with an id', async () => {
    const { id } = await side.hosted(merchant)
    expect((await post(side.url, { query: '{ account { id } }' }, { authorization: `Bearer ${id}` })).status).toBe(401)
  })
})

describe('limits', () => {
  it('hold for each order and for each address, and say how long to wait', async () => {
    const limited = await MerchantSide.open({ limits: { commandsPerOrder: 3, requestsPerAddress: 12 } })
    try {
      await limited.ramp.market('NGN', '1540', '1535')
      await limited.agent()
      const shop = await limited.ramp.merchant({})
      const [one, other] = [await limited.hosted(shop), await limited.hosted(shop)]
      for (let count = 0; count < 3; count += 1) {
        expect(await limited.refused(one.id, 'paid')).toEqual([409, 'INVALID_STATUS'])
      }
      expect(await limited.refused(one.id, 'paid')).toEqual([429, 'TOO_MANY_REQUESTS'])
      expect(await limited.refused(other.id, 'paid')).toEqual([409, 'INVALID_STATUS'])
      for (let count = 5; count < 12; count += 1) expect((await fetch(limited.pageOf(one.id))).status).toBe(200)
      const answer = await fetch(limited.pageOf(one.id))
      expect(answer.status).toBe(429)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      const forwarded = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
      expect((await fetch(limited.pageOf(one.id), { headers: forwarded })).status).toBe(200)
    } finally {
      await limited.close()
    }
  })

  it('of plain HTTP: only from this machine', async () => {
    const { id } = await side.hosted(merchant)
    for (const headers of [{ 'x-forwarded-for': '203.0.113.9' }, { 'x-forwarded-proto': 'http' }] as Record<
      string,
      string
    >[]) {
      const answer = await fetch(side.pageOf(id), { headers })
      expect(answer.status).toBe(403)
    }
  })

  it('of the service: too much work is told, and nothing else of it', async () => {
    const { id } = await side.hosted(merchant)
    const pages = side.ramp.container.resolve(HostedPages)
    const busy = jest.spyOn(pages, 'cancel').mockRejectedValue(new WriterBusy('the queue has 20000'))
    const [status, code] = await side.refused(id, 'cancel')
    expect([status, code]).toEqual([503, 'OVERLOADED'])
    busy.mockRestore()
    expect((await side.say(id, 'cancel')).status).toBe(200)
  })
})
