/**
 * Money that moves (cases 47 to 54).
 *
 * Goal: every outcome of the operations, with its code, text and error name; what one generation began the
 * other can end. Method: through both schemas of one service; after every test the ledger is replayed.
 */
import { randomUUID } from 'node:crypto'
import type { WebhookEventType } from '../../src/entities/webhook-event'
import { creditPaymentPointer } from '../admin-v2/fixtures'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { Payments } from '../payments/outgoing-support'
import { processDue, receive } from '../payments/support'
import { call, createAsset, createPeer, createPointer, rowsOf, v1Of, without } from './support'

const ERROR = `${ANSWER} error`

let payments: Payments
let v2: TestApi
let v1: TestApi

beforeAll(async () => {
  payments = await Payments.open({ withdrawalThrottleDelayMilliseconds: 0 })
  v2 = payments.api
  v1 = v1Of(v2)
})
afterAll(() => payments.close())
afterEach(async () => {
  expect((await verify(payments.database.url)).firstBad).toBeUndefined()
})

const success = (message: string): object => ({ code: '200', success: true, message, error: null })
const refusal = (code: string, message: string, error: string | null): object => ({
  code,
  success: false,
  message,
  error
})
const AMOUNT_ZERO = refusal('400', 'Amount is zero', 'AmountZero')
const INVALID_ID = refusal('400', 'Invalid id', 'InvalidId')
const TRANSFER_EXISTS = refusal('409', 'Transfer exists', 'TransferExists')
const INSUFFICIENT = refusal('403', 'Insufficient balance', 'InsufficientBalance')

interface Owner {
  /** As names of operations spell it. */
  readonly name: 'Peer' | 'Asset'
  readonly id: string
}

const OWNERS = ['Peer', 'Asset'] as const

async function create(name: Owner['name']): Promise<Owner> {
  return { name, id: (await (name === 'Peer' ? createPeer(v1) : createAsset(v1))).id }
}

function move(verb: 'add' | 'create', { name, id: ownerId }: Owner, amount: number, id: string): Promise<Fields> {
  const operation = `${name}Liquidity${verb === 'add' ? '' : 'Withdrawal'}`
  const type = `${verb === 'add' ? 'Add' : 'Create'}${operation}Input`
  const input = { [`${name.toLowerCase()}Id`]: ownerId, amount: String(amount), id }
  return v1.mutate(`${verb}${operation}`, type, input, ERROR)
}

const add = (owner: Owner, amount: number, id: string = randomUUID()): Promise<Fields> => move('add', owner, amount, id)
const withdraw = (owner: Owner, amount: number, id: string = randomUUID()): Promise<Fields> =>
  move('create', owner, amount, id)
const end = (verb: 'finalize' | 'rollback', withdrawalId: string): Promise<Fields> =>
  call(v1, `${verb}LiquidityWithdrawal`, 'String', { withdrawalId }, ERROR)
const event = (verb: 'deposit' | 'withdraw', eventId: string): Promise<Fields> =>
  call(v1, `${verb}EventLiquidity`, 'String', { eventId }, ERROR)

