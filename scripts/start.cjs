// `npm start`: builds what has changed since the last build, then starts the service in this very process, so that
// signals reach it directly. Where there is no compiler, as in a production install, what was built is started.
const { spawnSync } = require('node:child_process')
const { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const ROOT = join(__dirname, '..')
const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'hazina.js')
const STAMP = join(ROOT, 'dist', '.built')
const LOCK = join(ROOT, 'node_modules', '.hazina-build.lock')
const SOURCES = ['src', 'ormconfig.ts', 'package.json', 'tsconfig.json', 'tsconfig.build.json']

function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isBuilt() {
  if (!existsSync(PROGRAM)) return false
  const built = statSync(STAMP, { throwIfNoEntry: false })
  return built !== undefined && SOURCES.every((source) => newest(join(ROOT, source)) <= built.mtimeMs)
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// Two starts at once must not write over each other's output.
function withLock(work) {
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = Number(readFileSync(LOCK, 'utf8') || process.pid)
      if (holder !== process.pid && !isAlive(holder)) rmSync(LOCK, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
  try {
    return work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function build() {
  if (isBuilt()) return
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  if (!existsSync(compiler)) {
    if (existsSync(PROGRAM)) return
    throw new Error('The service is not built and the compiler is not installed: run npm ci, then npm start.')
  }
  const begun = new Date()
  console.error('building …')
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.build.json')], {
    stdio: 'inherit'
  })
  if (status !== 0) process.exit(status ?? 1)
  mkdirSync(join(ROOT, 'dist'), { recursive: true })
  writeFileSync(STAMP, '')
  require('node:fs').utimesSync(STAMP, begun, begun)
}

if (existsSync(join(ROOT, 'src')) && !isBuilt()) withLock(build)
if (require.main === module) {
  const [command = 'start', ...rest] = process.argv.slice(2)
  process.argv = [process.execPath, PROGRAM, command, ...rest]
  require(PROGRAM)
}
