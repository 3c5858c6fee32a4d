/**
 * Packets of a neighbour, every one durable before it is answered: those that end here, in one incoming payment,
 * beside the bare receiver library, which stores nothing; and those that go on to another neighbour. The
 * service, whoever sends and whoever takes are processes of their own. Figures are medians of the rounds, in
 * which service and floor take turns.
 *
 *   npm run bench:packets [-- --quick] [-- --callers 20,100] [-- --only receiving,forwarding,exchange]
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createHash, createHmac, createCipheriv, randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serializeIlpPrepare, type IlpPrepare } from 'ilp-packet'
import { Packet } from 'ilp-protocol-stream/dist/src/packet'
import { StreamCredentials, type Credentials } from '../src/interledger/stream/credentials'
import { createScratchDatabase } from './support/database'
import type { PacketOrder, PacketResult } from './support/packet-generator'
import { PaymentWallet } from './support/payment-wallet'
import { cpuOf, launchServer, stop, type Server } from './support/processes'
import { median, progress, report } from './support/report'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    callers: { type: 'string' },
    only: { type: 'string' },
    profile: { type: 'string' }
  }
})
const ROUNDS = options.quick ? 1 : 5
const SECONDS = options.quick ? 2 : 5
const CALLERS = (options.callers ?? '1,20,100').split(',').map(Number)
const PACKETS = 500
const TOKEN = randomUUID()
const ILP_ADDRESS = 'test.bench'
const SECRET = randomBytes(32)
const EXPIRY_MILLISECONDS = 600_000

async function sendPackets(generator: ChildProcess, order: PacketOrder): Promise<PacketResult> {
  generator.send(order)
  const [result] = (await once(generator, 'message')) as [PacketResult | { error: string }]
  if ('error' in result) throw new Error(result.error)
  return result
}

const hmac = (key: Buffer, message: string | Buffer): Buffer => createHmac('sha256', key).update(message).digest()

function prepareOf(destination: string, executionCondition: Buffer, data: Buffer): string {
  const expiresAt = new Date(Date.now() + EXPIRY_MILLISECONDS)
  const address = destination as IlpPrepare['destination']
  return serializeIlpPrepare({ amount: '1', destination: address, executionCondition, expiresAt, data }).toString(
    'base64'
  )
}

/** Packets of one STREAM connection, as its sender makes them. */
function streamPackets({ ilpAddress, sharedSecret }: Credentials): string[] {
  const encryptionKey = hmac(sharedSecret, 'ilp_stream_encryption')
  const fulfillmentKey = hmac(sharedSecret, 'ilp_stream_fulfillment')
  return Array.from({ length: PACKETS }, (_, sequence) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', encryptionKey, iv)
    const sealed = Buffer.concat([cipher.update(new Packet(sequence + 1, 12, '1', [])._serialize()), cipher.final()])
    const data = Buffer.concat([iv, cipher.getAuthTag(), sealed])
    return prepareOf(ilpAddress, createHash('sha256').update(hmac(fulfillmentKey, data)).digest(), data)
  })
}

/** Packets that a neighbour fulfils with zeros. */
function forwardedPackets(destination: string): string[] {
  const condition = createHash('sha256').update(Buffer.alloc(32)).digest()
  return Array.from({ length: PACKETS }, () => prepareOf(`${destination}.bob`, condition, randomBytes(100)))
}

/** What the service is asked to set up, through its API. */
class Setup {
  constructor(private readonly wallet: PaymentWallet) {}

  private mutate(name: string, input: object, fields: string): Promise<Record<string, unknown>> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`
    const text = `mutation ($input: ${type}) { ${name}(input: $input) { code success message ${fields} } }`
    return this.wallet.mutate(text, name, input)
  }

  async asset(code: string): Promise<string> {
    const { asset } = await this.mutate('createAsset', { code, scale: 2 }, 'asset { id }')
    const { id: assetId } = asset as { id: string }
    await this.deposit('addAssetLiquidity', { assetId })
    return assetId
  }

  async peer(assetId: string, staticIlpAddress: string, endpoint: string, token: string): Promise<void> {
    const http = { outgoing: { endpoint, authToken: 'x' }, incoming: { authTokens: [token] } }
    const { peer } = await this.mutate('createPeer', { assetId, staticIlpAddress, http }, 'peer { id }')
    await this.deposit('addPeerLiquidity', { peerId: (peer as { id: string }).id })
  }

  async incomingPayment(assetId: string): Promise<string> {
    const url = `https://wallet.example/${randomUUID()}`
    const { paymentPointer } = await this.mutate('createPaymentPointer', { assetId, url }, 'paymentPointer { id }')
    const { id: paymentPointerId } = paymentPointer as { id: string }
    const { payment } = await this.mutate('createIncomingPayment', { paymentPointerId }, 'payment { id }')
    return (payment as { id: string }).id
  }

  private async deposit(name: string, owner: object): Promise<void> {
    const terms = { amount: '1000000000000000', id: randomUUID(), idempotencyKey: randomUUID() }
    await this.mutate(name, { ...owner, ...terms }, '')
  }
}

