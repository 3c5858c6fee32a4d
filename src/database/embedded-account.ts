/**
 * Which account runs the embedded PostgreSQL. The server refuses to run as root, so root hands it to an
 * unprivileged account; everybody else runs it as is.
 */
import { execFileSync } from 'node:child_process'
import { lstatSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Accounts that root hands the server to, in order of preference. */
const UNPRIVILEGED_ACCOUNTS = ['postgres', 'nobody']

/** The account for a new data directory, or undefined when the server runs as the process itself does. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of UNPRIVILEGED_ACCOUNTS) {
    const account = accountNamed(name)
    if (account) return account
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and this machine has none of the accounts ${UNPRIVILEGED_ACCOUNTS.join(', ')}. ` +
      'Run the service as an ordinary user, or set DATABASE_URL.'
  )
}

function accountNamed(name: string): Account | undefined {
  try {
    const [uid, gid] = ['-u', '-g'].map((option) =>
      Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    )
    return uid && gid ? { uid, gid } : undefined
  } catch {
    return undefined
  }
}

/** The account that owns an existing data directory, or undefined when that is who the process runs as. */
export function ownerOf(path: string): Account | undefined {
  const { uid, gid } = lstatSync(path)
  return uid === process.getuid?.() ? undefined : { uid, gid }
}

/** The first folder on the way to `path`, itself included, that the account may not enter. */
export function firstClosedFolder(path: string, account: Account): string | undefined {
  const parent = dirname(path)
  const closed = parent === path ? undefined : firstClosedFolder(parent, account)
  if (closed) return closed
  const { mode, uid, gid } = statSync(resolve(path))
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  return mode & bit ? undefined : path
}
