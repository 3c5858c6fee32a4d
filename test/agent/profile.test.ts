/**
 * What an agent sees of itself (cases 3, 5, 10, 14 and 54).
 *
 * Goal: every field is there, in the form that clients were promised, and says what the ledger says. Method: the
 * Agent API through its real port on a database of the test's own.
 */
import { RampKeyService } from '../../src/services/ramp/parties/ramp-key-service'
import { codesOf } from '../http/support'
import { globalId, parseGlobalId } from '../../src/services/ramp/global-ids'
import { openRamp, type Ramp, type TestAgent } from './support'

let ramp: Ramp
let agent: TestAgent

beforeAll(async () => {
  ramp = await openRamp()
  await ramp.market('NGN', '1540', '1535')
  agent = await ramp.agent({})
})
afterAll(() => ramp.close())

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

it('case 3: a profile by its id, and no key `errors`', async () => {
  const answer = await agent.send('{"query":"query{profile{id}}"}')
  expect(answer.status).toBe(200)
  expect(Object.keys(answer.body)).toEqual(['data'])
  const { id } = answer.body.data?.profile as { id: string }
  expect(Buffer.from(id, 'base64').toString()).toMatch(new RegExp(`^Agent-${UUID}$`))
})

/** What the SDK asks for. */
const SDK_FIELDS = `id email accountBalance escrowBalance bonusEarnings depositAddress verificationStatus
  autoUpdateDepositRate autoUpdateWithdrawalRate creditLine usedCreditLine depositMargin withdrawalMargin
  averageDepositRate averageWithdrawalRate depositsCompleted withdrawalsCompleted totalDepositFiatAmount
  totalDepositUsdAmount totalWithdrawalFiatAmount totalWithdrawalUsdAmount enforceReceiptUpload apiKey`

it("case 10: every field of the SDK's selection", async () => {
  const answer = await agent.ask(`query { profile { ${SDK_FIELDS} } }`)
  expect(answer.body).toEqual({
    data: {
      profile: {
        id: globalId('Agent', agent.id),
        email: agent.email,
        accountBalance: '1000.0',
        escrowBalance: '0.0',
        bonusEarnings: '0.0',
        depositAddress: null,
        verificationStatus: 'verified',
        autoUpdateDepositRate: false,
        autoUpdateWithdrawalRate: false,
        creditLine: '0.0',
        usedCreditLine: '0.0',
        depositMargin: '10.0',
        withdrawalMargin: '5.0',
        averageDepositRate: '0.0',
        averageWithdrawalRate: '0.0',
        depositsCompleted: 0,
        withdrawalsCompleted: 0,
        totalDepositFiatAmount: '0.0',
        totalDepositUsdAmount: '0.0',
        totalWithdrawalFiatAmount: '0.0',
        totalWithdrawalUsdAmount: '0.0',
        enforceReceiptUpload: false,
        apiKey: `${agent.key.slice(0, 'CSHRMP-SECK_'.length + 4)}…${agent.key.slice(-4)}`
      }
    }
  })
  expect(answer.text).not.toContain(agent.key)
})

it('the country, the payment methods and what is beyond the SDK', async () => {
  const answer = await agent.ask(`{ profile { depositRate withdrawalRate totpEnabled
    country { id name code currency { isoCode name } }
    paymentMethods { id value displayValue localCurrencyAvailable deleted ownership designation instant
      type { id identifier label fields { identifier label required } } fields { identifier value } } } }`)
  expect(answer.body.errors).toBeUndefined()
  expect(answer.body.data?.profile).toMatchObject({
    depositRate: '1550.0',
    withdrawalRate: '1530.0',
    totpEnabled: false,
    country: { name: 'Nigeria', code: 'NG', currency: { isoCode: 'NGN' } },
    paymentMethods: [
      {
        id: globalId('P2PPaymentMethod', agent.methodId),
        value: 'Agent Smith - 0123456789',
        displayValue: 'Agent Smith - ******6789',
        localCurrencyAvailable: '5000000.0',
        deleted: false,
        designation: 'both',
        instant: false,
        type: { identifier: 'bank_transfer_ng' },
        fields: expect.arrayContaining([{ identifier: 'account_number', value: '0123456789' }]) as unknown
      }
    ]
  })
  const { country } = answer.body.data?.profile as { country: { id: string } }
  expect(parseGlobalId('Types::Country', country.id)).toBeDefined()
})

it('case 5: a rotated key opens nothing from that moment on', async () => {
  const other = await ramp.agent({})
  const old = other.key
  const { secret } = await other.rotate()
  expect((await other.ask('{ profile { id } }', {}, old)).status).toBe(401)
  expect((await other.ask('{ profile { id } }', {}, secret)).status).toBe(200)
  expect(await ramp.container.resolve(RampKeyService).findBearer(old)).toBeUndefined()
})

