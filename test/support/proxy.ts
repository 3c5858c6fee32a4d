/** A wire between a client and PostgreSQL that a test can cut at the worst moment. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What happens to the next COMMIT: it passes, its answer is lost, or it never arrives. */
export type CommitFate = 'pass' | 'lose answer' | 'lose request'

export class DatabaseProxy {
  nextCommit: CommitFate = 'pass'
  /** While down, every connection is refused. */
  down = false
  cuts = 0
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    readonly url: string
  ) {}

  static async open(databaseUrl: string): Promise<DatabaseProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'hazina-proxy-'))
    const url = new URL(databaseUrl)
    const target = targetOf(url)
    url.searchParams.set('host', folder)
    url.host = 'localhost'
    url.port = ''
    const server = createServer((client) => proxy.accept(client, target))
    const proxy = new DatabaseProxy(server, folder, url.toString())
    await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve))
    return proxy
  }

  cutAll(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cutAll()
    await new Promise((resolve) => this.server.close(resolve))
    await rm(this.folder, { recursive: true, force: true })
  }

  private accept(client: Socket, target: { path: string } | { host: string; port: number }): void {
    if (this.down) {
      client.destroy()
      return
    }
    const server = connect(target)
    for (const socket of [client, server]) {
      this.sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.sockets.delete(socket))
    }
    server.on('data', (chunk) => client.write(chunk))
    server.on('close', () => client.destroy())
    client.on('close', () => server.end())
    client.on('data', (chunk) => this.forward(chunk, client, server))
  }

  private forward(chunk: Buffer, client: Socket, server: Socket): void {
    const isCommit = this.nextCommit !== 'pass' && /\bcommit\b/i.test(chunk.toString('latin1'))
    if (!isCommit) {
      server.write(chunk)
      return
    }
    this.cuts++
    const fate = this.nextCommit
    this.nextCommit = 'pass'
    if (fate === 'lose answer') server.end(chunk)
    else server.destroy()
    client.destroy()
  }
}

function targetOf(url: URL): { path: string } | { host: string; port: number } {
  const folder = url.searchParams.get('host')
  const port = url.port || url.searchParams.get('port') || '5432'
  if (folder?.startsWith('/')) return { path: join(folder, `.s.PGSQL.${port}`) }
  return { host: url.hostname, port: Number(port) }
}
