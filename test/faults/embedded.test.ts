/**
 * Goal: whatever is killed, wherever the data lie and whoever starts it, the embedded PostgreSQL comes up
 * again with all its data, and runs exactly as long as somebody uses it.
 * Method: processes of their own hold a server; the tests kill them, the server and its watcher in every
 * combination, spoil what they leave behind, and start again. A test that hangs has failed.
 */
import { spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/wait'
import { count, Installation, isRunning, withClient, type Holder } from './embedded-support'

const isRoot = process.getuid?.() === 0
const testAsRoot = isRoot ? test : test.skip
const NOBODY = { uid: 65_534, gid: 65_534 }

let installation: Installation
beforeAll(async () => {
  installation = await Installation.make()
})
afterAll(() => installation.remove())

const lockOf = (holder: Holder): string => join(holder.facts!.folder, 'cluster', 'postmaster.pid')

/** The shell that watches the pipe for a server. */
function watcherOf(serverPid: number): number {
  const watchers = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || !existsSync(`/proc/${name}/cmdline`)) return false
    const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
    return words[0] === '/bin/sh' && words.includes(String(serverPid)) && words.some((word) => word.endsWith('/alive'))
  })
  expect(watchers).toHaveLength(1)
  return Number(watchers[0])
}

test('the data is kept between starts, and the server stops with its only user', async () => {
  const options = { dataFolder: installation.newFolder('kept') }
  const first = await installation.hold(options)
  expect(await count(first.url)).toBe(1)
  expect(await first.stop()).toBe(0)
  expect(isRunning(first.serverPid)).toBe(false)
  const second = await installation.hold(options)
  expect(second.facts!.isShared).toBe(false)
  expect(await count(second.url)).toBe(2)
  expect(await second.stop()).toBe(0)
  expect(existsSync(lockOf(second))).toBe(false)
})

test('it listens on its socket only, which is closed to other accounts', async () => {
  const holder = await installation.hold({ dataFolder: installation.newFolder('closed') })
  const settings = await withClient(holder.url, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'fsync', 'synchronous_commit', 'full_page_writes')`
    )
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
  })
  expect(settings).toEqual({ listen_addresses: '', fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' })
  expect(statSync(holder.facts!.folder).mode & 0o077).toBe(0)
  expect(statSync(new URL(holder.url).searchParams.get('host')!).mode & 0o077).toBe(0)
  await holder.stop()
})

test('with a port it takes the password from the data folder and nothing else', async () => {
  const dataFolder = installation.newFolder('port')
  const port = 20_000 + (process.pid % 10_000)
  const holder = await installation.hold({ dataFolder, port })
  expect(holder.failure).toBeUndefined()
  expect(await count(holder.url)).toBe(1)
  const file = join(dataFolder, 'postgres-password')
  expect(statSync(file).mode & 0o077).toBe(0)
  const tcp = (password: string): string => `postgres://hazina:${password}@127.0.0.1:${port}/hazina`
  expect(await count(tcp(readFileSync(file, 'utf8')))).toBe(2)
  await expect(count(tcp('wrong'))).rejects.toMatchObject({ code: '28P01' })
  const shared = await installation.hold({ dataFolder })
  expect(await count(shared.url)).toBe(3)
  await shared.stop()
  await holder.stop()
})

