/**
 * What leaves on chain, what is said to have come in that way, and accounts at banks (case 57).
 *
 * Goal: money is reserved while a transaction waits, and moves or comes back exactly once. Method: the Merchant API
 * on a real port; the operator's use case says what became of a transaction.
 */
import { Reader } from '../../src/database/reader'
import { globalId } from '../../src/services/ramp/global-ids'
import { OnchainSettlement } from '../../src/services/ramp/onchain/onchain-settlement'
import { USD_SCALE } from '../../src/services/ramp/money'
import { FloatService } from '../../src/services/ramp/parties/float-service'
import { units, type TestAgent, type TestMerchant } from '../agent/support'
import { valueOf } from '../support/answers'
import { MerchantSide, type Fields } from './support'

const ADDRESS = '0x52908400098527886E0F7030069857D2E4169EE7'
const HASH = `0x${'ab'.repeat(32)}`

let side: MerchantSide
let agent: TestAgent
let merchant: TestMerchant

beforeEach(async () => {
  side = await MerchantSide.open()
  await side.ramp.market('NGN', '1540', '1535')
  agent = await side.agent()
  merchant = await side.ramp.merchant({ usd: '0' })
  await fund('OP', '500', 'aa')
  await side.listens(merchant)
})

afterEach(async () => {
  await side.close()
  expect(side.failures).toEqual([])
})

async function fund(network: string, usd: string, hash: string): Promise<void> {
  const floats = side.ramp.container.resolve(FloatService)
  const bearer = { kind: 'merchant', id: merchant.id } as const
  const amount = units(usd, USD_SCALE)
  const arrival = { bearer, symbol: 'USDC', network, amount, transactionHash: `0x${hash.repeat(32)}` }
  valueOf(await floats.credit(side.ramp.context(), arrival))
}

const WITHDRAW = `mutation ($address: String!, $amountUsd: Decimal!, $network: String, $symbol: String, $metadata: JSON) {
  withdrawOnchain(address: $address, amountUsd: $amountUsd, network: $network, symbol: $symbol, metadata: $metadata) {
    id status quantity symbol network address txhash txhashUrl fee createdAt metadata } }`
const READ = `query ($id: ID!) { onchainWithdrawal(id: $id) { id status quantity fee txhash txhashUrl } }`

function withdraw(more: Fields = {}): Promise<Fields & { readonly id: string }> {
  return side.value(merchant.key, WITHDRAW, { address: ADDRESS, amountUsd: 200, network: 'OP', ...more })
}

const uuidOf = (id: string): string => Buffer.from(id, 'base64').toString().slice('Types::OnchainTx-'.length)

const settlement = (): OnchainSettlement => side.ramp.container.resolve(OnchainSettlement)

/** What the merchant was told of transactions since it listens. */
async function updates(): Promise<Fields[]> {
  return (await side.told(merchant)).filter(({ type }) => type === 'onchain_tx.updated').map(({ data }) => data)
}

