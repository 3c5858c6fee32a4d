/** The PostgreSQL that a benchmark runs on: DATABASE_URL, or one of its own in a temporary folder. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../src/database/embedded'

export async function withBenchServer(use: (url: string) => Promise<void>): Promise<void> {
  const url = process.env.DATABASE_URL
  if (url) return use(url)
  const dataFolder = mkdtempSync(join(tmpdir(), 'hazina-bench-'))
  // The server may run under another account, which has to get through.
  chmodSync(dataFolder, 0o711)
  const server = await startEmbedded({ dataFolder })
  try {
    await use(server.url)
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}
