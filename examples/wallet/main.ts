/**
 * `npm run wallet`: the wallet as a process.
 */
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { HazinaClient } from '../../clients/typescript'
import { startWalletServer } from './server'
import { Wallet } from './wallet'

interface Options {
  readonly url: string
  readonly token?: string
  readonly port: string
  readonly journal: string
  readonly secret: string
  readonly catchUp?: boolean
}

const command = new Command('wallet')
  .description('A small wallet beside the service: it funds the payments of its customers and collects what they get')
  .addOption(new Option('--url <url>', 'the Admin API').env('ADMIN_URL').default('http://127.0.0.1:3001/graphql'))
  .addOption(new Option('--token <token>', 'shown to the Admin API').env('ADMIN_API_TOKEN'))
  .addOption(new Option('--port <port>', 'where the wallet listens, on this machine only').default('4001'))
  .addOption(new Option('--journal <file>', 'its only storage').default('./wallet.jsonl'))
  .addOption(
    new Option('--secret <secret>', 'what the service signs webhooks with')
      .env('SIGNATURE_SECRET')
      .makeOptionMandatory()
  )
  .option('--catch-up', 'first takes in events that webhooks did not bring')
  .addHelpText(
    'after',
    `
Start the service with WEBHOOK_URL=http://127.0.0.1:4001/webhooks and the same SIGNATURE_SECRET.

  POST /accounts     {"customer": "alice", "paymentPointerId": "…"}
  POST /top-ups      {"id": "…", "paymentPointerId": "…", "amount": "1000"}
  GET  /balances     GET /reconcile     GET /events/<id>`
  )
  .action(run)

async function run({ url, token, port, journal, secret, catchUp }: Options): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new RangeError(`${port} is no port`)
  const client = new HazinaClient({ url, token })
  const log = (line: string): void => void process.stdout.write(`${line}\n`)
  const wallet = await Wallet.open({ client, journal: resolve(journal), log })
  const server = await startWalletServer({ wallet, client, port: Number(port), signatureSecret: secret })
  log(`The wallet listens on ${server.url}. Stop it with Ctrl-C, or kill ${process.pid}`)
  if (catchUp) log(`${await wallet.catchUp()} events caught up with`)
  await new Promise<void>((stop) => process.once('SIGINT', stop).once('SIGTERM', stop))
  await server.close()
  await wallet.stop()
}

command.parseAsync().catch((error: unknown) => {
  console.error(String(error))
  process.exitCode = 1
})