describe.each(OWNERS)('liquidity of a %s', (name) => {
  const kind = name.toLowerCase()

  it('case 47, case 50: goes in and out', async () => {
    const owner = await create(name)
    expect(await add(owner, 100)).toEqual(success(`Added ${kind} liquidity`))
    expect(await withdraw(owner, 101)).toEqual(INSUFFICIENT)
    expect(await withdraw(owner, 0)).toEqual(AMOUNT_ZERO)
    expect(await withdraw(owner, 100)).toEqual(success(`Created ${kind} liquidity withdrawal`))
    expect(await withdraw(owner, 1)).toEqual(INSUFFICIENT)
  })

  it('case 48, case 49: is refused in the order of the checks', async () => {
    const owner = await create(name)
    const unknown = { name, id: randomUUID() }
    const id: string = randomUUID()
    expect(await add(owner, 1, id)).toMatchObject({ code: '200' })
    for (const operate of [add, withdraw]) {
      expect(await operate(unknown, 0, 'nonsense')).toEqual(AMOUNT_ZERO)
      expect(await operate(unknown, 1, 'nonsense')).toEqual(refusal('404', `Unknown ${kind}`, `Unknown${name}`))
      expect(await operate(owner, 1, 'nonsense')).toEqual(INVALID_ID)
      expect(await operate(owner, 1, '018f4e7a-9b2c-7def-8123-456789abcdef')).toEqual(INVALID_ID)
      expect(await operate(owner, 5, id)).toEqual(TRANSFER_EXISTS)
    }
    const unexpected = (verb: string): object => refusal('400', `Error trying to ${verb}`, null)
    const nobody = { name, id: 'nonsense' }
    expect(await add(nobody, 1)).toEqual(unexpected(`add ${kind} liquidity`))
    expect(await withdraw(nobody, 1)).toEqual(unexpected(`create ${kind} liquidity withdrawal`))
    const table = kind
    expect(await without(v2, table, () => add(owner, 1))).toEqual(unexpected(`add ${kind} liquidity`))
  })

  it('case 52: of a withdrawal is final once it is finalized or rolled back', async () => {
    const committed = refusal('409', 'Withdrawal already finalized', 'AlreadyCommitted')
    const rolledBack = refusal('409', 'Withdrawal already rolled back', 'AlreadyRolledBack')
    const owner = await create(name)
    await add(owner, 100)
    const [one, other] = [randomUUID(), randomUUID()] as [string, string]
    for (const id of [one, other]) expect(await withdraw(owner, 50, id)).toMatchObject({ code: '200' })
    expect(await end('finalize', one)).toEqual(success('Finalized Withdrawal'))
    expect(await end('rollback', other)).toEqual(success('Rolled Back Withdrawal'))
    for (const verb of ['finalize', 'rollback'] as const) {
      expect(await end(verb, one)).toEqual(committed)
      expect(await end(verb, other)).toEqual(rolledBack)
      expect(await end(verb, randomUUID())).toEqual(refusal('404', 'Unknown withdrawal', 'UnknownTransfer'))
      expect(await end(verb, 'nonsense')).toEqual(INVALID_ID)
    }
    // What was rolled back is there again, what was finalized is not.
    expect(await withdraw(owner, 51)).toEqual(INSUFFICIENT)
    expect(await withdraw(owner, 50)).toMatchObject({ code: '200' })
  })

  it('that was withdrawn in one generation is ended in the other', async () => {
    const owner = await create(name)
    await add(owner, 100)
    const endInV2 = (verb: 'Post' | 'Void', withdrawalId: string): Promise<Fields> => {
      const input = { withdrawalId, idempotencyKey: randomUUID() }
      return v2.mutate(`${verb.toLowerCase()}LiquidityWithdrawal`, `${verb}LiquidityWithdrawalInput`, input, ERROR)
    }
    const createInV2 = async (): Promise<string> => {
      const id: string = randomUUID()
      const input = { [`${kind}Id`]: owner.id, amount: '10', id, idempotencyKey: randomUUID() }
      const operation = `reate${name}LiquidityWithdrawal`
      expect(await v2.mutate(`c${operation}`, `C${operation}Input`, input, ERROR)).toMatchObject({ code: '200' })
      return id
    }
    const [first, second, third] = [await createInV2(), await createInV2(), randomUUID() as string]
    expect(await end('finalize', first)).toEqual(success('Finalized Withdrawal'))
    expect(await end('rollback', second)).toEqual(success('Rolled Back Withdrawal'))
    expect(await endInV2('Post', first)).toMatchObject({ code: '409', error: 'AlreadyPosted' })
    expect(await endInV2('Void', second)).toMatchObject({ code: '409', error: 'AlreadyVoided' })
    await withdraw(owner, 10, third)
    expect(await endInV2('Post', third)).toMatchObject({ code: '200' })
    expect(await end('finalize', third)).toMatchObject({ code: '409', error: 'AlreadyCommitted' })
  })
})

