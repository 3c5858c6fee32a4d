/**
 * The ramp through its real port. `updateRates` and `acceptWithdrawal` stand beside the floor of the same requests,
 * bare node:http with cached documents and constant resolvers on the same schema. Whole deposits go from quote to
 * completion, with the webhooks that tell agents and merchants. Everything is durable before it is answered.
 *
 *   npm run bench:ramp [-- --quick] [-- --only rates,accept,deposits] [-- --profile <folder>]
 */
import 'reflect-metadata'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config'
import { globalId } from '../src/services/ramp/global-ids'
import { createScratchDatabase } from './support/database'
import type { Call, LoadOrder, LoadResult } from './support/load-generator'
import { cpuOf, launch, launchServer, stop, type Launch, type Server } from './support/processes'
import { RampCustomers } from './support/ramp-customers'
import { RampScene } from './support/ramp-scene'
import { median, progress, report } from './support/report'
import { withBenchServer } from './support/server'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, profile: { type: 'string' } }
})
const ROUNDS = options.quick ? 1 : 5
const SECONDS = options.quick ? 1 : 3
const CONNECTIONS = 64
const WITHDRAWALS = options.quick ? 1_000 : 16_000
/** Accepted before the clock: while withdrawals were made the service was idle, and somebody else wrote. */
const WARM_UP_WITHDRAWALS = WITHDRAWALS / 4
const DEPOSIT_SECONDS = options.quick ? 2 : 10
const WARM_UP_SECONDS = options.quick ? 1 : 6
/** So many customers that none reaches the limit of a day. */
const PARTIES = { agents: 64, merchants: 8, customersPerMerchant: 32 }

const ANY_PORTS = { ADMIN_PORT: '0', CONNECTOR_PORT: '0', OPEN_PAYMENTS_PORT: '0', AUTH_PORT: '0' }

const { agentPath, merchantPath } = loadConfig({})
const isWanted = (name: string): boolean => !options.only || options.only.split(',').includes(name)

const UPDATE = `mutation ($depositRate: Decimal, $withdrawalRate: Decimal) {
  updateRates(depositRate: $depositRate, withdrawalRate: $withdrawalRate) }`
const ACCEPT = 'mutation ($p2pPayment: ID!) { acceptWithdrawal(p2pPayment: $p2pPayment) }'

interface Endpoint extends Server {
  readonly path: string
}

async function launchEndpoint(file: string, path: string, how: Launch): Promise<Endpoint> {
  return { ...(await launchServer(file, { ...how, profile: options.profile })), path }
}

interface Measured extends LoadResult {
  /** CPU of the server's process, microseconds a request. */
  readonly serverMicroseconds: number
}

async function measure(
  generator: ChildProcess,
  server: Endpoint,
  calls: readonly Call[],
  more: Partial<LoadOrder> = {}
): Promise<Measured> {
  const { port, path } = server
  const cpu = await cpuOf(server.process)
  const order: LoadOrder = {
    port,
    path,
    calls,
    token: '',
    body: '',
    connections: CONNECTIONS,
    seconds: SECONDS,
    expected: 'true}}',
    run: 0,
    ...more
  }
  generator.send(order)
  const [result] = (await once(generator, 'message')) as [LoadResult | { error: string }]
  if ('error' in result) throw new Error(result.error)
  return { ...result, serverMicroseconds: ((await cpuOf(server.process)) - cpu) / result.requests }
}

const rate = ({ requests, seconds }: LoadResult): number => requests / seconds

function compare(name: string, ours: readonly Measured[], bare: readonly Measured[]): void {
  const middle = (results: readonly Measured[], key: keyof Measured): number =>
    Math.round(median(results.map((result) => result[key])))
  report({
    name: `${name}, ${CONNECTIONS} connections`,
    unit: 'requests/s',
    figure: median(ours.map(rate)),
    ceiling: median(bare.map(rate)),
    medianMicroseconds: middle(ours, 'medianMicroseconds'),
    p99Microseconds: middle(ours, 'p99Microseconds'),
    cpuMicroseconds: middle(ours, 'serverMicroseconds'),
    ceilingCpuMicroseconds: middle(bare, 'serverMicroseconds')
  })
}

const callOf = (token: string, query: string, variables: object): Call => ({
  token,
  body: JSON.stringify({ query, variables })
})

async function measureRates(
  generator: ChildProcess,
  service: Endpoint,
  ceiling: Endpoint,
  scene: RampScene
): Promise<void> {
  progress('updateRates')
  const calls = scene.agents.map(({ key }, index) =>
    callOf(key, UPDATE, { depositRate: 1550 + index / 100, withdrawalRate: '1530.5' })
  )
  for (const server of [service, ceiling]) await measure(generator, server, calls)
  const [ours, bare]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await measure(generator, ceiling, calls))
    ours.push(await measure(generator, service, calls))
  }
  compare('mutation updateRates', ours, bare)
}