interface Load {
  readonly name: string
  readonly packets: readonly string[]
  /** Answers the same packets and stores nothing. */
  readonly floor?: Server
}

async function measure(service: Server, generator: ChildProcess, token: string, load: Load): Promise<void> {
  for (const connections of CALLERS) {
    progress(`${load.name}, ${connections} packets at a time`)
    const order = { token, connections, packets: load.packets }
    const run = (port: number, seconds: number): Promise<PacketResult> =>
      sendPackets(generator, { ...order, port, seconds })
    await run(service.connectorPort, SECONDS / 2)
    const rounds: PacketResult[] = []
    const floors: number[] = []
    let cpu = 0
    for (let round = 0; round < ROUNDS; round++) {
      const before = await cpuOf(service.process)
      const result = await run(service.connectorPort, SECONDS)
      cpu += ((await cpuOf(service.process)) - before) / result.packets / ROUNDS
      rounds.push(result)
      if (load.floor) {
        const { packets, seconds } = await run(load.floor.port, SECONDS)
        floors.push(packets / seconds)
      }
    }
    report({
      name: `packets ${load.name}`,
      unit: 'packets/s',
      figure: median(rounds.map(({ packets, seconds }) => packets / seconds)),
      ...(floors.length > 0 && { ceiling: median(floors) }),
      callers: connections,
      p50_ms: Number((median(rounds.map(({ medianMicroseconds }) => medianMicroseconds)) / 1_000).toFixed(2)),
      p99_ms: Number((median(rounds.map(({ p99Microseconds }) => p99Microseconds)) / 1_000).toFixed(2)),
      service_cpu_us: Math.round(cpu)
    })
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hazina-bench-'))
  // The embedded server may run under another account, which must get to its data.
  await chmod(folder, 0o755)
  const rates = join(folder, 'rates.json')
  await writeFile(rates, '{"base":"USD","rates":{"EUR":1}}')
  const database = process.env.DATABASE_URL ? await createScratchDatabase(process.env.DATABASE_URL) : undefined
  const wallet = await PaymentWallet.open()
  const environment = { STREAM_SECRET: SECRET.toString('base64'), ILP_ADDRESS }
  const generator = fork(join(__dirname, 'support', 'packet-generator.ts'))
  const [hop, receiver] = [
    await launchServer('packet-neighbours', { args: ['hop'], environment }),
    await launchServer('packet-neighbours', { args: ['receiver'], environment })
  ]
  try {
    const settings = {
      ...environment,
      ...(database ? { DATABASE_URL: database.url } : { HAZINA_DATA_DIR: join(folder, 'data') }),
      ADMIN_PORT: '0',
      CONNECTOR_PORT: '0',
      OPEN_PAYMENTS_PORT: '0',
      AUTH_PORT: '0',
      ADMIN_API_TOKEN: TOKEN,
      EXCHANGE_RATES_FILE: rates,
      ILP_PACKETS_PER_MINUTE: '1000000000'
    }
    const service = await launchServer('graphql-service', { environment: settings, profile: options.profile })
    wallet.endpoint = { port: service.port, path: '/graphql', token: TOKEN }
    const setup = new Setup(wallet)
    const [dollar, euro] = [await setup.asset('USD'), await setup.asset('EUR')]
    const token = randomUUID()
    await setup.peer(dollar, 'test.sender', `http://127.0.0.1:${hop.port}`, token)
    await setup.peer(dollar, 'test.taker', `http://127.0.0.1:${hop.port}`, randomUUID())
    await setup.peer(euro, 'test.abroad', `http://127.0.0.1:${hop.port}`, randomUUID())
    const streams = new StreamCredentials({ ilpAddress: ILP_ADDRESS, secret: SECRET })
    const asset = { code: 'USD', scale: 2 }
    const received = streams.issue({ paymentTag: await setup.incomingPayment(dollar), asset })
    const loads: Load[] = [
      { name: 'receiving', packets: streamPackets(received), floor: receiver },
      { name: 'forwarding', packets: forwardedPackets('test.taker') },
      { name: 'exchange', packets: forwardedPackets('test.abroad') }
    ]
    for (const load of loads) {
      if (!options.only || options.only.split(',').includes(load.name)) await measure(service, generator, token, load)
    }
    await stop(service.process)
  } finally {
    generator.kill()
    for (const { process: child } of [hop, receiver]) child.kill()
    await wallet.close()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
