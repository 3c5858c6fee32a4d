/**
 * TypeORM's command line on the project's data source. Without DATABASE_URL it uses the embedded PostgreSQL.
 *
 *   npm run typeorm -- migration:show
 */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { loadConfig } from '../src/config'
import { startEmbedded } from '../src/database/embedded'

const ROOT = resolve(__dirname, '..')

async function main(args: readonly string[]): Promise<void> {
  const { databaseUrl, dataFolder } = loadConfig(process.env)
  const embedded = databaseUrl === undefined ? await startEmbedded({ dataFolder }) : undefined
  const cli = [join(ROOT, 'node_modules/typeorm/cli.js'), ...args, '--dataSource', join(ROOT, 'ormconfig.ts')]
  const child = spawn(process.execPath, ['-r', join(__dirname, 'register.cjs'), ...cli], {
    env: { ...process.env, DATABASE_URL: databaseUrl ?? embedded?.url },
    stdio: 'inherit'
  })
  process.exitCode = await new Promise<number>((done) => child.on('close', (code) => done(code ?? 1)))
  await embedded?.stop()
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