async function measureAccepts(
  generator: ChildProcess,
  service: Endpoint,
  ceiling: Endpoint,
  scene: RampScene
): Promise<void> {
  const [ours, bare]: [Measured[], Measured[]] = [[], []]
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    progress(`acceptWithdrawal: ${WITHDRAWALS} withdrawals are made`)
    const withdrawals = await scene.pendingWithdrawals(WITHDRAWALS)
    const calls = withdrawals.map(({ agent, payment }) => callOf(agent.key, ACCEPT, { p2pPayment: payment }))
    await measure(generator, service, calls.splice(0, WARM_UP_WITHDRAWALS), { isOnce: true })
    // The machine is not the same from one moment to the next: the floor is measured on both sides.
    const before = await measure(generator, ceiling, calls)
    const own = await measure(generator, service, calls, { isOnce: true })
    const after = await measure(generator, ceiling, calls)
    if (round === 0) continue
    bare.push(before, after)
    ours.push(own)
  }
  compare('mutation acceptWithdrawal', ours, bare)
}

/** Requests by themselves, in the service as it runs in production. */
async function requests(adminUrl: string): Promise<void> {
  const database = await createScratchDatabase(adminUrl)
  const service = await launchEndpoint('graphql-service', agentPath, {
    environment: { ...ANY_PORTS, DATABASE_URL: database.url }
  })
  const ceiling = await launchEndpoint('graphql-ceiling', '/', { args: ['agent'] })
  const generator = launch('load-generator')
  const scene = await RampScene.open(database.url, PARTIES)
  try {
    if (isWanted('rates')) await measureRates(generator, service, ceiling, scene)
    if (isWanted('accept')) await measureAccepts(generator, service, ceiling, scene)
  } finally {
    await scene.close()
    await Promise.all([service.process, ceiling.process, generator].map(stop))
    await database.drop()
  }
}

interface Load {
  readonly seconds: number
  /** Of each deposit. */
  readonly milliseconds: readonly number[]
}

/** So many callers, each with one deposit under way. */
async function load(customers: RampCustomers, scene: RampScene, callers: number, seconds: number): Promise<Load> {
  const milliseconds: number[] = []
  const start = performance.now()
  const end = start + seconds * 1_000
  let turn = 0
  const call = async (): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now()
      const number = turn++
      const merchant = scene.merchants[number % scene.merchants.length]!
      const customer = merchant.customers[Math.floor(number / scene.merchants.length) % merchant.customers.length]!
      await customers.deposit(merchant, globalId('MerchantCustomer', customer.id), '2')
      milliseconds.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
  return { seconds: (performance.now() - start) / 1_000, milliseconds }
}

/** Webhooks to this machine are taken in test mode alone, which the service refuses in production. */
async function deposits(adminUrl: string): Promise<void> {
  const database = await createScratchDatabase(adminUrl)
  const customers = await RampCustomers.open(PARTIES.agents + PARTIES.merchants)
  const environment = { ...ANY_PORTS, DATABASE_URL: database.url, NODE_ENV: 'bench', RAMP_TEST_MODE: 'true' }
  const service = await launchEndpoint('graphql-service', merchantPath, { environment })
  const scene = await RampScene.open(database.url, {
    ...PARTIES,
    webhookUrlOf: (kind, number) =>
      kind === 'agent'
        ? customers.webhookUrlOf(number, `/agent/${number}`)
        : customers.webhookUrlOf(PARTIES.agents + number, '/merchant')
  })
  customers.paths = { port: service.port, agentPath, merchantPath }
  customers.agents = scene.agents
  try {
    for (const callers of [1, CONNECTIONS]) {
      progress(`deposits, ${callers} callers`)
      await load(customers, scene, callers, WARM_UP_SECONDS)
      const cpu = await cpuOf(service.process)
      const { seconds, milliseconds } = await load(customers, scene, callers, DEPOSIT_SECONDS)
      const sorted = [...milliseconds].sort((one, other) => one - other)
      report({
        name: 'deposits from quote to completion',
        unit: 'deposits/s',
        figure: milliseconds.length / seconds,
        callers,
        p50_ms: Number(median(milliseconds).toFixed(1)),
        p99_ms: Number((sorted[Math.floor(sorted.length * 0.99)] ?? 0).toFixed(1)),
        service_cpu_ms: Number((((await cpuOf(service.process)) - cpu) / 1_000 / milliseconds.length).toFixed(2))
      })
    }
  } finally {
    await scene.close()
    await stop(service.process)
    await customers.close()
    await database.drop()
  }
}

void withBenchServer(async (adminUrl) => {
  if (isWanted('rates') || isWanted('accept')) await requests(adminUrl)
  if (isWanted('deposits')) await deposits(adminUrl)
})
