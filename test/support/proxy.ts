/** A wire between a client and PostgreSQL that a test can cut at the worst moment. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What happens to a COMMIT: it passes, its answer is lost, it never arrives, it arrives and from then on nothing passes
 * either way although the wire stays up, or the client is cut off and it is held back until `deliverLate`.
 */
export type CommitFate = 'pass' | 'lose answer' | 'lose request' | 'silence' | 'late'

export class DatabaseProxy {
  /** Of the COMMITs to come, in their order. All others pass. */
  commits: CommitFate[] = []
  /** While down, every connection is refused. */
  down = false
  cuts = 0
  /** Pieces that clients have sent. */
  pieces = 0
  /** Called with each cut. */
  onCut: () => void = () => undefined
  private readonly sockets = new Set<Socket>()
  private readonly silent = new WeakSet<Socket>()
  private readonly late: { server: Socket; chunk: Buffer }[] = []

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
    const server = createServer({ allowHalfOpen: true }, (client) => proxy.accept(client, target))
    const proxy = new DatabaseProxy(server, folder, url.toString())
    await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve))
    return proxy
  }

  set nextCommit(fate: CommitFate) {
    this.commits = [fate]
  }

  /** From now on nothing passes on the connections there are. They stay up, and new ones work. */
  silenceAll(): void {
    for (const socket of this.sockets) this.silent.add(socket)
  }

  /** Sends on what was held back, and resolves when the server is done with it. */
  async deliverLate(): Promise<void> {
    const done = this.late.splice(0).map(({ server, chunk }) => {
      const closed = new Promise((resolve) => server.once('close', resolve))
      server.end(chunk)
      return closed
    })
    await Promise.all(done)
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
    server.on('data', (chunk) => this.silent.has(server) || client.write(chunk))
    server.on('close', () => client.destroy())
    client.on('end', () => this.silent.has(client) || client.end())
    client.on('close', () => this.late.some((held) => held.server === server) || server.end())
    client.on('data', (chunk) => this.silent.has(client) || this.forward(chunk, client, server))
  }

  private forward(chunk: Buffer, client: Socket, server: Socket): void {
    this.pieces++
    const isCommit = this.commits.length > 0 && /\bcommit\b/i.test(chunk.toString('latin1'))
    const fate = (isCommit && this.commits.shift()) || 'pass'
    if (fate === 'pass') {
      server.write(chunk)
      return
    }
    this.cuts++
    if (fate === 'silence') {
      server.write(chunk)
      this.silent.add(client).add(server)
    } else {
      if (fate === 'lose answer') server.end(chunk)
      else if (fate === 'late') this.late.push({ server, chunk })
      else server.destroy()
      client.destroy()
    }
    this.onCut()
  }
}

function targetOf(url: URL): { path: string } | { host: string; port: number } {
  const folder = url.searchParams.get('host')
  const port = url.port || url.searchParams.get('port') || '5432'
  if (folder?.startsWith('/')) return { path: join(folder, `.s.PGSQL.${port}`) }
  return { host: url.hostname, port: Number(port) }
}
