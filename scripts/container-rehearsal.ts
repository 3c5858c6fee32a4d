/**
 * Carries the Dockerfile out without a container engine: each stage in an empty folder of its own, with the same
 * installs, builds and copies; then the image's command as an ordinary user, its health check, and its stop
 * signal. It proves that what is copied is all that is needed, not that the base image is as expected.
 *
 *   npm run container:rehearsal
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { SETTINGS } from '../src/config'
import { startEmbedded } from '../src/database/embedded'
import { isIgnored, parseCopy, parseDockerfile, parseEnv, parseExec, type Instruction, type Stage } from './dockerfile'

const ROOT = resolve(__dirname, '..')
const TOKEN = 'rehearsal'
const HEALTHY_TRIES_MAX = 240

/** A stage under way: its folder stands for the root of the file system. */
interface Built {
  readonly root: string
  readonly env: Record<string, string>
  workdir: string
  user: string | undefined
}

function build(stage: Stage, folder: string, earlier: ReadonlyMap<string, Built>): Built {
  const built: Built = { root: join(folder, stage.name), env: {}, workdir: '/', user: undefined }
  mkdirSync(built.root)
  for (const instruction of stage.instructions) carryOut(instruction, built, earlier)
  return built
}

function carryOut({ name, text }: Instruction, built: Built, earlier: ReadonlyMap<string, Built>): void {
  if (name === 'WORKDIR') {
    built.workdir = text
    mkdirSync(inside(built, text), { recursive: true })
  } else if (name === 'ENV') Object.assign(built.env, parseEnv(text))
  else if (name === 'USER') built.user = text
  else if (name === 'COPY') copy(text, built, earlier)
  else if (name === 'RUN') {
    console.log(`  ${text}`)
    execFileSync('/bin/sh', ['-c', text], {
      cwd: inside(built, built.workdir),
      env: { ...inherited(), ...built.env },
      stdio: ['ignore', 'ignore', 'inherit']
    })
  }
}

const inside = (built: Built, path: string): string => join(built.root, resolve(built.workdir, path))

function copy(text: string, built: Built, earlier: ReadonlyMap<string, Built>): void {
  const { from, sources, target } = parseCopy(text)
  const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
  for (const source of sources) {
    if (from === undefined && isIgnored(source, ignore)) throw new Error(`COPY ${source}: .dockerignore keeps it out`)
    const stage = from === undefined ? undefined : earlier.get(from)
    if (from !== undefined && !stage) throw new Error(`COPY --from=${from}: there is no such stage`)
    const path = stage ? inside(stage, source) : join(ROOT, source)
    // A folder is copied for what is in it, a file keeps its name.
    const place = statSync(path).isDirectory() ? inside(built, target) : join(inside(built, target), basename(path))
    cpSync(path, place, { recursive: true, verbatimSymlinks: true })
  }
}

/** What every process needs, and nothing that would set the service up. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_EXTRA_CA_CERTS']
  const npm = Object.keys(process.env).filter((name) => /^npm_config_(registry|cache|userconfig)$/i.test(name))
  return Object.fromEntries(
    [...names, ...npm].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** The image's user is an ordinary one; here it is whoever has no rights, when root rehearses. */
function ordinaryUser(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
}

