/** The service as a process of its own, which a test may kill. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { resolve } from 'node:path'

const ROOT = resolve(__dirname, '..', '..')
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_OPTIONS']

export interface GraphqlReply {
  readonly status: number
  readonly body: {
    readonly data?: Record<string, unknown> | null
    readonly errors?: readonly { readonly message: string }[]
  }
}

/** No answer came: the process or the connection died. Whether the request was done is not known. */
export class NoAnswer extends Error {}

export class ServiceProcess {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 })
  log = ''
  url = ''

  private constructor(
    readonly child: ChildProcess,
    readonly ended: Promise<number | null>
  ) {}

  /** Starts it and waits until it listens. */
  static async start(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const inherited = Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))
    )
    const child = spawn(process.execPath, ['-r', './scripts/register.cjs', 'src/cli/hazina.ts', 'start'], {
      cwd: ROOT,
      env: {
        ...inherited,
        ADMIN_PORT: '0',
        CONNECTOR_PORT: '0',
        OPEN_PAYMENTS_PORT: '0',
        AUTH_PORT: '0',
        LOG_LEVEL: 'info',
        ...env
      },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const ended = once(child, 'exit').then(([code]) => code as number | null)
    const service = new ServiceProcess(child, ended)
    await service.listening()
    return service
  }

  private listening(): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        this.log += chunk.toString()
        const found = /"listener":"admin","url":"([^"]+)"/.exec(this.log)
        if (!found) return
        this.url = `${found[1]}/graphql`
        resolve()
      }
      this.child.stdout!.on('data', take)
      this.child.stderr!.on('data', take)
      void this.ended.then((code) => reject(new Error(`the service ended with ${code}:\n${this.log}`)))
    })
  }

  /** @throws NoAnswer */
  post(query: string, variables: object): Promise<GraphqlReply> {
    const body = JSON.stringify({ query, variables })
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.url,
        {
          method: 'POST',
          agent: this.agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', () => reject(new NoAnswer()))
          response.on('end', () => {
            if (!response.complete) return reject(new NoAnswer())
            resolve({
              status: response.statusCode!,
              body: JSON.parse(Buffer.concat(chunks).toString()) as GraphqlReply['body']
            })
          })
        }
      )
      outgoing.on('error', () => reject(new NoAnswer()))
      outgoing.end(body)
    })
  }

  /** One mutation with one input; its answer's fields. */
  async mutate<Answer extends object>(name: string, input: object, fields: string): Promise<Answer> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`
    const { body } = await this.post(`mutation ($input: ${type}) { ${name}(input: $input) { ${fields} } }`, { input })
    const answer = body.data?.[name]
    if (!answer) throw new Error(`${name}: ${JSON.stringify(body.errors)}`)
    return answer as Answer
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    const code = await this.ended
    this.agent.destroy()
    return code
  }
}
