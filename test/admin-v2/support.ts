/** Admin API v2 on a database of the test's own, called in process, with a clock that the test sets. */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { graphql, type GraphQLSchema } from 'graphql'
import { container as root, type DependencyContainer } from 'tsyringe'
import { DataSource } from 'typeorm'
import { loadConfig } from '../../src/config'
import { GROUP_WRITER_SETTINGS, GroupWriter } from '../../src/database/group-writer'
import { Pipeline } from '../../src/database/pipeline'
import { Reader } from '../../src/database/reader'
import { ENTITIES } from '../../src/entities'
import { Committer } from '../../src/ledger/committer'
import { Ledger } from '../../src/ledger/ledger'
import { PostgresLedgerEngine } from '../../src/ledger/postgres/engine'
import { WRITER_SETTINGS } from '../../src/ledger/postgres/settings'
import { buildAdminV2Schema } from '../../src/resolvers/admin-v2/schema'
import type { LogFacts, Logger, RequestContext } from '../../src/services/context'
import { registerServices } from '../../src/services/register'
import type { ServiceSettings } from '../../src/services/settings'

/** Both clocks of the service, the ledger's and that of the requests, stand where the test puts them. */
export class TestClock {
  private offset = 0
  private stoppedAt: number | undefined

  now(): Date {
    return new Date((this.stoppedAt ?? Date.now()) + this.offset)
  }

  /** From now on no time passes but what a test lets pass, however long the machine takes. */
  stop(): void {
    this.stoppedAt = Date.now()
  }

  microseconds(): bigint {
    return BigInt(this.now().getTime()) * 1_000n
  }

  advanceSeconds(seconds: number): void {
    this.offset += seconds * 1_000
  }
}

export interface Reply {
  readonly data: Fields
  readonly errors: readonly { readonly message: string; readonly path: string; readonly code: unknown }[]
}

/** Every field that a test reads of an answer. Those that it did not select are not there. */
export interface Fields {
  readonly [field: string]: unknown
  readonly id: string
  readonly code: string
  readonly scale: number
  readonly message: string
  readonly createdAt: string
  readonly url: string
  readonly liquidity: string
  readonly basisPoints: number
  readonly cursor: string
  readonly asset: Fields
  readonly peer: Fields
  readonly paymentPointer: Fields
  readonly paymentPointerKey: Fields
  readonly fee: Fields
  readonly sendingFee: Fields
  readonly withdrawal: Fields
  readonly node: Fields
  readonly edges: readonly Fields[]
  readonly pageInfo: {
    readonly startCursor: string | null
    readonly endCursor: string | null
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
  }
}

export interface LoggedLine {
  readonly level: string
  readonly facts: LogFacts
  readonly message: string
}

export class TestApi {
  readonly lines: LoggedLine[] = []

  private constructor(
    readonly container: DependencyContainer,
    readonly clock: TestClock,
    private readonly schema: GraphQLSchema,
    private readonly closers: readonly (() => Promise<unknown>)[],
    private readonly contextOf: (context: RequestContext) => RequestContext = (context) => context
  ) {}

  static async open(
    url: string,
    options: { clock?: TestClock; settings?: Partial<ServiceSettings>; recoveryMilliseconds?: number } = {}
  ): Promise<TestApi> {
    const clock = options.clock ?? new TestClock()
    const onError = (): void => undefined
    const dataSource = await new DataSource({
      type: 'postgres',
      url,
      entities: ENTITIES,
      poolErrorHandler: onError
    }).initialize()
    const reader = new Reader({ url, onError })
    const writer = new Pipeline({ url, name: 'hazina ledger', settings: WRITER_SETTINGS, onError })
    const { recoveryMilliseconds } = options
    const engine = new PostgresLedgerEngine({
      writer,
      reader,
      now: () => clock.microseconds(),
      newId: randomUUID,
      recoveryMilliseconds
    })
    const ledger = new Ledger(engine, new Committer(engine))
    const rows = new Pipeline({ url, name: 'hazina rows', settings: GROUP_WRITER_SETTINGS, onError })
    const groupWriter = new GroupWriter(rows)
    const container = root.createChildContainer()
    container.registerInstance(DataSource, dataSource)
    container.registerInstance(Reader, reader)
    container.registerInstance(GroupWriter, groupWriter)
    container.registerInstance(Ledger, ledger)
    registerServices(container, { ...loadConfig({}), idempotencyKeyLockMilliseconds: 5_000, ...options.settings })
    const closers = [() => ledger.close(), () => groupWriter.close(), () => reader.close(), () => dataSource.destroy()]
    return new TestApi(container, clock, buildAdminV2Schema(container), closers)
  }

  /** A service that somebody else has put together, and closes. */
  static over(container: DependencyContainer, clock: TestClock): TestApi {
    return new TestApi(container, clock, buildAdminV2Schema(container), [])
  }

  /** The same service through another schema. It is closed with the first one. */
  through(
    build: (container: DependencyContainer) => GraphQLSchema,
    contextOf?: (context: RequestContext) => RequestContext
  ): TestApi {
    return new TestApi(this.container, this.clock, build(this.container), [], contextOf)
  }

  context(): RequestContext {
    const log =
      (level: string) =>
      (facts: LogFacts, message: string): void => {
        this.lines.push({ level, facts, message })
      }
    const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    return { requestId: randomUUID(), logger, now: () => this.clock.now() }
  }

  async run(source: string, variableValues: Record<string, unknown> = {}): Promise<Reply> {
    const contextValue = this.contextOf(this.context())
    const result = await graphql({ schema: this.schema, source, variableValues, contextValue })
    // As on the wire: what JSON does not know must not be in an answer.
    const { data, errors } = JSON.parse(JSON.stringify(result)) as { data?: unknown; errors?: WireError[] }
    return {
      data: data as Fields,
      errors: (errors ?? []).map(({ message, path, extensions }) => ({
        message,
        path: (path ?? []).join('.'),
        code: extensions?.code
      }))
    }
  }

  /** Runs one mutation with an input and selects these fields; the answer must come without errors. */
  async mutate(name: string, inputType: string, input: object, fields: string): Promise<Fields> {
    const { data, errors } = await this.attempt(name, inputType, input, fields)
    if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join('; ')}`)
    return data[name] as Fields
  }

  attempt(name: string, inputType: string, input: object, fields: string): Promise<Reply> {
    return this.run(`mutation ($input: ${inputType}!) { ${name}(input: $input) { ${fields} } }`, { input })
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close()
  }
}

interface WireError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: unknown }
}

export const ANSWER = 'code success message'

let counter = 0

/** A name that no other call of this process has. */
export function unique(prefix: string): string {
  return `${prefix}${process.pid}x${counter++}`
}
