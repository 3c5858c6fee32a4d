/**
 * A town with one service, one wallet and some customers: both are processes of their own, which a test may kill, and
 * they only know each other's address.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AddAssetLiquidityDocument,
  CreateAssetDocument,
  CreateIncomingPaymentDocument,
  CreateOutgoingPaymentDocument,
  CreatePaymentPointerDocument,
  CreateQuoteDocument,
  HazinaClient,
  IncomingPaymentDocument,
  OutgoingPaymentDocument
} from '../../clients/typescript'
import type { Reconciliation } from '../../examples/wallet/reconcile'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { freePort } from '../support/ports'
import { ServiceProcess } from '../support/service-process'
import { until } from '../support/wait'

const ROOT = join(__dirname, '../..')
export const SECRET = 'what both sides know'

/** What of a reconciliation comes over the wire, where amounts are text. */
type Told<Value> = { readonly [Name in keyof Value]: Value[Name] extends bigint ? string : Value[Name] }
export type ToldReconciliation = Told<Reconciliation>

export interface Customer {
  readonly name: string
  readonly paymentPointerId: string
  readonly url: string
  readonly assetCode: string
}

const SCALE = 2

export class Town {
  service!: ServiceProcess
  client!: HazinaClient
  wallet!: WalletProcess
  readonly assets = new Map<string, string>()

  private constructor(
    readonly database: TestDatabase,
    readonly folder: string,
    private readonly ports: { readonly service: number; readonly wallet: number },
    private readonly env: Readonly<Record<string, string>>
  ) {}

  /** `rates`: units of each currency for one USD. */
  static async open(env: Readonly<Record<string, string>> = {}, rates: Record<string, number> = {}): Promise<Town> {
    const folder = mkdtempSync(join(tmpdir(), 'hazina-wallet-'))
    const file = join(folder, 'rates.json')
    writeFileSync(file, JSON.stringify({ base: 'USD', rates }))
    const ports = { service: await freePort(), wallet: await freePort() }
    const town = new Town(await createTestDatabase(), folder, ports, { EXCHANGE_RATES_FILE: file, ...env })
    await town.startService()
    await town.startWallet()
    return town
  }

