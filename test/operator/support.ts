/** The whole service in this process, on a database of the test's own, and a client of its operator routes. */
import 'reflect-metadata'
import Ajv2020 from 'ajv/dist/2020'
import { loadConfig } from '../../src/config'
import { OPERATOR_PREFIX, openApiDocument } from '../../src/http/operator/document'
import { OPERATIONS } from '../../src/http/operator/operations'
import { createLogger } from '../../src/logging'
import { startService, type Service } from '../../src/main'
import { createTestDatabase, type TestDatabase } from '../support/database'

export const OPERATOR_TOKEN = 'operator-token'
export const ADMIN_TOKEN = 'admin-token'

export interface OperatorAnswer {
  readonly status: number
  /** Every field that a test reads; those that an answer has not are not there. */
  readonly body: Fields
  /** The code of a refusal. */
  readonly code: string | undefined
}

export interface Fields {
  readonly [name: string]: unknown
  readonly id: string
  readonly key: string
  readonly data: readonly Fields[]
}

export class OperatedService {
  private constructor(
    readonly service: Service,
    readonly database: TestDatabase,
    readonly lines: string[]
  ) {}

  static async open(env: Readonly<Record<string, string>> = {}): Promise<OperatedService> {
    const database = await createTestDatabase()
    const lines: string[] = []
    const service = await startService({
      config: loadConfig({
        DATABASE_URL: database.url,
        ADMIN_PORT: '0',
        CONNECTOR_PORT: '0',
        OPEN_PAYMENTS_PORT: '0',
        AUTH_PORT: '0',
        ADMIN_API_TOKEN: ADMIN_TOKEN,
        OPERATOR_API_TOKEN: OPERATOR_TOKEN,
        RAMP_TEST_MODE: 'true',
        RAMP_WEBHOOK_SCHEDULE: '0,0,0',
        RAMP_WEBHOOK_WORKER_IDLE: '20',
        DRAIN_MS: '0',
        ...env
      }),
      logger: createLogger({ level: 'warn', destination: { write: (line) => lines.push(line) } }),
      onFailure: (error) => {
        throw error
      }
    })
    return new OperatedService(service, database, lines)
  }

  get url(): string {
    return this.service.listener.url
  }

  async close(): Promise<void> {
    await this.service.drain()
    await this.database.drop()
  }

  /** Sends a request and checks that the document knows its answer. */
  async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<OperatorAnswer> {
    return this.send(
      method,
      path,
      { authorization: `Bearer ${OPERATOR_TOKEN}` },
      body === undefined ? undefined : JSON.stringify(body)
    )
  }

  get(path: string): Promise<OperatorAnswer> {
    return this.ask('GET', path)
  }

  post(path: string, body: object = {}): Promise<OperatorAnswer> {
    return this.ask('POST', path, body)
  }

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string
  ): Promise<OperatorAnswer> {
    const target = `${this.url}${OPERATOR_PREFIX}${path}`
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(target, { method, headers: { ...type, ...headers }, body })
    const answer = (await response.json()) as Fields & { errors?: { extensions: { code: string } }[] }
    checkAnswer(method, path.split('?')[0]!, response.status, answer)
    return { status: response.status, body: answer, code: answer.errors?.[0]?.extensions.code }
  }
}

const DOCUMENT = openApiDocument(OPERATIONS)
const AJV = new Ajv2020({ strict: false, validateFormats: false }).addSchema(DOCUMENT, 'operator')

/** Fails where an answer is not one that the document tells of. */
function checkAnswer(method: string, path: string, status: number, answer: unknown): void {
  const operation = OPERATIONS.find(
    (candidate) =>
      candidate.method === method && new RegExp(`^${candidate.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
  )
  if (!operation) return
  const pointer = ['paths', `${OPERATOR_PREFIX}${operation.path}`, method.toLowerCase(), 'responses', String(status)]
  const place = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
  const check = AJV.getSchema(`operator#/${place}/content/application~1json/schema`)
  if (!check) throw new Error(`${operation.id} answered ${status}, which its document does not know`)
  if (!check(answer))
    throw new Error(`${operation.id} ${status}: ${JSON.stringify(check.errors)}: ${JSON.stringify(answer)}`)
}
