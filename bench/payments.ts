/**
 * Local payments, each from `createIncomingPayment` to the news of its completion, with a wallet that funds
 * them when the webhook asks for it. The service runs in a process of its own as in production; the wallet and
 * its customers are this process. Every payment is durable at every step.
 *
 *   npm run bench:payments [-- --quick] [-- --callers 1,64,256] [-- --only domestic,exchange]
 */
import type { ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { randomUUID } from 'node:crypto'
import { createScratchDatabase } from './support/database'
import { PaymentWallet, type Customer } from './support/payment-wallet'
import { cpuOf, launchServer, stop } from './support/processes'
import { median, progress, report } from './support/report'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    callers: { type: 'string' },
    only: { type: 'string' },
    profile: { type: 'string' }
  }
})
const SECONDS = options.quick ? 2 : 10
const WARM_UP_SECONDS = options.quick ? 1 : 3
const CALLERS = (options.callers ?? '1,64,256').split(',').map(Number)
const TOKEN = randomUUID()
const CUSTOMERS = 100

interface Asset {
  readonly id: string
  readonly unit: { readonly assetCode: string; readonly assetScale: number }
}

interface Scene {
  readonly name: string
  readonly senders: readonly Customer[]
  readonly receivers: readonly Customer[]
  readonly unit: Asset['unit']
}

async function createAsset(wallet: PaymentWallet, assetCode: string): Promise<Asset> {
  const { asset } = await wallet.mutate(
    'mutation ($input: CreateAssetInput!) { createAsset(input: $input) { code success message asset { id } } }',
    'createAsset',
    { code: assetCode, scale: 2 }
  )
  const { id } = asset as { id: string }
  await wallet.mutate(
    'mutation ($input: AddAssetLiquidityInput!) { addAssetLiquidity(input: $input) { code success message } }',
    'addAssetLiquidity',
    { assetId: id, amount: '1000000000000', id: randomUUID(), idempotencyKey: randomUUID() }
  )
  return { id, unit: { assetCode, assetScale: 2 } }
}

async function createCustomers(wallet: PaymentWallet, { id: assetId }: Asset, name: string): Promise<Customer[]> {
  const customers: Customer[] = []
  for (let number = 0; number < CUSTOMERS; number++) {
    const { paymentPointer } = await wallet.mutate(
      `mutation ($input: CreatePaymentPointerInput!) {
        createPaymentPointer(input: $input) { code success message paymentPointer { id url } } }`,
      'createPaymentPointer',
      { assetId, url: `https://wallet.example/${name}/${number}` }
    )
    const { id: paymentPointerId, url } = paymentPointer as { id: string; url: string }
    customers.push({ paymentPointerId, url })
  }
  return customers
}

async function createScenes(wallet: PaymentWallet): Promise<Scene[]> {
  const [dollar, euro] = [await createAsset(wallet, 'USD'), await createAsset(wallet, 'EUR')]
  const senders = await createCustomers(wallet, dollar, 'alice')
  const scenes = [
    { name: 'domestic', senders, receivers: await createCustomers(wallet, dollar, 'bob'), unit: dollar.unit },
    { name: 'exchange', senders, receivers: await createCustomers(wallet, euro, 'eva'), unit: euro.unit }
  ]
  return scenes.filter(({ name }) => !options.only || options.only.split(',').includes(name))
}

interface Load {
  readonly seconds: number
  /** Of each payment. */
  readonly milliseconds: readonly number[]
}

/** So many callers, each with one payment under way. */
async function load(wallet: PaymentWallet, scene: Scene, callers: number, seconds: number): Promise<Load> {
  const milliseconds: number[] = []
  const start = performance.now()
  const end = start + seconds * 1_000
  let number = 0
  const call = async (): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now()
      const turn = number++
      const sender = scene.senders[turn % CUSTOMERS]!
      const receiver = scene.receivers[(turn * 7) % CUSTOMERS]!
      await wallet.pay(sender, receiver, { value: String(100 + (turn % 900)), ...scene.unit })
      milliseconds.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
  return { seconds: (performance.now() - start) / 1_000, milliseconds }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

const rounded = (value: number): number => Number(value.toFixed(1))

async function measure(wallet: PaymentWallet, service: ChildProcess, scene: Scene, callers: number): Promise<void> {
  progress(`${scene.name}, ${callers} callers`)
  await load(wallet, scene, callers, WARM_UP_SECONDS)
  wallet.webhookMilliseconds.length = 0
  const cpu = await cpuOf(service)
  const ownCpu = process.cpuUsage()
  const { seconds, milliseconds } = await load(wallet, scene, callers, SECONDS)
  const { user, system } = process.cpuUsage(ownCpu)
  const details = {
    callers,
    p50_ms: rounded(median(milliseconds)),
    p99_ms: rounded(percentile(milliseconds, 0.99)),
    webhook_p50_ms: rounded(median(wallet.webhookMilliseconds)),
    webhook_p99_ms: rounded(percentile(wallet.webhookMilliseconds, 0.99)),
    service_cpu_ms: rounded(((await cpuOf(service)) - cpu) / 1_000 / milliseconds.length),
    wallet_cpu_ms: rounded((user + system) / 1_000 / milliseconds.length)
  }
  report({ name: `payments ${scene.name}`, unit: 'payments/s', figure: milliseconds.length / seconds, ...details })
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hazina-bench-'))
  // The embedded server may run under another account, which must get to its data.
  await chmod(folder, 0o755)
  const rates = join(folder, 'rates.json')
  await writeFile(rates, '{"base":"USD","rates":{"EUR":0.93}}')
  const database = process.env.DATABASE_URL ? await createScratchDatabase(process.env.DATABASE_URL) : undefined
  const wallet = await PaymentWallet.open()
  try {
    const environment = {
      ...(database ? { DATABASE_URL: database.url } : { HAZINA_DATA_DIR: join(folder, 'data') }),
      ADMIN_PORT: '0',
      CONNECTOR_PORT: '0',
      OPEN_PAYMENTS_PORT: '0',
      AUTH_PORT: '0',
      ADMIN_API_TOKEN: TOKEN,
      WEBHOOK_URL: wallet.webhookUrl,
      EXCHANGE_RATES_FILE: rates,
      SIGNATURE_SECRET: randomUUID()
    }
    const service = await launchServer('graphql-service', { environment, profile: options.profile })
    wallet.endpoint = { port: service.port, path: '/graphql', token: TOKEN }
    for (const scene of await createScenes(wallet)) {
      for (const callers of CALLERS) await measure(wallet, service.process, scene, callers)
    }
    await stop(service.process)
  } finally {
    await wallet.close()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