describe('after kill -9', () => {
  test('of its only user, the server stops by itself', async () => {
    const options = { dataFolder: installation.newFolder('user') }
    const first = await installation.hold(options)
    expect(await count(first.url)).toBe(1)
    await first.kill()
    await until(() => !isRunning(first.serverPid))
    const second = await installation.hold(options)
    expect(await count(second.url)).toBe(2)
    await second.stop()
  })

  test('of its only user, the next start may come before the server has stopped', async () => {
    const options = { dataFolder: installation.newFolder('quick') }
    let visits = 0
    for (let round = 0; round < 5; round++) {
      const holder = await installation.hold(options)
      expect(holder.failure).toBeUndefined()
      expect(await count(holder.url)).toBe(++visits)
      await holder.kill()
    }
  })

  test('of the server, a running user starts it again', async () => {
    const holder = await installation.hold({ dataFolder: installation.newFolder('server') })
    expect(await count(holder.url)).toBe(1)
    process.kill(holder.serverPid, 'SIGKILL')
    await until(() => holder.notices.some((notice) => notice.includes('runs again')))
    expect(await count(holder.url)).toBe(2)
    expect(await holder.stop()).toBe(0)
    expect(existsSync(lockOf(holder))).toBe(false)
  })

  test('of the server under two users, one of them starts it again for both', async () => {
    const options = { dataFolder: installation.newFolder('both-users') }
    const holders = [await installation.hold(options), await installation.hold(options)]
    process.kill(holders[0]!.serverPid, 'SIGKILL')
    await until(() => holders.every(({ notices }) => notices.some((notice) => notice.includes('runs again'))))
    const pids = holders.map(({ notices }) => /runs again \(process (\d+)\)/.exec(notices.join())?.[1])
    expect(new Set(pids).size).toBe(1)
    expect(await count(holders[1]!.url)).toBe(1)
    for (const holder of holders) await holder.stop()
    expect(isRunning(Number(pids[0]))).toBe(false)
  })

  test('of server and user at once, the next start recovers', async () => {
    const options = { dataFolder: installation.newFolder('both') }
    const first = await installation.hold(options)
    expect(await count(first.url)).toBe(1)
    process.kill(first.serverPid, 'SIGKILL')
    await first.kill()
    const second = await installation.hold(options)
    expect(second.failure).toBeUndefined()
    expect(await count(second.url)).toBe(2)
    await second.stop()
  })

  test('of user and watcher, the next start takes the orphan over, and ends it', async () => {
    const options = { dataFolder: installation.newFolder('orphan') }
    const first = await installation.hold(options)
    expect(await count(first.url)).toBe(1)
    process.kill(watcherOf(first.serverPid), 'SIGKILL')
    await first.kill()
    const second = await installation.hold(options)
    expect(second.facts).toMatchObject({ serverPid: first.serverPid, isShared: true })
    expect(second.notices.join()).toMatch('took over')
    expect(await count(second.url)).toBe(2)
    await second.kill()
    await until(() => !isRunning(first.serverPid))
  })

  test('of everything, although the number of the server went to another process', async () => {
    const options = { dataFolder: installation.newFolder('reused') }
    const first = await installation.hold(options)
    expect(await count(first.url)).toBe(1)
    process.kill(first.serverPid, 'SIGKILL')
    await first.kill()
    await until(() => !isRunning(first.serverPid))
    const account = isRoot ? { uid: statSync(first.facts!.folder).uid } : {}
    const other = spawn('/bin/sleep', ['600'], account)
    try {
      const [, ...lines] = readFileSync(lockOf(first), 'utf8').split('\n')
      writeFileSync(lockOf(first), [other.pid, ...lines].join('\n'))
      const second = await installation.hold(options)
      expect(second.failure).toBeUndefined()
      expect(await count(second.url)).toBe(2)
      expect(isRunning(other.pid!)).toBe(true)
      await second.stop()
    } finally {
      other.kill('SIGKILL')
    }
  })

  test('of its only user while the server starts, it stops by itself', async () => {
    const options = { dataFolder: installation.newFolder('starting') }
    const first = await installation.hold(options)
    await first.stop()
    const starting = installation.hold(options)
    await until(() => existsSync(lockOf(first)))
    const pid = Number(readFileSync(lockOf(first), 'utf8').split('\n')[0])
    await installation.newest.kill()
    await starting
    await until(() => !isRunning(pid))
    const next = await installation.hold(options)
    expect(next.failure).toBeUndefined()
    await next.stop()
  })

  test('while the cluster was being made, the next start makes a whole one', async () => {
    const dataFolder = installation.newFolder('half')
    const starting = installation.hold({ dataFolder })
    const place = join(dataFolder, 'postgres')
    await until(() => existsSync(place) && readdirSync(place).some((name) => /^cluster\./.test(name)))
    await installation.newest.kill()
    await starting
    const holder = await installation.hold({ dataFolder })
    expect(holder.failure).toBeUndefined()
    expect(await count(holder.url)).toBe(1)
    await holder.stop()
    // The killed maker's initdb may have written on for a moment, but never into the cluster that is used.
    const again = await installation.hold({ dataFolder })
    expect(await count(again.url)).toBe(2)
    await again.stop()
  })
})