describe('case 57: a withdrawal on chain', () => {
  it('reserves the amount and the fee, and debits both when it is settled', async () => {
    const tx = await withdraw({ metadata: { note: 'rent', weights: [1, 2.5] } })
    expect(tx).toMatchObject({
      status: 'pending',
      quantity: '200.0',
      fee: '1.0',
      symbol: 'USDC',
      network: 'OP',
      address: ADDRESS,
      txhash: null,
      txhashUrl: null,
      metadata: { note: 'rent', weights: [1, 2.5] }
    })
    expect(await side.balance(merchant)).toBe('299.0')
    expect(await updates()).toEqual([])
    const context = side.ramp.context()
    valueOf(await settlement().complete(context, uuidOf(tx.id), HASH))
    valueOf(await settlement().complete(context, uuidOf(tx.id), HASH))
    expect(await side.value(merchant.key, READ, { id: tx.id })).toMatchObject({
      status: 'completed',
      txhash: HASH,
      txhashUrl: `https://optimistic.etherscan.io/tx/${HASH}`
    })
    expect(await side.balance(merchant)).toBe('299.0')
    expect(await updates()).toEqual([
      {
        id: tx.id,
        address: ADDRESS,
        status: 'completed',
        quantity: 200,
        fee: 1,
        symbol: 'USDC',
        network: 'OP',
        txhash: HASH
      }
    ])
    expect(await settlement().fail(context, uuidOf(tx.id), 'too late')).toEqual({
      done: false,
      failure: 'INVALID_STATUS'
    })
  })

  it.each(['fail', 'cancel'] as const)('gives the money back on %s', async (end) => {
    const tx = await withdraw()
    valueOf(await settlement()[end](side.ramp.context(), uuidOf(tx.id), 'out of gas'))
    const status = end === 'fail' ? 'failed' : 'canceled'
    expect(await side.value(merchant.key, READ, { id: tx.id })).toMatchObject({ status, txhash: null })
    expect(await side.balance(merchant)).toBe('500.0')
    expect(await updates()).toMatchObject([{ status, quantity: 200, fee: 1, txhash: null }])
  })

  it('ends once, whoever says how at the same time', async () => {
    const tx = await withdraw()
    const context = side.ramp.context()
    const ends = await Promise.all([
      settlement().complete(context, uuidOf(tx.id), HASH),
      settlement().fail(context, uuidOf(tx.id), 'no'),
      settlement().cancel(context, uuidOf(tx.id), 'no'),
      settlement().complete(context, uuidOf(tx.id), HASH)
    ])
    expect(await updates()).toHaveLength(1)
    const { status } = await side.value(merchant.key, READ, { id: tx.id })
    expect(await side.balance(merchant)).toBe(status === 'completed' ? '299.0' : '500.0')
    expect(ends.filter(({ done }) => done).length).toBeGreaterThanOrEqual(1)
  })

  it('ends once when the same is said twice at the same time, and both are told so', async () => {
    const context = side.ramp.context()
    for (const say of [
      (id: string) => settlement().complete(context, id, HASH),
      (id: string) => settlement().fail(context, id, 'no'),
      (id: string) => settlement().cancel(context, id, 'no')
    ]) {
      const before = (await updates()).length
      const tx = await withdraw({ amountUsd: 20 })
      const ends = await Promise.all([1, 2, 3, 4].map(() => say(uuidOf(tx.id))))
      expect(new Set(ends.map((answer) => valueOf(answer).status)).size).toBe(1)
      expect(await updates()).toHaveLength(before + 1)
    }
  })

  it('is settled or failed, and whoever said the other is told so', async () => {
    const tx = await withdraw()
    const context = side.ramp.context()
    const ends = await Promise.all([
      settlement().complete(context, uuidOf(tx.id), HASH),
      settlement().fail(context, uuidOf(tx.id), 'no')
    ])
    expect(ends.map((end) => (end.done ? 'done' : end.failure)).sort()).toEqual(['INVALID_STATUS', 'done'])
    expect(await updates()).toHaveLength(1)
  })

  it('two transactions do not have one hash', async () => {
    const [one, other] = [await withdraw({ amountUsd: 20 }), await withdraw({ amountUsd: 20 })]
    valueOf(await settlement().complete(side.ramp.context(), uuidOf(one.id), HASH))
    const answer = await settlement().complete(side.ramp.context(), uuidOf(other.id), HASH)
    expect(answer).toEqual({ done: false, failure: 'DUPLICATE_REFERENCE' })
    expect(await side.value(merchant.key, READ, { id: other.id })).toMatchObject({ status: 'pending' })
    expect(await side.balance(merchant)).toBe('458.0')
  })

  it('has one name, however its hash is written, and none that is no hash', async () => {
    const [one, other] = [await withdraw({ amountUsd: 20 }), await withdraw({ amountUsd: 20 })]
    const complete = (id: string, hash: string): ReturnType<OnchainSettlement['complete']> =>
      settlement().complete(side.ramp.context(), uuidOf(id), hash)
    expect(await complete(one.id, ' ')).toEqual({ done: false, failure: 'REQUIRED_ATTRIBUTES_MISSING' })
    for (const hash of ['0xabcd', 'not a transaction', 'a'.repeat(129)]) {
      expect(await complete(one.id, hash)).toEqual({ done: false, failure: 'INVALID_ADDRESS' })
    }
    const written = ` 0X${'AB'.repeat(32)} `
    expect(valueOf(await complete(one.id, written))).toMatchObject({ transactionHash: HASH })
    expect(valueOf(await complete(one.id, HASH))).toMatchObject({ status: 'completed', transactionHash: HASH })
    expect(await complete(other.id, written)).toEqual({ done: false, failure: 'DUPLICATE_REFERENCE' })
  })

  it('goes to CELO in USDC if nothing is said', async () => {
    await fund('CELO', '100', 'bb')
    const tx = await side.value(
      merchant.key,
      'mutation ($address: String!, $amountUsd: Decimal!) { withdrawOnchain(address: $address, amountUsd: $amountUsd) { symbol network fee status } }',
      { address: ADDRESS, amountUsd: '50' }
    )
    expect(tx).toEqual({ symbol: 'USDC', network: 'CELO', fee: '0.01', status: 'pending' })
    expect(await side.balance(merchant)).toBe('549.99')
  })

  it('is refused with nothing reserved', async () => {
    const refused = (more: Fields): Promise<string> =>
      side.refusal(merchant.key, WITHDRAW, { address: ADDRESS, amountUsd: 200, network: 'OP', ...more })
    expect(await refused({ amountUsd: '9.99' })).toBe('BELOW_MINIMUM')
    expect(await refused({ amountUsd: '0' })).toBe('INVALID_AMOUNT')
    expect(await refused({ amountUsd: '10.0000001' })).toBe('INVALID_AMOUNT')
    expect(await refused({ address: '0x1234' })).toBe('INVALID_ADDRESS')
    expect(await refused({ address: '' })).toBe('INVALID_ADDRESS')
    expect(await refused({ network: 'SOLANA' })).toBe('UNSUPPORTED_NETWORK')
    expect(await refused({ symbol: 'DOGE' })).toBe('UNSUPPORTED_ASSET')
    expect(await refused({ amountUsd: '499.000001' })).toBe('INSUFFICIENT_BALANCE')
    expect(await refused({ network: 'BSC' })).toBe('INSUFFICIENT_LIQUIDITY')
    expect(await refused({ metadata: ['a list'] })).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(await refused({ metadata: { much: 'x'.repeat(16_384) } })).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(await side.balance(merchant)).toBe('500.0')
    expect(await withdraw({ amountUsd: '499' })).toMatchObject({ status: 'pending' })
    expect(await side.balance(merchant)).toBe('0.0')
  })

  it('is spent once, however many ask for all of it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        side.ask(merchant.key, WITHDRAW, { address: ADDRESS, amountUsd: 400, network: 'OP' })
      )
    )
    expect(answers.filter(({ body }) => !body.errors)).toHaveLength(1)
    expect(await side.balance(merchant)).toBe('99.0')
  })

  it('is seen by its merchant alone', async () => {
    const tx = await withdraw()
    const other = await side.ramp.merchant({})
    expect(await side.refusal(other.key, READ, { id: tx.id })).toBe('NOT_FOUND')
    const nobody = globalId('Types::OnchainTx', '018f5f3c-0000-7000-8000-000000000001')
    expect(await side.refusal(merchant.key, READ, { id: nobody })).toBe('NOT_FOUND')
    expect(await side.refusal(merchant.key, READ, { id: 'x' })).toBe('INVALID_GLOBAL_ID')
  })
})