it('answers an error of the request when a withdrawal has expired', async () => {
  const short = await TestApi.open(payments.database.url, { clock: v2.clock, settings: { withdrawalHoldSeconds: 60 } })
  try {
    const owner = await create('Asset')
    await add(owner, 10)
    const id = randomUUID()
    const input = { assetId: owner.id, amount: '10', id }
    const type = 'CreateAssetLiquidityWithdrawalInput'
    expect(await v1Of(short).mutate('createAssetLiquidityWithdrawal', type, input, ERROR)).toMatchObject({
      code: '200'
    })
    v2.clock.advanceSeconds(61)
    for (const verb of ['finalize', 'rollback']) {
      const field = `${verb}LiquidityWithdrawal`
      const { data, errors } = await v1.run(`mutation ($id: String!) { ${field}(withdrawalId: $id) { code } }`, { id })
      expect(data).toEqual({ [field]: null })
      expect(errors).toEqual([{ message: 'TransferExpired', path: field, code: 'INTERNAL_SERVER_ERROR' }])
    }
  } finally {
    await short.close()
  }
})

describe('createPaymentPointerWithdrawal', () => {
  function withdrawAll(paymentPointerId: string, id: string = randomUUID()): Promise<Fields> {
    const fields = `${ERROR} withdrawal { id amount paymentPointer { id url } }`
    const type = 'CreatePaymentPointerWithdrawalInput'
    return v1.mutate('createPaymentPointerWithdrawal', type, { paymentPointerId, id }, fields)
  }

  it('case 51: reserves all that there is, once', async () => {
    const { id: pointer, url } = await createPointer(v1)
    await creditPaymentPointer(v2, pointer, 100n)
    const id: string = randomUUID()
    expect(await withdrawAll(pointer, 'nonsense')).toEqual({ ...INVALID_ID, withdrawal: null })
    expect(await withdrawAll(pointer, id)).toEqual({
      ...success('Created account withdrawal'),
      withdrawal: { id, amount: '100', paymentPointer: { id: pointer, url } }
    })
    expect(await withdrawAll(pointer)).toEqual({ ...AMOUNT_ZERO, withdrawal: null })
    expect(await end('rollback', id)).toEqual(success('Rolled Back Withdrawal'))
    expect(await withdrawAll(pointer, id)).toEqual({ ...TRANSFER_EXISTS, withdrawal: null })
    expect(await withdrawAll(randomUUID())).toEqual({
      ...refusal('404', 'Unknown payment pointer', 'UnknownPaymentPointer'),
      withdrawal: null
    })
  })

  it('further case: has no word for a pointer that never received anything', async () => {
    const message = 'Error trying to create payment pointer withdrawal'
    const unexpected = { ...refusal('500', message, null), withdrawal: null }
    const { id } = await createPointer(v1)
    expect(await withdrawAll(id)).toEqual(unexpected)
    expect(await withdrawAll('nonsense')).toEqual(unexpected)
    expect(await without(v2, 'payment_pointer', () => withdrawAll(id))).toEqual(unexpected)
  })
})