async function run(image: Built, stage: Stage, databaseUrl: string): Promise<void> {
  const text = (name: string): string => {
    const found = stage.instructions.find((instruction) => instruction.name === name)
    if (!found) throw new Error(`Dockerfile: the last stage has no ${name}`)
    return found.text
  }
  if (!image.user || image.user === 'root') throw new Error('Dockerfile: the image would run as root')
  const anyPort = { CONNECTOR_PORT: '0', OPEN_PAYMENTS_PORT: '0', AUTH_PORT: '0' }
  const env = { PATH: process.env['PATH']!, ...image.env, ...anyPort, ADMIN_PORT: String(await freePort()) }
  const own = { ...env, DATABASE_URL: databaseUrl, ADMIN_API_TOKEN: TOKEN }
  const options = { cwd: inside(image, image.workdir), env: own, ...ordinaryUser() }
  const [program, ...args] = parseExec(text('CMD'))
  const refused = spawnSync(program, args, { ...options, env: { ...env, DATABASE_URL: databaseUrl }, encoding: 'utf8' })
  if (refused.status !== 1 || !refused.stderr.includes('ADMIN_API_TOKEN')) {
    throw new Error(`without credentials the image must refuse to start, but: ${refused.stderr}`)
  }
  console.log(`  ${[program, ...args].join(' ')}`)
  const service = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((done) => service.on('close', done))
  const log = collect(service)
  try {
    await healthy(service, parseExec(text('HEALTHCHECK')), options, log)
    await answers(env.ADMIN_PORT)
    if (!log().includes('OPEN_PAYMENTS_URL=')) throw new Error('nobody is warned that others are told of 127.0.0.1')
    service.kill(text('STOPSIGNAL') as NodeJS.Signals)
    const code = await ended
    if (code !== 0) throw new Error(`it ended with ${code}:\n${log()}`)
  } finally {
    service.kill('SIGKILL')
    await ended
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}

async function healthy(
  service: ChildProcess,
  check: [string, ...string[]],
  options: object,
  log: () => string
): Promise<void> {
  const [program, ...args] = check
  for (let attempt = 0; attempt < HEALTHY_TRIES_MAX; attempt++) {
    if (service.exitCode !== null) throw new Error(`it ended with ${service.exitCode}:\n${log()}`)
    const code = await new Promise((done) => spawn(program, args, { ...options, stdio: 'ignore' }).on('close', done))
    if (code === 0) return
    await new Promise((done) => setTimeout(done, 250))
  }
  throw new Error(`it did not become healthy:\n${log()}`)
}

async function answers(port: string): Promise<void> {
  const ask = (headers: Record<string, string>): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ assets { edges { node { id } } } }"}'
    })
  const stranger = await ask({})
  if (stranger.status !== 401) throw new Error(`a stranger gets ${stranger.status} instead of 401`)
  const reply = await (await ask({ authorization: `Bearer ${TOKEN}` })).text()
  if (reply !== '{"data":{"assets":{"edges":[]}}}') throw new Error(`an empty service answers ${reply}`)
}

interface Compose {
  readonly services: {
    readonly hazina: { readonly environment: Record<string, string>; readonly ports: readonly string[] }
  }
}

/** The settings of compose.yaml are ones that there are, and every port that its service listens on is published. */
function checkCompose(image: Stage): void {
  const { services } = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8')) as Compose
  const { environment, ports } = services.hazina
  const known = new Set(Object.values(SETTINGS).map(({ name }) => name))
  const unknown = Object.keys(environment).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`compose.yaml: there is no setting ${unknown.join(', ')}`)
  const exposed = image.instructions.filter(({ name }) => name === 'EXPOSE').flatMap(({ text }) => text.split(/\s+/))
  const published = ports.map((port) => port.split(':').at(-1))
  for (const { name, fallback } of listeningOn(environment)) {
    const port = environment[name] ?? String(fallback)
    if (!exposed.includes(port)) throw new Error(`Dockerfile: EXPOSE leaves out ${port} (${name})`)
    if (!published.includes(port)) throw new Error(`compose.yaml: ${port} (${name}) is not published`)
  }
}

function listeningOn({ ROLES }: Record<string, string>): (typeof SETTINGS.adminPort)[] {
  const { roles, adminPort, connectorPort, openPaymentsPort, authPort } = SETTINGS
  const taken = ROLES ? roles.parse(ROLES) : roles.fallback
  return [
    adminPort,
    ...(taken.includes('connector') ? [connectorPort] : []),
    ...(taken.includes('op') ? [openPaymentsPort, authPort] : [])
  ]
}

async function withDatabase(folder: string, use: (url: string) => Promise<void>): Promise<void> {
  const dataFolder = join(folder, 'database')
  const port = await freePort()
  const server = await startEmbedded({ dataFolder, port, sync: false, sharedFolder: join(folder, 'shared') })
  try {
    const password = readFileSync(join(dataFolder, 'postgres-password'), 'utf8')
    await use(`postgres://hazina:${password}@127.0.0.1:${port}/hazina`)
  } finally {
    await server.stop()
  }
}

async function main(): Promise<void> {
  const stages = parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
  const last = stages.at(-1)!
  checkCompose(last)
  const folder = mkdtempSync(join(tmpdir(), 'hazina-container-'))
  chmodSync(folder, 0o755)
  try {
    const built = new Map<string, Built>()
    for (const stage of stages) {
      console.log(`stage ${stage.name} (${stage.base})`)
      built.set(stage.name, build(stage, folder, built))
    }
    await withDatabase(folder, (url) => run(built.get(last.name)!, last, url))
    console.log('The image starts as an ordinary user, is healthy, answers and stops.')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
