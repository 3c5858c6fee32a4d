/** A process that holds an embedded PostgreSQL, for the tests to kill. Its options are its first argument. */
import { startEmbedded, type EmbeddedOptions } from '../../src/database/embedded'

const say = (fact: object): void => void process.stdout.write(`${JSON.stringify(fact)}\n`)

async function hold(): Promise<void> {
  const server = await startEmbedded({
    ...(JSON.parse(process.argv[2]!) as EmbeddedOptions),
    onNotice: (notice) => say({ notice }),
    onFailure: (error) => say({ failure: error.message })
  })
  process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))
  // The server itself keeps no process alive; this one waits for its signal.
  setInterval(() => undefined, 60_000)
  say({ url: server.url, serverPid: server.serverPid, isShared: server.isShared, folder: server.folder })
}

hold().catch((error: Error) => {
  say({ failure: error.message })
  process.exitCode = 1
})