describe('a deposit to a wallet', () => {
  const info = { address: ADDRESS, cryptocurrency: 'usd_coin', network: 'op' }

  async function completed(more: Fields = {}): Promise<Fields & { readonly id: string }> {
    const order = await side.deposit(merchant, '20', { reference: 'one', onchainTransferInfo: { ...info, ...more } })
    expect(await agent.command('markDepositAsReceived', await side.paymentOf(merchant, 'one'))).toBe(true)
    return order
  }

  async function delivery(): Promise<string> {
    const { nodes } = await settlement().pending({ direction: 'forward', limit: 10 })
    expect(nodes).toHaveLength(1)
    return nodes[0]!.id
  }

  it('is delivered without the fees, and debited when it is on chain', async () => {
    await completed()
    expect(await side.request(merchant, 'one')).toMatchObject({
      status: 'completed',
      onchainAddress: ADDRESS,
      onchainCryptocurrency: 'USDC',
      onchainNetwork: 'OP',
      onchainFee: '1.0',
      onchainTxHash: null
    })
    expect(await side.balance(merchant)).toBe('500.0')
    valueOf(await settlement().complete(side.ramp.context(), await delivery(), HASH))
    expect(await side.balance(merchant)).toBe('500.0')
    expect(await side.request(merchant, 'one')).toMatchObject({ onchainTxHash: HASH })
    expect(await updates()).toMatchObject([{ status: 'completed', quantity: 18.7, fee: 1, txhash: HASH }])
  })

  it('costs what the merchant was told when it was placed, whatever the network costs by then', async () => {
    await side.deposit(merchant, '20', { reference: 'one', onchainTransferInfo: info })
    // As if it had been placed when the network cost more.
    const text = `UPDATE ramp_request SET onchain_fee = 2500000 WHERE reference = 'one'`
    await side.ramp.container.resolve(Reader).rows({ name: 'another_fee', text, values: [] })
    expect(await agent.command('markDepositAsReceived', await side.paymentOf(merchant, 'one'))).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({ status: 'completed', onchainFee: '2.5' })
    const tx = await settlement().find(await delivery())
    expect(tx).toMatchObject({ quantity: 17_200_000n, fee: 2_500_000n })
    expect(await side.balance(merchant)).toBe('500.0')
  })

  it('stays in the balance when the delivery fails', async () => {
    await completed()
    valueOf(await settlement().fail(side.ramp.context(), await delivery(), 'no gas'))
    expect(await side.balance(merchant)).toBe('519.7')
  })

  it('stays in the balance when there are no coins on the network', async () => {
    await completed({ network: 'base' })
    expect(await side.balance(merchant)).toBe('519.7')
    expect(await updates()).toMatchObject([{ status: 'failed', network: 'BASE', quantity: 19.67, fee: 0.03 }])
  })

  it('needs a wallet that there can be', async () => {
    const quote = await side.quote(merchant, 'deposit', '20')
    const refused = (more: Fields): Promise<string> => {
      const onchainTransferInfo = { ...info, ...more }
      return side.refusal(
        merchant.key,
        'mutation ($rampQuote: ID!, $info: OnchainTransferInfo) { initiateRampQuoteDeposit(rampQuote: $rampQuote, onchainTransferInfo: $info) { id } }',
        { rampQuote: quote.id, info: onchainTransferInfo }
      )
    }
    expect(await refused({ address: 'bc1q' })).toBe('INVALID_ADDRESS')
    expect(await refused({ network: 'dogechain' })).toBe('UNSUPPORTED_NETWORK')
    expect(await refused({ cryptocurrency: 'dogecoin' })).toBe('UNSUPPORTED_ASSET')
    expect(await agent.profile()).toEqual({ accountBalance: '1000.0', escrowBalance: '0.0' })
  })
})

