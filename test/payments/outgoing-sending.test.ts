/**
 * Goal: an outgoing payment delivers exactly what was quoted, touches no money but its own, and delivers once to a
 * receiver that others pay or that ends meanwhile.
 * Method: the API on a database of the test's own; attempts are made one at a time, on a clock that the test
 * sets. After every test the ledger is replayed.
 */
import { ANSWER, type Fields } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { processDue, receive, secondsFromNow, shownPayment, storedPayment } from './support'
import { amountOf, Payments } from './outgoing-support'

let payments: Payments
beforeAll(async () => {
  payments = await Payments.open()
})
afterAll(() => payments.close())
afterEach(async () => {
  expect((await verify(payments.database.url)).firstBad).toBeUndefined()
})

describe('sending', () => {
  it('case 108: delivers exactly what was quoted and keeps nothing', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route)
    const payment = await payments.createFunded(route, url, { receiveAmount: amountOf(56, route.receiver.unit) })
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'SENDING', sentAmount: { value: '0' } })
    expect(await payments.step()).toBe(1)
    expect(await payments.shown(payment.id)).toMatchObject({
      state: 'COMPLETED',
      error: null,
      stateAttempts: 0,
      sendAmount: amountOf(112, route.sender.unit),
      sentAmount: amountOf(112, route.sender.unit)
    })
    expect(await shownPayment(payments.api, id)).toMatchObject({ receivedAmount: amountOf(56, route.receiver.unit) })
    const event = await payments.event(payment.id, 'outgoing_payment.completed')
    expect(event.data.payment).toMatchObject({
      state: 'COMPLETED',
      balance: '0',
      sentAmount: amountOf(112, route.sender.unit),
      receiveAmount: amountOf(56, route.receiver.unit)
    })
    expect(event).toMatchObject({ withdrawalAccountId: null, withdrawalAssetId: null, withdrawalAmount: null })
    expect(await payments.step()).toBe(0)
  })

  it('case 113: across assets one liquidity rises by 112 and the other falls by 56', async () => {
    const route = await payments.route('0.5', 1_000n)
    await payments.addLiquidity(route.sender, 10n)
    const { id, url } = await payments.expectPayment(route)
    const payment = await payments.createFunded(route, url, { receiveAmount: amountOf(56, route.receiver.unit) })
    await payments.step()
    expect(await payments.liquidityOf(route.sender)).toBe(122n)
    expect(await payments.liquidityOf(route.receiver)).toBe(944n)
    const { liquidityAccountId } = await payments.stored(payment.id)
    expect(await payments.account(liquidityAccountId)).toEqual({
      posted: { debits: 112n, credits: 112n },
      available: 0n
    })
    expect((await payments.account((await storedPayment(payments.api, id)).accountId)).available).toBe(56n)
  })

  it('within one asset touches no liquidity', async () => {
    const route = await payments.domesticRoute()
    const { id, url } = await payments.expectPayment(route, 70)
    await payments.createFunded(route, url)
    await payments.step()
    expect(await payments.liquidityOf(route.sender)).toBe(0n)
    expect(await shownPayment(payments.api, id)).toMatchObject({ state: 'COMPLETED', receivedAmount: { value: '70' } })
  })

  it('of a fixed send spends all of it', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route)
    const payment = await payments.createFunded(route, url, { sendAmount: amountOf(123, route.sender.unit) })
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '123' } })
    expect(await shownPayment(payments.api, id)).toMatchObject({ receivedAmount: { value: '61' } })
  })

  it('leaves the fee as the balance, which is withdrawn with the event; what was sent stays what it is', async () => {
    const route = await payments.route('0.5')
    const fee = { assetId: route.sender.asset.id, type: 'SENDING', fee: { fixed: '3', basisPoints: 125 } }
    expect(await payments.api.mutate('setFee', 'SetFeeInput', fee, ANSWER)).toMatchObject({ code: '200' })
    const { id, url } = await payments.expectPayment(route)
    const payment = await payments.createFunded(route, url, { receiveAmount: amountOf(50, route.receiver.unit) })
    await payments.step()
    expect(await shownPayment(payments.api, id)).toMatchObject({ receivedAmount: { value: '50' } })
    const event = await payments.event(payment.id, 'outgoing_payment.completed')
    expect(event.data.payment).toMatchObject({
      balance: '5',
      sentAmount: { value: '100' },
      sendAmount: { value: '105' }
    })
    expect(event).toMatchObject({ withdrawalAmount: 5n, withdrawalAssetId: route.sender.asset.id })
    expect(await payments.withdraw(event.id)).toMatchObject({ code: '200' })
    expect(await payments.shown(payment.id)).toMatchObject({ sentAmount: { value: '100' } })
  })

  it('at the quoted rate, whatever the rates are by then', async () => {
    const route = await payments.route('0.5')
    const payment = await payments.createFunded(route, (await payments.expectPayment(route, 10)).url)
    payments.setRates(route.sender.unit.assetCode, { [route.receiver.unit.assetCode]: '0.0001' })
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '20' } })
  })

  it('of many payments to one receiver at once credits each of them', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route)
    const made: Fields[] = []
    for (let count = 0; count < 12; count++) {
      made.push(await payments.createFunded(route, url, { receiveAmount: amountOf(10, route.receiver.unit) }))
    }
    expect(await payments.step()).toBe(12)
    for (const { id } of made) expect(await payments.shown(id)).toMatchObject({ state: 'COMPLETED' })
    expect(await shownPayment(payments.api, id)).toMatchObject({ receivedAmount: { value: '120' } })
  })

  it('case 116: completes with nothing sent when somebody else has paid the receiver', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 10)
    const payment = await payments.createFunded(route, url)
    expect(await receive(payments.api, id, 10n)).toBe('ok')
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '0' } })
    const event = await payments.event(payment.id, 'outgoing_payment.completed')
    expect(event.data.payment).toMatchObject({ balance: '20', sentAmount: { value: '0' } })
    expect(await payments.withdraw(event.id)).toMatchObject({ code: '200' })
    const { liquidityAccountId } = await payments.stored(payment.id)
    expect((await payments.account(liquidityAccountId)).available).toBe(0n)
  })

  it.each([
    [0n, 'processed'],
    [0n, 'not processed yet'],
    [7n, 'processed']
  ])('fails and keeps its money when the receiver expired with %d of 10, %s', async (part, when) => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 10, { expiresAt: secondsFromNow(payments.api, 60) })
    const payment = await payments.createFunded(route, url)
    if (part > 0n) expect(await receive(payments.api, id, part)).toBe('ok')
    payments.api.clock.advanceSeconds(61)
    if (when === 'processed') await processDue(payments.api)
    await payments.step()
    const failed = { state: 'FAILED', error: 'IncomingPaymentExpired', sentAmount: { value: '0' } }
    expect(await payments.shown(payment.id)).toMatchObject(failed)
    const event = await payments.event(payment.id, 'outgoing_payment.failed')
    expect(event.data.payment).toMatchObject({ ...failed, balance: '20' })
    expect(await payments.withdraw(event.id)).toMatchObject({ code: '200' })
  })

  it('delivers only what the receiver still takes', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 10)
    const payment = await payments.createFunded(route, url)
    expect(await receive(payments.api, id, 7n)).toBe('ok')
    await payments.step()
    expect(await shownPayment(payments.api, id)).toMatchObject({ state: 'COMPLETED', receivedAmount: { value: '10' } })
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '6' } })
    const event = await payments.event(payment.id, 'outgoing_payment.completed')
    expect(event.data.payment).toMatchObject({ balance: '14' })
  })

  it('of two payments of all that a receiver wants completes both and delivers once', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 10)
    const made = [await payments.createFunded(route, url), await payments.createFunded(route, url)]
    expect(await payments.step()).toBe(2)
    const shown = await Promise.all(made.map(({ id }) => payments.shown(id)))
    expect(shown.map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED'])
    expect(shown.map(({ sentAmount }) => (sentAmount as { value: string }).value).sort()).toEqual(['0', '20'])
    expect(await shownPayment(payments.api, id)).toMatchObject({ receivedAmount: { value: '10' } })
  })

  it('to a connection that ended completes with nothing sent', async () => {
    const route = await payments.route('0.5')
    const { id } = await payments.expectPayment(route, 10)
    const { connectionId } = await storedPayment(payments.api, id)
    const url = `http://127.0.0.1:3003/connections/${connectionId}`
    const amounts = { receiveAmount: amountOf(10, route.receiver.unit) }
    const made = [await payments.createFunded(route, url, amounts), await payments.createFunded(route, url, amounts)]
    await payments.send((await payments.claim(1))[0]!)
    await payments.step()
    const sent = await Promise.all(made.map(async ({ id }) => (await payments.stored(id)).sentAmount))
    expect(sent).toEqual([20n, 0n])
    expect((await payments.stored(made[1]!.id)).state).toBe('COMPLETED')
  })
})
