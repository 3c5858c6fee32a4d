/**
 * The example wallet for one demo, as a process of its own beside the demo's own service. The two only know each
 * other's address, so the address is chosen before either of them starts.
 */
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inherited, run, ServiceFailed, type OwnService, type Program } from './own-service'

/** What both sides are told. */
export interface WalletPlace {
  readonly port: number
  readonly secret: string
}

const PROGRAM = join(__dirname, '../../examples/wallet/main')
const READY_MILLISECONDS = 60_000
const LOG_CHARACTERS_MAX = 16_384

/** How many units of a currency one dollar buys in a demo's own service. */
const DEMO_RATES = { base: 'USD', rates: { EUR: 0.9, GBP: 0.8, KES: 130, NGN: 1500, ZAR: 18 } }

export async function chooseWalletPlace(): Promise<WalletPlace> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return { port, secret: randomUUID() }
}

/** What the service needs to be told of the wallet, and of the rates between currencies. */
export function serviceSettings({ port, secret }: WalletPlace): {
  readonly settings: Readonly<Record<string, string>>
  readonly rates: object
} {
  const settings = {
    WEBHOOK_URL: `http://127.0.0.1:${port}/webhooks`,
    SIGNATURE_SECRET: secret,
    // Nobody sends stragglers here, so what arrived is announced at once.
    INCOMING_PAYMENT_SETTLING_MS: '0'
  }
  return { settings, rates: DEMO_RATES }
}

export class OwnWallet {
  private log = ''

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly ended: Promise<number | null>
  ) {}

  static async start(program: Program, place: WalletPlace, service: OwnService): Promise<OwnWallet> {
    const env = {
      ...inherited(),
      ADMIN_URL: service.url,
      ADMIN_API_TOKEN: service.token,
      SIGNATURE_SECRET: place.secret
    }
    const args = ['--port', String(place.port), '--journal', join(service.folder, 'wallet.jsonl')]
    const extra = ['-r', require.resolve('./follow-parent')]
    const child = run({ ...program, file: PROGRAM }, args, env, extra)
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const wallet = new OwnWallet(`http://127.0.0.1:${place.port}`, child, ended)
    try {
      await wallet.listening()
    } catch (error) {
      await wallet.stop()
      throw error
    }
    return wallet
  }

  /** It leaves nothing undone: what it has not finished is in its journal. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    const late = setTimeout(() => this.child.kill('SIGKILL'), READY_MILLISECONDS)
    await this.ended
    clearTimeout(late)
  }

  private listening(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new ServiceFailed(reason, this.log))
      const late = setTimeout(() => fail('the wallet was not ready in time'), READY_MILLISECONDS)
      const take = (data: Buffer): void => {
        this.log = (this.log + data.toString()).slice(-LOG_CHARACTERS_MAX)
        if (!this.log.includes('The wallet listens')) return
        clearTimeout(late)
        resolve()
      }
      this.child.stdout?.on('data', take)
      this.child.stderr?.on('data', take)
      this.child.on('error', (error) => fail(error.message))
      void this.ended.then((code) => {
        clearTimeout(late)
        fail(`the wallet ended with ${code} before it was ready`)
      })
    })
  }
}
