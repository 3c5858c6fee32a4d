// Compiles what has changed since the last build, one process at a time. `npm start` comes this way too.
const { spawnSync } = require('node:child_process')
const {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} = require('node:fs')
const { join } = require('node:path')

const ROOT = join(__dirname, '..')
const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'hazina.js')
const STAMP = join(ROOT, 'dist', '.built')
const LOCK = join(ROOT, 'node_modules', '.hazina-build.lock')
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
// What is served as it is, and not compiled.
const ASSETS = [join('src', 'http', 'hosted', 'assets')]
const SOURCES = [
  'src',
  'clients',
  'examples/wallet',
  'examples/agent-bot',
  'ormconfig.ts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json'
]

function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isBuilt() {
  // An installation carries what was built and no sources.
  if (!existsSync(join(ROOT, 'src'))) return existsSync(PROGRAM)
  const built = statSync(STAMP, { throwIfNoEntry: false })
  return (
    built !== undefined && existsSync(PROGRAM) && SOURCES.every((source) => newest(join(ROOT, source)) <= built.mtimeMs)
  )
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Two builds at once would write over each other's output. */
function withLock(work) {
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = existsSync(LOCK) ? Number(readFileSync(LOCK, 'utf8')) : 0
      if (holder && !isAlive(holder)) rmSync(LOCK, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
  try {
    return work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

/** The exit code of the compiler, 0 when there was nothing to do. */
function build() {
  if (isBuilt()) return 0
  if (!existsSync(COMPILER)) {
    console.error('The service is not built and the compiler is not installed: run npm ci, then npm run build.')
    return 1
  }
  return withLock(() => {
    if (isBuilt()) return 0
    const begun = new Date()
    console.error('building …')
    const { status } = spawnSync(process.execPath, [COMPILER, '-p', join(ROOT, 'tsconfig.build.json')], {
      stdio: 'inherit'
    })
    if (status !== 0) return status ?? 1
    mkdirSync(join(ROOT, 'dist'), { recursive: true })
    for (const folder of ASSETS) cpSync(join(ROOT, folder), join(ROOT, 'dist', folder), { recursive: true })
    writeFileSync(STAMP, '')
    // What is changed while the compiler runs counts as changed after it.
    utimesSync(STAMP, begun, begun)
    return 0
  })
}

module.exports = { build, PROGRAM }
if (require.main === module) process.exitCode = build()