describe('a transaction that pays for a withdrawal', () => {
  const CONFIRM = `mutation ($paymentRequest: ID!, $transactionHash: String!) {
    confirmTransaction(paymentRequest: $paymentRequest, transactionHash: $transactionHash) }`

  function confirm(paymentRequest: string, transactionHash: string, key = merchant.publicKey): Promise<unknown> {
    return side.ask(key, CONFIRM, { paymentRequest, transactionHash }).then(({ body }) => {
      return body.errors ? body.errors[0]?.message : body.data?.confirmTransaction
    })
  }

  it('is noted once, for one order', async () => {
    const one = await side.hosted(merchant, { paymentType: 'withdrawal', reference: 'one' })
    const other = await side.hosted(merchant, { paymentType: 'withdrawal' })
    expect(await confirm(one.id, HASH)).toBe(true)
    expect(await confirm(one.id, HASH.toUpperCase().replace('0X', '0x'))).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({ onchainTxHash: HASH })
    expect(await confirm(other.id, HASH)).toBe('DUPLICATE_REFERENCE')
    expect(await confirm(one.id, `0x${'cd'.repeat(32)}`)).toBe('INVALID_STATUS')
    expect(await confirm(other.id, 'nope')).toBe('INVALID_ADDRESS')
    const deposit = await side.hosted(merchant)
    expect(await confirm(deposit.id, `0x${'ef'.repeat(32)}`)).toBe('INVALID_ORDER_TYPE')
    const stranger = await side.ramp.merchant({})
    expect(await confirm(one.id, HASH, stranger.key)).toBe('NOT_FOUND')
  })

  it('is told with whatever becomes of the order', async () => {
    const one = await side.hosted(merchant, { paymentType: 'withdrawal', reference: 'one' })
    expect(await confirm(one.id, HASH)).toBe(true)
    const fields = [
      { identifier: 'account_name', value: 'Jane Doe' },
      { identifier: 'account_number', value: '5555555555' },
      { identifier: 'bank_name', value: 'First Bank' }
    ]
    await side.say(one.id, 'pick_up', { paymentMethodType: 'bank_transfer', fields })
    expect(await agent.command('cancelWithdrawal', await side.paymentOf(merchant, 'one'))).toBe(true)
    const other = await side.hosted(merchant, { paymentType: 'withdrawal' })
    const otherHash = `0x${'cd'.repeat(32)}`
    expect(await confirm(other.id, otherHash)).toBe(true)
    expect(await side.command(merchant, 'cancelHostedPayment', other.id)).toBe(true)
    const unpaid = await side.hosted(merchant, { paymentType: 'withdrawal' })
    expect(await side.command(merchant, 'cancelHostedPayment', unpaid.id)).toBe(true)
    expect((await side.told(merchant)).map(({ data }) => [data.status, data.onchain_txhash])).toEqual([
      ['picked_up', HASH],
      ['canceled', HASH],
      ['canceled', otherHash],
      ['canceled', null]
    ])
  })

  it('is noted once, also when all say it at once', async () => {
    const orders = await Promise.all(
      Array.from({ length: 6 }, () => side.hosted(merchant, { paymentType: 'withdrawal' }))
    )
    const answers = await Promise.all(orders.map(({ id }) => confirm(id, HASH)))
    expect(answers.filter((answer) => answer === true)).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'DUPLICATE_REFERENCE')).toHaveLength(5)
  })
})

