/**
 * Goal: whatever stops, nothing is lost and nothing happens twice: every payment ends once, every customer has what the
 * payments made of their money, and books and ledger agree to the line.
 * Method: payments among customers while the wallet, the service or both are killed and come back; then every balance
 * is computed from the payments alone and compared.
 */
import { LedgerAccountsDocument, LedgerStatementDocument, WebhookDeliveriesDocument } from '../../clients/typescript'
import { verify } from '../ledger/support'
import { until } from '../support/wait'
import { Town, type Customer } from './support'

const START = 1_000_00
const ROUNDS = process.env.HAZINA_TEST_LONG === '1' ? 40 : 5
const PAYMENTS_PER_ROUND = 6

let town: Town
let customers: Customer[]
const ends = new Map<string, { payer: string; payee: string; amount: number }>()

beforeEach(() => open({ WEBHOOK_TIMEOUT: '500' }))
afterEach(() => town.close())

async function open(env: Readonly<Record<string, string>>): Promise<void> {
  town = await Town.open(env)
  ends.clear()
  customers = []
  for (const name of ['alice', 'bob', 'carol']) customers.push(await town.customer(name, 'USD', START))
}

async function pay(number: number): Promise<void> {
  const payer = customers[number % 3]!
  const payee = customers[(number + 1 + (number % 2)) % 3]!
  const amount = 1 + ((number * 7_919) % 2_000)
  const id = await town.pay(payer, (await town.request(payee, amount)).receiver)
  ends.set(id, { payer: payer.name, payee: payee.name, amount })
}

async function expectAllSettled(): Promise<void> {
  for (const id of ends.keys()) await until(async () => (await town.outgoing(id)).state === 'COMPLETED')
  const expected: Record<string, string> = { 'USD/2 outside': String(-START * customers.length) }
  for (const { name } of customers) {
    const moved = [...ends.values()].map(({ payer, payee, amount }) => {
      return (payee === name ? amount : 0) - (payer === name ? amount : 0)
    })
    expected[`USD/2 customer/${name}`] = String(START + moved.reduce((sum, each) => sum + each, 0))
  }
  await until(async () => (await town.balances())['USD/2 service'] === undefined)
  expect(await town.balances()).toEqual(expected)
  expect(await town.reconcile()).toMatchObject({ 'USD/2': { wallet: '0', settlement: '0', others: '0' } })
}

test('a wallet that is down for a while finds everything when it is back', async () => {
  await town.wallet.kill('SIGTERM')
  for (let number = 0; number < 10; number++) await pay(number)
  for (const id of ends.keys()) expect((await town.outgoing(id)).state).toBe('FUNDING')
  await town.startWallet()
  await expectAllSettled()
})

test('a wallet that is killed again and again', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const payments = Array.from({ length: PAYMENTS_PER_ROUND }, (_, index) => pay(round * PAYMENTS_PER_ROUND + index))
    // Somewhere in the middle of them, another place each time.
    await Promise.all(payments.slice(0, 1 + (round % PAYMENTS_PER_ROUND)))
    await town.wallet.kill('SIGKILL')
    await Promise.all(payments)
    await town.startWallet()
  }
  await expectAllSettled()
})

test('a service that is killed again and again, while the wallet waits for its answers', async () => {
  for (let round = 0; round < Math.min(ROUNDS, 10); round++) {
    for (let index = 0; index < PAYMENTS_PER_ROUND; index++) await pay(round * PAYMENTS_PER_ROUND + index)
    await town.service.kill('SIGKILL')
    await town.startService()
  }
  await expectAllSettled()
})

test('two instances share the work, and one after the other is killed in the middle of it', async () => {
  let neighbour = await town.startNeighbour()
  for (let round = 0; round < Math.min(ROUNDS, 10); round++) {
    const payments = Array.from({ length: PAYMENTS_PER_ROUND }, (_, index) => pay(round * PAYMENTS_PER_ROUND + index))
    await Promise.all(payments.slice(0, 1 + (round % PAYMENTS_PER_ROUND)))
    await neighbour.kill('SIGKILL')
    await Promise.all(payments)
    neighbour = await town.startNeighbour()
    await town.service.kill('SIGKILL')
    await town.startService()
  }
  await expectAllSettled()
  await neighbour.kill('SIGTERM')
  await expectExplained()
  expect(await verify(town.database.url)).toMatchObject({ firstBad: undefined, openHolds: 0 })
})

/** Each payment's own account got its amount once and gave it once, and nothing else ever moved there. */
async function expectExplained(): Promise<void> {
  for (const [id, { amount }] of ends) {
    const { ledgerAccounts } = await town.client.request(LedgerAccountsDocument, { ownerId: id })
    const { ledgerAccount } = await town.client.request(LedgerStatementDocument, { id: ledgerAccounts[0]!.id })
    const lines = ledgerAccount!.statement.edges.map(({ node: { side, kind, amount } }) => [side, kind, amount])
    expect({ id, accounts: ledgerAccounts.length, lines }).toEqual({
      id,
      accounts: 1,
      lines: [
        ['CREDIT', 'TRANSFER', String(amount)],
        ['DEBIT', 'TRANSFER', String(amount)]
      ]
    })
  }
}

test('a payment whose quote expires while the wallet is down is not made, and the customer keeps the money', async () => {
  await town.close()
  await open({ QUOTE_LIFESPAN: '300' })
  await town.wallet.kill('SIGTERM')
  const payment = await town.pay(customers[0]!, (await town.request(customers[1]!, 100)).receiver)
  await new Promise((resolve) => setTimeout(resolve, 400))
  await town.startWallet()
  await until(() => /outgoing_payment.created .*: released/.test(town.wallet.log))
  expect((await town.outgoing(payment)).state).toBe('FUNDING')
  await expectAllSettled()
})

test('events that the service has given up to deliver are caught up with', async () => {
  await town.close()
  await open({ WEBHOOK_ATTEMPTS_MAX: '1' })
  await town.wallet.kill('SIGTERM')
  for (let number = 0; number < 3; number++) await pay(number)
  await until(async () => (await dead()) === ends.size * 2)
  await town.startWallet('--catch-up')
  await until(() => town.wallet.log.includes(`${ends.size * 2} events caught up with`))
  await expectAllSettled()
})

async function dead(): Promise<number> {
  const filter = { status: ['DEAD' as const] }
  return (await town.client.request(WebhookDeliveriesDocument, { filter })).webhookDeliveries.edges.length
}
