/**
 * `updateRates` (cases 8 and 15 to 23, and the worked examples).
 *
 * Goal: each example stores exactly its pair of rate and margin, or nothing; rates follow the market only where
 * they should, whatever happens at once. Method: the Agent API through its real port on a database of the test's
 * own, the market moved through the service that the operator moves it with.
 */
import { MarketRates } from '../../src/services/ramp/rates/market-rates'
import { AgentService } from '../../src/services/ramp/parties/agent-service'
import { codesOf } from '../http/support'
import { openRamp, type Ramp, type TestAgent } from './support'

let ramp: Ramp
let agent: TestAgent

beforeAll(async () => {
  ramp = await openRamp()
})
afterAll(() => ramp.close())

beforeEach(async () => {
  await ramp.market('NGN', '1540', '1535')
  agent = await ramp.agent({ rates: ['1545', '1530'] })
  expect(await pairs()).toEqual({ deposit: ['1545.0', '5.0'], withdrawal: ['1530.0', '5.0'] })
})

interface Pairs {
  readonly deposit: readonly unknown[]
  readonly withdrawal: readonly unknown[]
}

async function pairs(): Promise<Pairs> {
  const answer = await agent.ask('{ profile { depositRate depositMargin withdrawalRate withdrawalMargin } }')
  const { depositRate, depositMargin, withdrawalRate, withdrawalMargin } = answer.body.data?.profile as never
  return { deposit: [depositRate, depositMargin], withdrawal: [withdrawalRate, withdrawalMargin] }
}

const START: Pairs = { deposit: ['1545.0', '5.0'], withdrawal: ['1530.0', '5.0'] }

/** With the arguments written out in the document. */
async function update(args: string): Promise<unknown> {
  const answer = await agent.ask(`mutation { updateRates${args && `(${args})`} }`)
  expect(answer.status).toBe(200)
  if (!answer.body.errors) return answer.body.data?.updateRates
  expect(answer.body.data).toEqual({ updateRates: null })
  const [{ message, extensions } = { message: '', extensions: { code: '' } }] = answer.body.errors
  expect(extensions).toMatchObject({ code: message, detail: expect.any(String) as string })
  return message
}

const DONE: readonly [string, string, Partial<Pairs>][] = [
  ['case 16, E1', 'depositRate: 1550, withdrawalRate: 1530', { deposit: ['1550.0', '10.0'] }],
  ['case 17, E2', 'depositRate: 1530', { deposit: ['1530.0', '0.0'] }],
  ['case 17, E3', 'withdrawalRate: 1600', { withdrawal: ['1600.0', '0.0'] }],
  ['case 16, E4', 'depositMargin: 12.5', { deposit: ['1552.5', '12.5'] }],
  ['case 16, E5', 'withdrawalMargin: 12.5', { withdrawal: ['1522.5', '12.5'] }],
  ['case 18, E6', 'depositRate: 1550, depositMargin: 99', { deposit: ['1550.0', '10.0'] }],
  ['E7', 'withdrawalRate: 1530, withdrawalMargin: 99', {}],
  [
    'case 16, E8',
    'depositRate: 1550, withdrawalMargin: 20',
    { deposit: ['1550.0', '10.0'], withdrawal: ['1515.0', '20.0'] }
  ],
  ['E9', 'depositMargin: 7, withdrawalMargin: 7', { deposit: ['1547.0', '7.0'], withdrawal: ['1528.0', '7.0'] }],
  ['case 19, E12', 'depositRate: null, depositMargin: 10', { deposit: ['1550.0', '10.0'] }],
  ['E13', 'depositMargin: 0', { deposit: ['1540.0', '0.0'] }],
  ['E14', 'depositRate: 1540', { deposit: ['1540.0', '0.0'] }],
  ['E17', 'depositRate: 1550, depositMargin: -5', { deposit: ['1550.0', '10.0'] }],
  ['E21', 'depositRate: "1550.25"', { deposit: ['1550.25', '10.25'] }]
]

it.each(DONE)('%s: %s', async (_, args, stored) => {
  expect(await update(args)).toBe(true)
  expect(await pairs()).toEqual({ ...START, ...stored })
})

const REFUSED: readonly [string, string, string][] = [
  ['case 15, E10', '', 'REQUIRED_ATTRIBUTES_MISSING'],
  [
    'case 19, E11',
    'depositRate: null, depositMargin: null, withdrawalRate: null, withdrawalMargin: null',
    'REQUIRED_ATTRIBUTES_MISSING'
  ],
  ['case 20, E15', 'depositRate: 0', 'INVALID_RATE'],
  ['case 20, E15', 'depositRate: -1', 'INVALID_RATE'],
  ['case 20, E16', 'depositMargin: -5', 'INVALID_MARGIN'],
  ['case 20, E18', 'withdrawalMargin: 1535', 'INVALID_RATE'],
  ['case 20, E19', 'withdrawalMargin: 1600', 'INVALID_RATE'],
  ['case 21, E20', 'depositRate: 1550, withdrawalMargin: 9999', 'INVALID_RATE'],
  ['E22', 'depositRate: 1550.1234567', 'INVALID_RATE']
]

