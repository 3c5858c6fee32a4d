/**
 * The example wallet for one demo, as a process of its own beside the demo's own service. The two only know each
 * other's address, so the address is chosen before either of them starts.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { OwnService, Program } from './own-service'
import { choosePort, SideProgram } from './side-program'

/** What both sides are told. */
export interface WalletPlace {
  readonly port: number
  readonly secret: string
}

const PROGRAM = join(__dirname, '../../examples/wallet/main')

/** How many units of a currency one dollar buys in a demo's own service. */
const DEMO_RATES = { base: 'USD', rates: { EUR: 0.9, GBP: 0.8, KES: 130, NGN: 1500, ZAR: 18 } }

export async function chooseWalletPlace(): Promise<WalletPlace> {
  return { port: await choosePort(), secret: randomUUID() }
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
  private constructor(
    readonly url: string,
    private readonly side: SideProgram
  ) {}

  static async start(program: Program, place: WalletPlace, service: OwnService): Promise<OwnWallet> {
    const side = await SideProgram.start({
      name: 'the wallet',
      program: { ...program, file: PROGRAM },
      args: ['--port', String(place.port), '--journal', join(service.folder, 'wallet.jsonl')],
      env: { ADMIN_URL: service.url, ADMIN_API_TOKEN: service.token, SIGNATURE_SECRET: place.secret },
      sign: 'The wallet listens'
    })
    return new OwnWallet(`http://127.0.0.1:${place.port}`, side)
  }

  /** It leaves nothing undone: what it has not finished is in its journal. */
  stop(): Promise<void> {
    return this.side.stop()
  }
}
