/**
 * GraphQL over HTTP: the service behind its admin port beside the floor of the same request, bare node:http
 * with cached documents and constant resolvers on the same schema. Both run in a process of their own and are
 * asked by the same generator in a third; they take turns, and figures are medians of the rounds.
 *
 *   npm run bench:graphql [-- --quick] [-- --only query,mutation] [-- --connections 1,16,64] [-- --profile <folder>]
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { randomUUID } from 'node:crypto'
import { createScratchDatabase } from './support/database'
import { UNIQUE, type LoadOrder, type LoadResult } from './support/load-generator'
import { cpuOf, launch, launchServer, stop, type Server } from './support/processes'
import { median, progress, report } from './support/report'
import { withBenchServer } from './support/server'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    connections: { type: 'string' },
    profile: { type: 'string' }
  }
})
const ROUNDS = options.quick ? 1 : 5
const SECONDS = options.quick ? 1 : 3
const CONNECTIONS = (options.connections ?? '1,16,64').split(',').map(Number)
const TOKEN = randomUUID()

const ASSET = 'query Asset($id: String!) { asset(id: $id) { id code scale withdrawalThreshold liquidity createdAt } }'
const ADD =
  'mutation Add($input: AddAssetLiquidityInput!) { addAssetLiquidity(input: $input) { code success message error } }'

interface Work {
  readonly name: string
  readonly body: (assetId: string) => unknown
  readonly expected: string
}

const ALL_WORKS: readonly Work[] = [
  {
    name: 'query asset(id) with liquidity',
    body: (id) => ({ query: ASSET, variables: { id } }),
    expected: '"liquidity":"'
  },
  {
    name: 'mutation addAssetLiquidity',
    body: (assetId) => ({
      query: ADD,
      variables: {
        input: { assetId, amount: '1', id: `0190a5a0-0000-4000-8000-${UNIQUE}`, idempotencyKey: `key ${UNIQUE}` }
      }
    }),
    expected: '"code":"200"'
  }
]
const WORKS = ALL_WORKS.filter(
  ({ name }) => !options.only || options.only.split(',').some((kind) => name.startsWith(kind))
)

/** A server, and where on it the requests go. */
interface Endpoint extends Server {
  readonly path: string
}

let run = 0

interface Measured extends LoadResult {
  /** CPU of the server's process, microseconds a request. */
  readonly serverMicroseconds: number
}

async function measure(
  generator: ChildProcess,
  server: Endpoint,
  order: Omit<LoadOrder, 'port' | 'path' | 'token' | 'run'>
): Promise<Measured> {
  const { port, path } = server
  const cpu = await cpuOf(server.process)
  generator.send({ ...order, port, path, token: TOKEN, run: (run += 1) } satisfies LoadOrder)
  const [result] = (await once(generator, 'message')) as [LoadResult | { error: string }]
  if ('error' in result) throw new Error(result.error)
  return { ...result, serverMicroseconds: ((await cpuOf(server.process)) - cpu) / result.requests }
}

async function createAsset({ port, path }: Endpoint): Promise<string> {
  const query = 'mutation { createAsset(input: { code: "USD", scale: 2 }) { message asset { id } } }'
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ query })
  })
  const { data } = (await answer.json()) as { data?: { createAsset?: { asset?: { id: string }; message: string } } }
  if (!data?.createAsset?.asset) throw new Error(`no asset could be created: ${data?.createAsset?.message}`)
  return data.createAsset.asset.id
}

const rate = ({ requests, seconds }: LoadResult): number => requests / seconds

function middle(results: readonly Measured[], name: keyof Measured): number {
  return Math.round(median(results.map((result) => result[name])))
}

async function compare(
  generator: ChildProcess,
  service: Endpoint,
  ceiling: Endpoint,
  work: Work,
  assetId: string
): Promise<void> {
  const body = JSON.stringify(work.body(assetId))
  const order = { body, expected: work.expected }
  for (const server of [service, ceiling])
    await measure(generator, server, { ...order, connections: 64, seconds: SECONDS })
  for (const connections of CONNECTIONS) {
    progress(`${work.name}, ${connections} connections`)
    const ours: Measured[] = []
    const bare: Measured[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await measure(generator, ceiling, { ...order, connections, seconds: SECONDS }))
      ours.push(await measure(generator, service, { ...order, connections, seconds: SECONDS }))
    }
    report({
      name: `${work.name}, ${connections} connections`,
      unit: 'requests/s',
      figure: median(ours.map(rate)),
      ceiling: median(bare.map(rate)),
      medianMicroseconds: middle(ours, 'medianMicroseconds'),
      p99Microseconds: middle(ours, 'p99Microseconds'),
      cpuMicroseconds: middle(ours, 'serverMicroseconds'),
      ceilingMedianMicroseconds: middle(bare, 'medianMicroseconds'),
      ceilingCpuMicroseconds: middle(bare, 'serverMicroseconds')
    })
  }
}

async function main(adminUrl: string): Promise<void> {
  const database = await createScratchDatabase(adminUrl)
  const environment = {
    DATABASE_URL: database.url,
    ADMIN_API_TOKEN: TOKEN,
    ADMIN_PORT: '0',
    CONNECTOR_PORT: '0',
    OPEN_PAYMENTS_PORT: '0',
    AUTH_PORT: '0'
  }
  const { profile } = options
  const service = { ...(await launchServer('graphql-service', { environment, profile })), path: '/graphql' }
  const ceiling = { ...(await launchServer('graphql-ceiling', { profile })), path: '/' }
  const generator = launch('load-generator')
  try {
    const assetId = await createAsset(service)
    for (const work of WORKS) await compare(generator, service, ceiling, work, assetId)
  } finally {
    await Promise.all([service.process, ceiling.process, generator].map(stop))
    await database.drop()
  }
}

void withBenchServer(main)