it.each(REFUSED)('%s changes nothing: %s', async (_, args, code) => {
  expect(await update(args)).toBe(code)
  expect(await pairs()).toEqual(START)
})

it('case 8: a literal, a number and a string store the same', async () => {
  expect(await update('depositRate: 1550.1')).toBe(true)
  expect((await pairs()).deposit).toEqual(['1550.1', '10.1'])
  for (const value of ['1550.1', '"1550.1"', '1550.10', '1550.100000']) {
    await update('depositRate: 1')
    const query = 'mutation ($rate: Decimal) { updateRates(depositRate: $rate) }'
    const answer = await agent.send(`{"query":${JSON.stringify(query)},"variables":{"rate":${value}}}`)
    expect(answer.body).toEqual({ data: { updateRates: true } })
    expect((await pairs()).deposit).toEqual(['1550.1', '10.1'])
  }
  const answer = await agent.ask('mutation ($rate: Decimal) { updateRates(depositRate: $rate) }', { rate: '1e3' })
  expect(codesOf(answer)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
})

it('case 23, E23 and E24: the market moves only the rates that follow it', async () => {
  await update('depositRate: 1550, withdrawalRate: 1530')
  await ramp.market('NGN', '1560', '1555')
  expect(await pairs()).toEqual({ deposit: ['1550.0', '10.0'], withdrawal: ['1530.0', '5.0'] })
  await follow(true, false)
  await ramp.market('NGN', '1561', '1556')
  expect(await pairs()).toEqual({ deposit: ['1571.0', '10.0'], withdrawal: ['1530.0', '5.0'] })
  await follow(false, true)
  await ramp.market('NGN', '1560', '1555')
  expect(await pairs()).toEqual({ deposit: ['1571.0', '10.0'], withdrawal: ['1550.0', '5.0'] })
  await ramp.market('GHS', '15', '14')
  expect(await pairs()).toEqual({ deposit: ['1571.0', '10.0'], withdrawal: ['1550.0', '5.0'] })
})

it('a market below the margin ends the offer, and `updateRates` does not change the flags', async () => {
  await follow(true, true)
  await ramp.market('NGN', '4', '5')
  expect(await pairs()).toEqual({ deposit: ['9.0', '5.0'], withdrawal: [null, '5.0'] })
  expect(await update('withdrawalRate: 3')).toBe(true)
  const answer = await agent.ask('{ profile { autoUpdateDepositRate autoUpdateWithdrawalRate } }')
  expect(answer.body.data?.profile).toEqual({ autoUpdateDepositRate: true, autoUpdateWithdrawalRate: true })
})

it('E25: there is nothing to measure without a market', async () => {
  agent = await ramp.agent({ country: 'MW' })
  expect(await update('depositRate: 1550')).toBe('MARKET_RATE_UNAVAILABLE')
  expect(await pairs()).toEqual({ deposit: [null, '0.0'], withdrawal: [null, '0.0'] })
})

it('no rate is left at a market that has moved, whoever comes first', async () => {
  await follow(true, true)
  const markets = ramp.container.resolve(MarketRates)
  for (let round = 1; round <= 10; round++) {
    const buy = 2_000n + BigInt(round)
    await Promise.all([
      update(`depositMargin: ${round}, withdrawalMargin: ${round}`),
      markets.set(new Date(), 'NGN', { buy: buy * 1_000_000n, sell: buy * 1_000_000n }),
      update(`depositMargin: ${round}, withdrawalMargin: ${round}`)
    ])
    expect(await pairs()).toEqual({
      deposit: [`${buy + BigInt(round)}.0`, `${round}.0`],
      withdrawal: [`${buy - BigInt(round)}.0`, `${round}.0`]
    })
  }
})

it('agents set their rates at the same time, each its own', async () => {
  const agents = await Promise.all(Array.from({ length: 8 }, () => ramp.agent({ rates: ['1545', '1530'] })))
  await Promise.all(
    agents.flatMap((each, index) =>
      [0, 1, 2].map(() =>
        each.ask('mutation ($rate: Decimal) { updateRates(depositRate: $rate) }', { rate: 1600 + index })
      )
    )
  )
  const rates = await Promise.all(
    agents.map(async (each) => (await each.ask('{ profile { depositRate } }')).body.data?.profile)
  )
  expect(rates).toEqual(agents.map((_, index) => ({ depositRate: `${1600 + index}.0` })))
})

async function follow(deposit: boolean, withdrawal: boolean): Promise<void> {
  await ramp.container.resolve(AgentService).update(ramp.context(), agent.id, {
    autoUpdateDepositRate: deposit,
    autoUpdateWithdrawalRate: withdrawal
  })
}
