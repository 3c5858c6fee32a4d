/**
 * Goal: the operator's quote endpoint is told all of a quote, may only turn it against the customer, and never
 * holds anybody up.
 * Method: an endpoint on a real socket that says what the test tells it to.
 */
import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import { DataSource } from 'typeorm'
import { Quote } from '../../src/entities'
import { ANSWER, type Fields } from '../admin-v2/support'
import { RecordingServer } from '../support/servers'
import { secondsFromNow } from './support'
import { amountOf, Payments, type Route } from './outgoing-support'

const SECRET = 'between the operator and the service'

let operator: RecordingServer
let payments: Payments
let unsigned: Payments

interface Asked {
  readonly id: string
  readonly sendAmount: Record<string, unknown>
  readonly receiveAmount: Record<string, unknown>
  readonly expiresAt: string
}

beforeAll(async () => {
  operator = await RecordingServer.open(() => undefined)
  const settings = { quoteUrl: operator.url, quoteTimeoutMilliseconds: 3_000 }
  payments = await Payments.open({ ...settings, signatureSecret: SECRET, signatureVersion: 2 })
  unsigned = await Payments.open(settings)
})
afterAll(async () => {
  await payments.close()
  await unsigned.close()
  await operator.close()
})
beforeEach(() => {
  operator.requests.length = 0
  says((asked) => asked)
})

/** The endpoint answers what `change` makes of the quote that it is asked about. */
function says(change: (asked: Asked) => unknown, status = 201): void {
  operator.answering = (_, response, body) => {
    const answer = change(JSON.parse(body) as Asked)
    response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  }
}

const sends = (value: unknown): void => says((asked) => ({ ...asked, sendAmount: { ...asked.sendAmount, value } }))
const receives = (value: unknown): void =>
  says((asked) => ({ ...asked, receiveAmount: { ...asked.receiveAmount, value } }))

const INVALID_AMOUNT = { code: '400', success: false, message: 'invalid amount', quote: null }
const REFUSED = { code: '500', success: false, message: 'Error trying to create quote', quote: null }

let route: Route
let url: string
beforeEach(async () => {
  route = await payments.route('0.5')
  url = (await payments.expectPayment(route)).url
})

const fixedSend = (value = 200): Promise<Fields> =>
  payments.askForQuote(route, url, { sendAmount: amountOf(value, route.sender.unit) })
const fixedReceive = (value = 100): Promise<Fields> =>
  payments.askForQuote(route, url, { receiveAmount: amountOf(value, route.receiver.unit) })

function valuesOf({ quote }: Fields): unknown[] {
  const { sendAmount, receiveAmount } = quote as Record<string, { value: unknown }>
  return [sendAmount!.value, receiveAmount!.value]
}