describe('the money of events', () => {
  /** A payment that waits for its money, and its event. */
  async function unfunded(value = 20): Promise<{ id: string; eventId: string; assetId: string; receiverId: string }> {
    const route = await payments.domesticRoute()
    const { id: receiverId, url } = await payments.expectPayment(route, value)
    const { id } = await payments.createFor(route, url)
    return { id, eventId: await payments.eventId(id), assetId: route.sender.asset.id, receiverId }
  }

  async function idOf(resourceId: string, type: WebhookEventType): Promise<string> {
    return (await payments.event(resourceId, type)).id
  }

  it('case 53: funds a payment once, under the id of its event', async () => {
    const { id, eventId, assetId } = await unfunded()
    expect(await event('deposit', eventId)).toEqual(success('Deposited liquidity'))
    expect(await payments.shown(id)).toMatchObject({ state: 'SENDING' })
    expect((await payments.account((await payments.stored(id)).liquidityAccountId)).available).toBe(20n)
    expect(await add({ name: 'Asset', id: assetId }, 1, eventId)).toEqual(TRANSFER_EXISTS)
    expect(await event('deposit', eventId)).toEqual(TRANSFER_EXISTS)
    await payments.step()
  })

  it('case 53: refuses an event that is none of a payment that waits, and one whose id was used', async () => {
    const { eventId, assetId, receiverId } = await unfunded()
    const other = await idOf(receiverId, 'incoming_payment.created')
    for (const id of [randomUUID(), other, 'nonsense']) expect(await event('deposit', id)).toEqual(INVALID_ID)
    expect(await without(v2, 'webhook_event', () => event('deposit', eventId))).toEqual(
      refusal('400', 'Error trying to deposit liquidity', null)
    )
    await add({ name: 'Asset', id: assetId }, 1, eventId)
    expect(await event('deposit', eventId)).toEqual(TRANSFER_EXISTS)
  })

  it('has no word for a quote that has expired', async () => {
    const { eventId } = await unfunded()
    v2.clock.advanceSeconds(301)
    expect(await event('deposit', eventId)).toEqual(refusal('400', 'Error trying to deposit liquidity', null))
  })

  const EVENTS: readonly (readonly [WebhookEventType, () => Promise<string>])[] = [
    [
      'incoming_payment.completed',
      async () => {
        const { eventId, receiverId } = await unfunded()
        await event('deposit', eventId)
        await payments.step()
        v2.clock.advanceSeconds(31)
        await processDue(v2)
        return receiverId
      }
    ],
    [
      'incoming_payment.expired',
      async () => {
        const { id } = await payments.expectPayment(await payments.domesticRoute(), 100)
        expect(await receive(v2, id, 5n)).toBe('ok')
        v2.clock.advanceSeconds(31 * 86_400)
        await processDue(v2)
        v2.clock.advanceSeconds(31)
        await processDue(v2)
        return id
      }
    ],
    [
      'outgoing_payment.completed',
      async () => {
        const { id, eventId, receiverId } = await unfunded(30)
        await event('deposit', eventId)
        // The receiver gets what it wants from elsewhere, so all of the payment's money is left.
        expect(await receive(v2, receiverId, 30n)).toBe('ok')
        await payments.step()
        return id
      }
    ],
    [
      'outgoing_payment.failed',
      async () => {
        const { id, eventId } = await unfunded(30)
        await event('deposit', eventId)
        await rowsOf(v2, 'UPDATE quote SET receiver = $2 WHERE id = $1', [
          id,
          'https://nobody.test/x/incoming-payments/y'
        ])
        for (let attempt = 0; attempt < 10 && (await payments.stored(id)).state === 'SENDING'; attempt++) {
          v2.clock.advanceSeconds(61)
          await payments.step()
        }
        return id
      }
    ],
    [
      'payment_pointer.web_monetization',
      async () => {
        const { id } = await createPointer(v1)
        await creditPaymentPointer(v2, id, 9n)
        const due = `INSERT INTO payment_pointer_income (payment_pointer_id, received_amount, announced_amount, announce_at)
          VALUES ($1, 9, 0, '2020-01-01')`
        await rowsOf(v2, due, [id])
        expect(await call(v1, 'triggerPaymentPointerEvents', 'Int', { limit: 5 }, ANSWER)).toMatchObject({
          code: '200'
        })
        return id
      }
    ]
  ]

  it.each(EVENTS)('case 54: of a %s is withdrawn once', async (type, happen) => {
    const id = await idOf(await happen(), type)
    expect(await event('withdraw', id)).toEqual(success('Withdrew liquidity'))
    expect(await event('withdraw', id)).toEqual(TRANSFER_EXISTS)
  })

  it('case 54: is not withdrawn of an event without any, nor of one that is not there', async () => {
    const { eventId, receiverId } = await unfunded()
    const created = await idOf(receiverId, 'incoming_payment.created')
    for (const id of [eventId, created, randomUUID(), 'nonsense'])
      expect(await event('withdraw', id)).toEqual(INVALID_ID)
    expect(await without(v2, 'webhook_event', () => event('withdraw', eventId))).toEqual(
      refusal('400', 'Error trying to withdraw liquidity', null)
    )
  })
})
