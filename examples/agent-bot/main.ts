/**
 * `npm run agent-bot`: the bot as a process.
 */
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { AgentBot } from './bot'
import { startBotServer } from './server'
import { Till } from './till'

interface Options {
  readonly url: string
  readonly key: string
  readonly token: string
  readonly port: string
  readonly till: string
  readonly poll: string
}

const command = new Command('agent-bot')
  .description('A small agent that accepts withdrawals, pays them, and confirms deposits by itself')
  .addOption(
    new Option('--url <url>', 'the Agent API')
      .env('AGENT_API_URL')
      .default('http://127.0.0.1:3001/cashramp/bot/graphql')
  )
  .addOption(new Option('--key <key>', "the agent's secret key").env('AGENT_API_KEY').makeOptionMandatory())
  .addOption(
    new Option('--token <token>', 'the webhook token of that key').env('AGENT_WEBHOOK_TOKEN').makeOptionMandatory()
  )
  .addOption(new Option('--port <port>', 'where the bot listens, on this machine only').default('4002'))
  .addOption(new Option('--till <file>', "the agent's money outside the service").default('./agent-till.jsonl'))
  .addOption(new Option('--poll <seconds>', 'how often it looks for orders that no webhook told of').default('15'))
  .addHelpText(
    'after',
    `
Issue the agent's key with --webhook-url http://127.0.0.1:4002/webhooks; on one machine the service needs RAMP_TEST_MODE=true for that.

  POST /till/receive {"orderId": "…", "amount": "31000.0", "currency": "NGN"}
  GET  /till`
  )
  .action(run)

async function run({ url, key, token, port, till: file, poll }: Options): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new RangeError(`${port} is no port`)
  if (!/^[1-9]\d{0,4}$/.test(poll)) throw new RangeError(`${poll} is no number of seconds`)
  const log = (line: string): void => void process.stdout.write(`${line}\n`)
  const till = await Till.open(resolve(file))
  const bot = new AgentBot({ url, key, till, pollMilliseconds: Number(poll) * 1_000, log })
  const server = await startBotServer({ bot, till, port: Number(port), webhookToken: token })
  log(`The agent listens on ${server.url}. Stop it with Ctrl-C, or kill ${process.pid}`)
  await new Promise<void>((stop) => process.once('SIGINT', stop).once('SIGTERM', stop))
  await server.close()
  await bot.stop()
  await till.close()
}

command.parseAsync().catch((error: unknown) => {
  console.error(String(error))
  process.exitCode = 1
})