describe('the request', () => {
  it('tells all of the quote and is signed over its canonical body', async () => {
    const { url: expiring } = await payments.expectPayment(route, 7, { expiresAt: secondsFromNow(payments.api, 60) })
    const answer = await payments.askForQuote(route, expiring)
    const quote = answer.quote as Fields
    expect(operator.requests).toHaveLength(1)
    const { headers, body } = operator.requests[0]!
    expect(headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({
      id: quote.id,
      paymentPointerId: route.sender.paymentPointer.id,
      receiver: expiring,
      sendAmount: amountOf(14, route.sender.unit),
      receiveAmount: amountOf(7, route.receiver.unit),
      createdAt: quote.createdAt,
      expiresAt: quote.expiresAt,
      paymentType: 'FixedDelivery'
    })
    const [, seconds, digest] = /^t=(\d+), v2=([0-9a-f]{64})$/.exec(String(headers['rafiki-signature']))!
    const message = `${seconds}.${canonicalize(JSON.parse(body))}`
    expect(createHmac('sha256', SECRET).update(message).digest('hex')).toBe(digest)
    expect(Math.abs(Number(seconds) * 1_000 - payments.api.clock.now().getTime())).toBeLessThan(60_000)
  })

  it('names a fixed send, and is not signed without a secret', async () => {
    const other = await unsigned.domesticRoute()
    const { url } = await unsigned.expectPayment(other)
    await unsigned.quote(other, url, { sendAmount: amountOf(5, other.sender.unit) })
    expect(operator.requests[0]!.headers).not.toHaveProperty('rafiki-signature')
    expect(JSON.parse(operator.requests[0]!.body)).toMatchObject({ paymentType: 'FixedSend' })
  })
})

describe('fees', () => {
  it('case 98: lower what a fixed send delivers, and raise what a fixed receive costs', async () => {
    receives('90')
    expect(valuesOf(await fixedSend())).toEqual(['200', '90'])
    sends('230')
    expect(valuesOf(await fixedReceive())).toEqual(['230', '100'])
  })

  it('may be none', async () => {
    expect(valuesOf(await fixedSend())).toEqual(['200', '100'])
    expect(valuesOf(await fixedReceive())).toEqual(['200', '100'])
    receives(90)
    expect(valuesOf(await fixedSend())).toEqual(['200', '90'])
  })

  it('are the endpoint’s alone: fees of the asset do not apply', async () => {
    const input = { assetId: route.sender.asset.id, type: 'SENDING', fee: { fixed: '50', basisPoints: 100 } }
    expect(await payments.api.mutate('setFee', 'SetFeeInput', input, ANSWER)).toMatchObject({ code: '200' })
    expect(valuesOf(await fixedSend())).toEqual(['200', '100'])
  })

  it('of a fixed send that would deliver too much are what makes it acceptable', async () => {
    url = (await payments.expectPayment(route, 60)).url
    expect(await fixedSend()).toEqual(INVALID_AMOUNT)
    receives('61')
    expect(await fixedSend()).toEqual(INVALID_AMOUNT)
    receives('60')
    expect(valuesOf(await fixedSend())).toEqual(['200', '60'])
  })

  it('stay in the account when the payment is sent', async () => {
    receives('90')
    const quote = (await fixedSend()).quote as Fields
    const payment = await payments.create(route, quote)
    expect(await payments.deposit(await payments.eventId(payment.id))).toMatchObject({ code: '200' })
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({
      state: 'COMPLETED',
      sentAmount: amountOf(180, route.sender.unit),
      receiveAmount: amountOf(90, route.receiver.unit)
    })
    const event = await payments.event(payment.id, 'outgoing_payment.completed')
    expect(event.data).toMatchObject({ payment: { balance: '20' } })
    expect(await payments.withdraw(event.id)).toMatchObject({ code: '200' })
  })
})

describe('an answer that is not acceptable', () => {
  it.each(['101', '0', '-1', '1.5', 'many', '', '99999999999999999999999', -1, 1.5, null, true, undefined, {}])(
    'case 99: a fixed send that delivers %p',
    async (value) => {
      receives(value)
      expect(await fixedSend()).toEqual(INVALID_AMOUNT)
      expect(await storedQuotes()).toBe(0)
    }
  )

  it.each(['199', '0', '-1', '1.5', 'many', '18446744073709551616', null])(
    'case 99: a fixed receive that costs %p',
    async (value) => {
      sends(value)
      expect(await fixedReceive()).toEqual(INVALID_AMOUNT)
      expect(await storedQuotes()).toBe(0)
    }
  )

  it('changes the amount that was fixed', async () => {
    sends('199')
    expect(await fixedSend()).toEqual(INVALID_AMOUNT)
    sends('201')
    expect(await fixedSend()).toEqual(INVALID_AMOUNT)
    receives('99')
    expect(await fixedReceive()).toEqual(INVALID_AMOUNT)
  })

  it.each([{ assetCode: 'XXX', assetScale: 9 }, { assetCode: '', assetScale: 9 }, { assetScale: 8 }])(
    'is in another asset: %p',
    async (unit) => {
      says((asked) => ({ ...asked, receiveAmount: { ...asked.receiveAmount, ...unit, value: '90' } }))
      expect(await fixedSend()).toEqual(INVALID_AMOUNT)
      says((asked) => ({ ...asked, sendAmount: { ...asked.sendAmount, ...unit, value: '230' } }))
      expect(await fixedReceive()).toEqual(INVALID_AMOUNT)
    }
  )

  it.each(['', '{', '[]', 'null', '"90"', '{"sendAmount":{"value":"200"}}', '{"sendAmount":200,"receiveAmount":100}'])(
    'is %s',
    async (body) => {
      says(() => body)
      expect(await fixedSend()).toEqual(INVALID_AMOUNT)
      expect(await storedQuotes()).toBe(0)
    }
  )
})

describe('no answer', () => {
  it.each([403, 200, 202, 302, 500])('case 99: %i', async (status) => {
    says((asked) => asked, status)
    expect(await fixedSend()).toEqual(REFUSED)
    expect(await storedQuotes()).toBe(0)
  })

  it('in time', async () => {
    operator.answering = () => undefined
    expect(await fixedSend()).toEqual(REFUSED)
  })

  it('at all', async () => {
    operator.answering = (request) => request.socket.destroy()
    expect(await fixedSend()).toEqual(REFUSED)
  })

  it('holds no transaction of the database open meanwhile', async () => {
    let open: unknown
    operator.answering = (_, response, body) => {
      void payments.api.container
        .resolve(DataSource)
        .query(
          `SELECT count(*)::int AS count FROM pg_stat_activity
            WHERE datname = current_database() AND state LIKE 'idle in transaction%'`
        )
        .then((rows: { count: number }[]) => {
          open = rows[0]!.count
          response.writeHead(201).end(body)
        })
    }
    expect(await fixedSend()).toMatchObject({ code: '200' })
    expect(open).toBe(0)
  })
})

function storedQuotes(): Promise<number> {
  const { manager } = payments.api.container.resolve(DataSource)
  return manager.count(Quote, { where: { paymentPointerId: route.sender.paymentPointer.id } })
}
