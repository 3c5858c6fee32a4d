/**
 * Where the embedded PostgreSQL lives: `postgres` below the data folder, with the cluster, its socket and its
 * log inside, all owned by the server's account and closed to others.
 *
 * Root's server runs under another account. Below a folder that only root may enter that account could not
 * reach its own data, so the data then lie in a folder of their own below `/var/lib/hazina`, and `postgres` is
 * a link to it. A removed link means a fresh start; the data behind it are never removed by the service.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { chmod, chown, lchown, mkdir, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { firstClosedFolder, ownerOf, serverAccount, type Account } from './embedded-account'

export interface Home {
  readonly root: string
  /** The account that the server runs under; undefined for the process's own. */
  readonly account: Account | undefined
  readonly cluster: string
  /** The folder of the socket. Only the account (and root) may enter it, which is what guards the server. */
  readonly socket: string
  readonly log: string
  /** A named pipe: the server runs as long as any process holds it open for writing. */
  readonly alive: string
  /** The folder that lists who uses the server. */
  readonly users: string
  /** Where a copy of the programs may be put. */
  readonly copies: string
}

/** The kernel's limit on the path of a socket, without the terminating zero, on the strictest platform. */
const SOCKET_PATH_BYTES_MAX = 103
const SOCKET_NAME = '.s.PGSQL.65535.lock'

/** Whether a database was ever made in the folder. */
export function isFounded(dataFolder: string): boolean {
  return existsSync(join(resolve(dataFolder), 'postgres', 'cluster', 'PG_VERSION'))
}

export async function openHome(dataFolder: string, sharedFolder: string): Promise<Home> {
  const folder = resolve(dataFolder)
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const place = join(folder, 'postgres')
  if (!existsSync(place)) await createPlace(place, sharedFolder)
  const root = realpathSync(place)
  const account = await accountOf(root)
  const socket = await socketFolder(root, account)
  const alive = join(root, 'alive')
  if (!existsSync(alive)) makePipe(alive, account)
  const users = join(root, 'users')
  const copies = account ? sharedFolder : folder
  return { root, account, cluster: join(root, 'cluster'), socket, log: join(root, 'log'), alive, users, copies }
}

/** Each way makes the place in one step, so that two processes that start at once end up with the same one. */
async function createPlace(place: string, sharedFolder: string): Promise<void> {
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(`${place} is a link to a folder that is gone. Bring it back, or remove the link to start afresh.`)
  }
  const account = serverAccount()
  if (account) await letPass(dirname(place))
  const closed = account && firstClosedFolder(dirname(place), account)
  const draft = account && closed ? await sharedPlace(sharedFolder, account, closed) : await ownPlace(place, account)
  try {
    await (closed ? symlink(draft, place) : rename(draft, place))
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(place)) throw error
  }
}

/** The data folder is the service's own, so it may be opened for passing through; what is in it stays closed. */
async function letPass(folder: string): Promise<void> {
  const { mode, uid } = await stat(folder)
  if (uid === process.getuid?.()) await chmod(folder, mode | 0o011)
}

async function ownPlace(place: string, account: Account | undefined): Promise<string> {
  const draft = `${place}.${randomBytes(6).toString('hex')}`
  await mkdir(draft, { mode: 0o700 })
  if (account) await chown(draft, account.uid, account.gid)
  return draft
}

async function sharedPlace(sharedFolder: string, account: Account, closed: string): Promise<string> {
  await mkdir(sharedFolder, { recursive: true, mode: 0o755 })
  if (firstClosedFolder(sharedFolder, account)) {
    throw new Error(
      `PostgreSQL does not run as root, and its account can enter neither ${closed} nor ${sharedFolder}. ` +
        'Set HAZINA_DATA_DIR to a folder that every account may enter, or set DATABASE_URL.'
    )
  }
  const draft = join(sharedFolder, randomBytes(6).toString('hex'))
  await mkdir(draft, { mode: 0o700 })
  await chown(draft, account.uid, account.gid)
  return draft
}

/** Whoever made the data keeps running the server, so root and the owner can take turns. */
async function accountOf(root: string): Promise<Account | undefined> {
  const owner = ownerOf(root)
  if (process.getuid?.() !== 0) {
    if (!owner) return undefined
    throw new Error(
      `${root} belongs to another account (uid ${owner.uid}). Start the service as root or as that account, ` +
        'or set HAZINA_DATA_DIR to a folder of your own.'
    )
  }
  if (owner) return owner
  // A copy that root made: given back to an account that can run a server on it.
  const account = serverAccount()
  if (account) await giveAll(root, account)
  return account
}

async function giveAll(path: string, account: Account): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    await lchown(join(entry.parentPath, entry.name), account.uid, account.gid)
  }
  await lchown(path, account.uid, account.gid)
}

async function socketFolder(root: string, account: Account | undefined): Promise<string> {
  const beside = join(root, 'socket')
  const fits = Buffer.byteLength(join(beside, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16)
  const folder = fits ? beside : `/tmp/hazina-${name}`
  await mkdir(folder, { mode: 0o700 }).then(
    () => account && chown(folder, account.uid, account.gid),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    }
  )
  await guard(folder, account)
  return folder
}

/** A folder in a place where everybody may make one: it has to be the server's own and closed to others. */
async function guard(folder: string, account: Account | undefined): Promise<void> {
  const { uid } = await stat(folder)
  const expected = account?.uid ?? process.getuid?.()
  const isLink = lstatSync(folder).isSymbolicLink()
  if (isLink || (uid !== expected && uid !== 0)) throw new Error(`${folder} belongs to another account: remove it.`)
  if (account && uid === 0) await chown(folder, account.uid, account.gid)
  await chmod(folder, 0o700)
}

function makePipe(path: string, account: Account | undefined): void {
  try {
    execFileSync('mkfifo', ['-m', '600', path], { ...account, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    if (!existsSync(path)) throw error
  }
}