describe('several users', () => {
  test('that start at once on nothing share one server, which lives as long as any of them', async () => {
    const options = { dataFolder: installation.newFolder('several') }
    const holders = await Promise.all([1, 2, 3].map(() => installation.hold(options)))
    expect(holders.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
    expect(new Set(holders.map(({ serverPid }) => serverPid)).size).toBe(1)
    expect(holders.filter(({ facts }) => !facts!.isShared)).toHaveLength(1)
    const starter = holders.find(({ facts }) => !facts!.isShared)!
    const others = holders.filter((holder) => holder !== starter)
    await starter.stop()
    expect(await count(others[0]!.url)).toBe(1)
    await others[0]!.kill()
    expect(await count(others[1]!.url)).toBe(2)
    expect(await others[1]!.stop()).toBe(0)
    expect(isRunning(starter.serverPid)).toBe(false)
  })
})

describe('wherever it lies', () => {
  test('a path too long for a socket gets its socket elsewhere', async () => {
    const dataFolder = join(installation.newFolder('long'), 'x'.repeat(120))
    const holder = await installation.hold({ dataFolder })
    expect(await count(holder.url)).toBe(1)
    const socket = new URL(holder.url).searchParams.get('host')!
    expect(socket).toMatch(/^\/tmp\/hazina-/)
    await holder.stop()
    rmSync(socket, { recursive: true })
  })

  test('links between libraries that npm did not make are made', async () => {
    const library = join(installation.platformPackage, 'native', 'lib')
    const links = readdirSync(library).filter((name) => lstatSync(join(library, name)).isSymbolicLink())
    expect(links.length).toBeGreaterThan(0)
    for (const name of links) rmSync(join(library, name))
    const holder = await installation.hold({ dataFolder: installation.newFolder('links') })
    expect(await count(holder.url)).toBe(1)
    await holder.stop()
  })

  test('a failure carries what the server said', async () => {
    const dataFolder = installation.newFolder('broken')
    const first = await installation.hold({ dataFolder })
    await first.stop()
    rmSync(join(first.facts!.folder, 'cluster', 'global', 'pg_control'))
    const second = await installation.hold({ dataFolder })
    expect(second.failure).toMatch('pg_control')
  })

  testAsRoot('an ordinary user runs it as itself, and root can go on with the same data', async () => {
    const dataFolder = join(installation.newFolder('ordinary'), 'data')
    const first = await installation.hold({ dataFolder }, NOBODY)
    expect(first.failure).toBeUndefined()
    expect(await count(first.url)).toBe(1)
    expect(statSync(`/proc/${first.serverPid}`).uid).toBe(NOBODY.uid)
    const root = await installation.hold({ dataFolder })
    expect(root.facts!.serverPid).toBe(first.serverPid)
    expect(await count(root.url)).toBe(2)
    expect(await first.stop()).toBe(0)
    expect(await root.stop()).toBe(0)
    const alone = await installation.hold({ dataFolder })
    expect(statSync(`/proc/${alone.serverPid}`).uid).toBe(NOBODY.uid)
    expect(await count(alone.url)).toBe(3)
    await alone.stop()
    const again = await installation.hold({ dataFolder }, NOBODY)
    expect(await count(again.url)).toBe(4)
    await again.stop()
  })

  testAsRoot("an ordinary user is told whose the data is, when it is another account's", async () => {
    const dataFolder = installation.newFolder('foreign')
    const first = await installation.hold({ dataFolder }, { uid: 12_345, gid: 12_345 })
    // An account without a name cannot make a cluster; the folder is its own all the same.
    expect(first.failure).toBeDefined()
    const second = await installation.hold({ dataFolder }, NOBODY)
    expect(second.failure).toMatch(/belongs to another account \(uid 12345\).*HAZINA_DATA_DIR/)
  })

  testAsRoot('below a folder that only root may enter, for code and data', async () => {
    installation.setOpen(false)
    try {
      const closed = installation.newFolder('root-only', 0o700)
      const dataFolder = join(closed, 'data')
      const first = await installation.hold({ dataFolder })
      expect(first.failure).toBeUndefined()
      expect(await count(first.url)).toBe(1)
      expect(statSync(`/proc/${first.serverPid}`).uid).not.toBe(0)
      expect(realpathSync(join(dataFolder, 'postgres'))).toMatch(join(installation.folder, 'shared'))
      await first.kill()
      const second = await installation.hold({ dataFolder })
      expect(await count(second.url)).toBe(2)
      await second.stop()
      expect(statSync(closed).mode & 0o777).toBe(0o700)
      rmSync(second.facts!.folder, { recursive: true })
      const third = await installation.hold({ dataFolder })
      expect(third.failure).toMatch('link to a folder that is gone')
    } finally {
      installation.setOpen(true)
    }
  })

  testAsRoot('a data folder that is closed, in a place that is not, is opened for passing through', async () => {
    const dataFolder = installation.newFolder('own', 0o700)
    const holder = await installation.hold({ dataFolder })
    expect(await count(holder.url)).toBe(1)
    expect(lstatSync(join(dataFolder, 'postgres')).isDirectory()).toBe(true)
    await holder.stop()
  })

  test('a link to another disk is followed', async () => {
    const elsewhere = installation.newFolder('elsewhere')
    const dataFolder = join(installation.newFolder('link'), 'data')
    symlinkSync(elsewhere, dataFolder)
    const holder = await installation.hold({ dataFolder })
    expect(await count(holder.url)).toBe(1)
    expect(realpathSync(holder.facts!.folder)).toBe(join(elsewhere, 'postgres'))
    await holder.stop()
  })
})