  async close(): Promise<void> {
    await this.wallet.kill('SIGTERM')
    await this.service.kill('SIGTERM')
    await this.database.drop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async startService(): Promise<void> {
    this.service = await this.startInstance(this.ports.service)
    this.client = new HazinaClient({ url: this.service.url, token: 'a-token' })
  }

  /** Another instance on the same database; it works beside the first one. */
  startNeighbour(): Promise<ServiceProcess> {
    return this.startInstance(0)
  }

  private startInstance(port: number): Promise<ServiceProcess> {
    return ServiceProcess.start({
      DATABASE_URL: this.database.url,
      ADMIN_PORT: String(port),
      ADMIN_API_TOKEN: 'a-token',
      WEBHOOK_URL: `${this.walletUrl}/webhooks`,
      SIGNATURE_SECRET: SECRET,
      INCOMING_PAYMENT_SETTLING_MS: '0',
      WEBHOOK_RETRY_MIN_MS: '50',
      WEBHOOK_RETRY_MAX_MS: '200',
      ...this.env
    })
  }

  async startWallet(...args: string[]): Promise<void> {
    const port = String(this.ports.wallet)
    const journal = join(this.folder, 'wallet.jsonl')
    const own = ['--url', this.service.url, '--token', 'a-token', '--port', port, '--journal', journal]
    this.wallet = await WalletProcess.start(this.walletUrl, [...own, '--secret', SECRET, ...args])
  }

  get walletUrl(): string {
    return `http://127.0.0.1:${this.ports.wallet}`
  }

  async asset(code: string, liquidity = 0n): Promise<string> {
    const known = this.assets.get(code)
    if (known !== undefined) return known
    const { asset } = await this.client.mutate(CreateAssetDocument, { input: { code, scale: SCALE } })
    this.assets.set(code, asset!.id)
    if (liquidity > 0n) {
      const ids = { id: randomUUID(), idempotencyKey: randomUUID() }
      const input = { assetId: asset!.id, amount: liquidity, ...ids }
      await this.client.mutate(AddAssetLiquidityDocument, { input })
    }
    return asset!.id
  }

  /** A customer of the wallet, with some money. */
  async customer(name: string, assetCode: string, money = 0): Promise<Customer> {
    const assetId = await this.asset(assetCode)
    const input = { assetId, url: `https://wallet.example/${name}` }
    const { paymentPointer } = await this.client.mutate(CreatePaymentPointerDocument, { input })
    const { id: paymentPointerId, url } = paymentPointer!
    await this.wallet.post('/accounts', { customer: name, paymentPointerId })
    if (money > 0) await this.wallet.post('/top-ups', { id: `first-${name}`, paymentPointerId, amount: String(money) })
    return { name, paymentPointerId, url, assetCode }
  }

  /** Asks for money. Gives the URL at which it is paid. */
  async request(payee: Customer, amount: number): Promise<{ id: string; receiver: string }> {
    const incomingAmount = { value: amount, assetCode: payee.assetCode, assetScale: SCALE }
    const input = { paymentPointerId: payee.paymentPointerId, incomingAmount, idempotencyKey: randomUUID() }
    const { payment } = await this.client.mutate(CreateIncomingPaymentDocument, { input })
    return { id: payment!.id, receiver: `${payee.url}/incoming-payments/${payment!.id}` }
  }

  /** Quotes and starts a payment; gives its id. The rest is up to the wallet. */
  async pay(payer: Customer, receiver: string): Promise<string> {
    const quote = { paymentPointerId: payer.paymentPointerId, receiver, idempotencyKey: randomUUID() }
    const { quote: quoted } = await this.client.mutate(CreateQuoteDocument, { input: quote })
    return this.start(payer, quoted!.id)
  }

  async start(payer: Customer, quoteId: string): Promise<string> {
    const input = { paymentPointerId: payer.paymentPointerId, quoteId, idempotencyKey: randomUUID() }
    const { payment } = await this.client.mutate(CreateOutgoingPaymentDocument, { input })
    return payment!.id
  }

  async outgoing(id: string): Promise<{ state: string; sent: string }> {
    const { outgoingPayment } = await this.client.request(OutgoingPaymentDocument, { id })
    return { state: outgoingPayment!.state, sent: outgoingPayment!.sentAmount.value }
  }

  async received(id: string): Promise<string> {
    const { incomingPayment } = await this.client.request(IncomingPaymentDocument, { id })
    return incomingPayment!.receivedAmount.value
  }

  /** What the wallet's accounts hold, without those that hold nothing. */
  async balances(): Promise<Record<string, string>> {
    const { balances } = await this.wallet.get<{ balances: { asset: string; account: string; balance: string }[] }>(
      '/balances'
    )
    return Object.fromEntries(
      balances
        .filter(({ balance }) => balance !== '0')
        .map(({ asset, account, balance }) => [`${asset} ${account}`, balance])
    )
  }

  /** The wallet's books against the ledger: balances agree, and so does every line. */
  async reconcile(): Promise<Record<string, ToldReconciliation>> {
    await until(async () => (await this.wallet.get<{ unsettled: number }>('/balances')).unsettled === 0)
    const all = await this.wallet.get<ToldReconciliation[]>('/reconcile')
    for (const { differences, wallet, ledger } of all)
      expect({ differences, ledger }).toEqual({ differences: [], ledger: wallet })
    return Object.fromEntries(all.map((each) => [each.asset, each]))
  }
}

export class WalletProcess {
  log = ''

  private constructor(
    private readonly url: string,
    readonly child: ChildProcess,
    readonly ended: Promise<number | null>
  ) {}

  static async start(url: string, args: readonly string[]): Promise<WalletProcess> {
    const program = ['-r', './scripts/register.cjs', 'examples/wallet/main.ts', ...args]
    const child = spawn(process.execPath, program, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'exit').then(([code]) => code as number | null)
    const wallet = new WalletProcess(url, child, ended)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (wallet.log += text.toString()))
    let hasEnded = false
    void ended.then(() => (hasEnded = true))
    await until(() => hasEnded || wallet.log.includes('The wallet listens'))
    if (hasEnded) throw new Error(`the wallet ended:\n${wallet.log}`)
    return wallet
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }

  async get<Answer>(path: string): Promise<Answer> {
    return (await (await fetch(`${this.url}${path}`)).json()) as Answer
  }

  async post<Answer>(path: string, body: object): Promise<Answer> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }
}
