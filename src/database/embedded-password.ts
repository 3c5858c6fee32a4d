/** The password with which the embedded PostgreSQL is reached over TCP. The socket needs none. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'pg'
import { ROLE } from './embedded-process'

export function passwordFile(dataFolder: string): string {
  return join(dataFolder, 'postgres-password')
}

/** Makes the password at the first time and keeps it in a file that only its owner may read. */
export async function ensurePassword(client: Client, dataFolder: string): Promise<void> {
  const file = passwordFile(dataFolder)
  try {
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const password = readFileSync(file, 'utf8').trim()
  await client.query(`ALTER ROLE ${ROLE} PASSWORD ${client.escapeLiteral(password)}`)
}
