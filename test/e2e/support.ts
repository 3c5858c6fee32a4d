/** Commands of the service as processes, and servers that are not as they should be. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from 'pg'
import { startEmbedded, type EmbeddedPostgres } from '../../src/database/embedded'

const ROOT = resolve(__dirname, '..', '..')

export interface Ended {
  readonly code: number | null
  readonly output: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  output(): string
}

/** Starts a command of the service. */
export function hazinaProcess(env: Readonly<Record<string, string>>, command = 'start'): Running {
  const child = spawn(process.execPath, ['-r', './scripts/register.cjs', 'src/cli/hazina.ts', command], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ADMIN_PORT: '0',
      CONNECTOR_PORT: '0',
      OPEN_PAYMENTS_PORT: '0',
      AUTH_PORT: '0',
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { child, ended: new Promise((resolve) => child.on('close', resolve)), output: () => output }
}

/** Runs a command of the service to its end. */
export async function hazina(command: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const { ended, output } = hazinaProcess(env, command)
  const code = await ended
  return { code, output: output() }
}

/** A folder that a server under another account can reach. */
export function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `hazina-${name}-`))
  chmodSync(folder, 0o711)
  return folder
}

export function startServer(dataFolder: string, settings: Record<string, string> = {}): Promise<EmbeddedPostgres> {
  return startEmbedded({ dataFolder, sync: false, settings: { shared_buffers: '128MB', ...settings } })
}

export async function execute(url: string, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A TCP port in front of a server's socket, which can be opened later than it is known. */
export class Door {
  readonly server: Server
  private readonly sockets = new Set<Socket>()
  /** Connections that came before the door was open are not counted: they were refused. */
  connections = 0

  constructor(databaseUrl: string) {
    const url = new URL(databaseUrl)
    const path = join(url.searchParams.get('host')!, `.s.PGSQL.${url.port || '5432'}`)
    this.server = createServer((client) => {
      this.connections++
      const server = connect(path)
      for (const socket of [client, server]) {
        this.sockets.add(socket)
        socket.on('error', () => undefined)
      }
      client.pipe(server).pipe(client)
    })
  }

  async open(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