describe('case 14', () => {
  const ask = (symbol: string) =>
    agent.ask(
      'query ($symbol: String!) { withdrawalInfo(symbol: $symbol) { symbol name icon networks addressRegex memoRegex } }',
      { symbol }
    )

  it.each(['USDC', 'usdc', 'USDT'])('%s can be withdrawn', async (symbol) => {
    const { body } = await ask(symbol)
    expect(body.errors).toBeUndefined()
    const info = body.data?.withdrawalInfo as { symbol: string; networks: string[]; addressRegex: string }
    expect(info).toMatchObject({ symbol: symbol.toUpperCase(), memoRegex: null })
    expect(info.networks).toEqual(expect.arrayContaining(['OP', 'CELO', 'BASE', 'MATIC', 'BSC']))
    const address = new RegExp(info.addressRegex)
    expect(address.test('0x52908400098527886E0F7030069857D2E4169EE7')).toBe(true)
    expect(address.test('0x52908400098527886E0F7030069857D2E4169EE')).toBe(false)
  })

  it('nothing else can', async () => {
    const answer = await ask('NOPE')
    expect(answer.body).toMatchObject({ data: { withdrawalInfo: null }, errors: [{ message: 'UNSUPPORTED_ASSET' }] })
  })
})

describe('case 54', () => {
  const FIELDS = 'id value displayValue localCurrencyAvailable deleted ownership designation instant'
  const set = (args: Record<string, unknown>) =>
    agent.ask(
      `mutation ($paymentMethod: ID, $paymentMethodType: String, $amountLocal: Decimal!) {
        updatePaymentMethodLiquidity(paymentMethod: $paymentMethod, paymentMethodType: $paymentMethodType,
          amountLocal: $amountLocal) { ${FIELDS} } }`,
      args
    )
  const method = (id = agent.methodId): string => globalId('P2PPaymentMethod', id)

  it('declares fiat by method, and by type', async () => {
    const byMethod = await set({ amountLocal: 5000, paymentMethod: method() })
    expect(byMethod.body.errors).toBeUndefined()
    expect(byMethod.body.data?.updatePaymentMethodLiquidity).toMatchObject({
      id: method(),
      localCurrencyAvailable: '5000.0'
    })
    for (const [paymentMethodType, amountLocal, available] of [
      ['bank_transfer_ng', '7000.25', '7000.25'],
      ['bank_transfer', 0, '0.0'],
      ['bank_transfer_ng', 5_000_000, '5000000.0']
    ] as const) {
      const byType = await set({ amountLocal, paymentMethodType })
      expect(byType.body.data?.updatePaymentMethodLiquidity).toMatchObject({ localCurrencyAvailable: available })
    }
  })

  it('the method decides beside a type', async () => {
    const answer = await set({ amountLocal: 5_000_000, paymentMethod: method(), paymentMethodType: 'mtn_momo_gh' })
    expect(answer.body.data?.updatePaymentMethodLiquidity).toMatchObject({ id: method() })
  })

  it.each([
    [{ amountLocal: 1 }, 'REQUIRED_ATTRIBUTES_MISSING'],
    [{ amountLocal: 1, paymentMethod: null, paymentMethodType: null }, 'REQUIRED_ATTRIBUTES_MISSING'],
    [{ amountLocal: -1, paymentMethodType: 'bank_transfer_ng' }, 'INVALID_AMOUNT'],
    [{ amountLocal: '0.001', paymentMethodType: 'bank_transfer_ng' }, 'INVALID_AMOUNT'],
    [{ amountLocal: 1, paymentMethodType: 'mtn_momo_gh' }, 'NOT_FOUND'],
    [{ amountLocal: 1, paymentMethodType: 'nothing' }, 'NOT_FOUND'],
    [{ amountLocal: 1, paymentMethod: 'nonsense' }, 'INVALID_GLOBAL_ID'],
    [
      { amountLocal: 1, paymentMethod: globalId('P2PPaymentMethod', '3f2b0c1e-8d57-4c55-9a40-6d6b5e0a7d11') },
      'NOT_FOUND'
    ]
  ])('refuses %j', async (args, code) => {
    expect(codesOf(await set(args))).toEqual([code])
    const answer = await agent.ask('{ profile { paymentMethods { localCurrencyAvailable } } }')
    expect(answer.body.data?.profile).toEqual({ paymentMethods: [{ localCurrencyAvailable: '5000000.0' }] })
  })

  it("another agent's method is not there", async () => {
    const other = await ramp.agent({})
    expect(codesOf(await set({ amountLocal: 1, paymentMethod: method(other.methodId) }))).toEqual(['NOT_FOUND'])
  })
})