describe('a virtual bank account', () => {
  const REQUEST = `mutation ($customerId: ID, $customer: ID) {
    requestVirtualBankAccount(customerId: $customerId, customer: $customer) {
      id status accountName accountNumber bankName city country line1 postalCode state routingNumber createdAt } }`

  it('is charged at once, by either name of its argument', async () => {
    const customer = globalId('MerchantCustomer', merchant.customerId)
    const account = await side.value(merchant.key, REQUEST, { customer })
    expect(account).toMatchObject({ status: 'pending', accountNumber: null, routingNumber: null })
    expect(await side.balance(merchant)).toBe('497.0')
    await side.value(merchant.key, REQUEST, { customerId: customer })
    expect(await side.balance(merchant)).toBe('494.0')
    const read = 'query ($id: ID!) { virtualBankAccount(id: $id) { id status } }'
    expect(await side.value(merchant.key, read, { id: account.id })).toEqual({ id: account.id, status: 'pending' })
    const other = await side.ramp.merchant({})
    expect(await side.refusal(other.key, read, { id: account.id })).toBe('NOT_FOUND')
  })

  it('is refused without a customer, and without the money', async () => {
    const customer = globalId('MerchantCustomer', merchant.customerId)
    expect(await side.refusal(merchant.key, REQUEST, {})).toBe('REQUIRED_ATTRIBUTES_MISSING')
    const both = { customer, customerId: customer }
    expect(await side.refusal(merchant.key, REQUEST, both)).toBe('REQUIRED_ATTRIBUTES_MISSING')
    const poor = await side.ramp.merchant({ usd: '2.99' })
    const own = globalId('MerchantCustomer', poor.customerId)
    expect(await side.refusal(poor.key, REQUEST, { customer: own })).toBe('INSUFFICIENT_BALANCE')
    expect(await side.balance(poor)).toBe('2.99')
    expect(await side.refusal(poor.key, REQUEST, { customer })).toBe('NOT_FOUND')
  })
})
