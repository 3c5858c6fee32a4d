/**
 * Documents that were parsed, judged and validated, each distinct text once while it stays in the cache.
 * Refused documents are not kept: remembering what was refused is memory for whoever sends most of it.
 */
import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  Kind,
  subscribe,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode
} from 'graphql'
import { BoundedCache } from './bounded-cache'
import { Failure, type FailureCode } from './failure'
import { OperationCompiler, type RunOperation, type Variables } from './graphql-executor'
import { countFields, isIntrospection, judgeForm, rootFieldsOf, type QueryLimits } from './graphql-limits'

export interface DocumentCacheLimits {
  readonly documentsMax: number
  /** Memory of all cached documents together, in bytes, as estimated. */
  readonly bytesMax: number
}

export const DOCUMENT_CACHE_LIMITS: DocumentCacheLimits = { documentsMax: 1_000, bytesMax: 32 * 1024 * 1024 }

/** What the tree of a document takes: so much for each lexical token, beside the text itself. */
const BYTES_PER_TOKEN = 400

/** Most errors that validation lists. */
const VALIDATION_ERRORS_MAX = 10

/** A document that did not get through, with one code for all of its errors. */
export class DocumentRefused extends Error {
  constructor(
    readonly code: FailureCode,
    readonly errors: readonly GraphQLError[]
  ) {
    super(errors[0]?.message ?? code)
    this.name = 'DocumentRefused'
  }
}

/** How the GraphQL server in use parses and validates. It brings the rules of the specification itself. */
export interface DocumentTools {
  parse(source: string, options: { maxTokens: number }): DocumentNode
  validate(
    schema: GraphQLSchema,
    document: DocumentNode,
    rules: undefined,
    options: { maxErrors: number; hideSuggestions: boolean }
  ): readonly GraphQLError[]
}

export class DocumentCache {
  private readonly documents: BoundedCache<PreparedDocument>
  private readonly compiler: OperationCompiler

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly tools: () => DocumentTools,
    private readonly limits: QueryLimits,
    cacheLimits: DocumentCacheLimits = DOCUMENT_CACHE_LIMITS,
    /** The document to run in place of one that a client sent. */
    private readonly adapt: (document: DocumentNode, schema: GraphQLSchema) => DocumentNode = (document) => document
  ) {
    this.documents = new BoundedCache(cacheLimits.documentsMax, cacheLimits.bytesMax)
    this.compiler = new OperationCompiler(schema)
  }

  /** @throws DocumentRefused, Failure */
  prepare(source: string, mayIntrospect: boolean): PreparedDocument {
    const known = this.documents.get(source)
    if (known) return known
    const written = this.parse(source)
    const failure = judgeForm(written, this.limits)
    if (failure) throw failure
    const document = this.adapt(written, this.schema)
    this.validate(document, mayIntrospect)
    const prepared = new PreparedDocument(this.schema, document, this.limits, this.compiler)
    this.documents.set(source, prepared, 2 * source.length + BYTES_PER_TOKEN * (written.tokenCount ?? 0))
    return prepared
  }

  private parse(source: string): DocumentNode {
    const { tokensMax } = this.limits
    try {
      return this.tools().parse(source, { maxTokens: tokensMax })
    } catch (error) {
      // The parser is recursive; within the limit of tokens there is room for a document that exhausts its stack.
      if (error instanceof RangeError) throw new Failure('QUERY_TOO_DEEP', 'The document is nested too deep')
      if (!(error instanceof GraphQLError)) throw error
      if (error.message.includes('Parsing aborted')) {
        throw new Failure('QUERY_TOO_LONG', `The document has more than ${tokensMax} tokens`)
      }
      throw new DocumentRefused('GRAPHQL_PARSE_FAILED', [error])
    }
  }

  private validate(document: DocumentNode, mayIntrospect: boolean): void {
    const options = { maxErrors: VALIDATION_ERRORS_MAX, hideSuggestions: !mayIntrospect }
    const errors = this.tools().validate(this.schema, document, undefined, options)
    if (errors.length > 0) throw new DocumentRefused('GRAPHQL_VALIDATION_FAILED', errors)
    visit(document, {
      StringValue(node) {
        if (!node.value.includes('\0')) return
        const error = new GraphQLError('A string contains the character U+0000', { nodes: node })
        throw new DocumentRefused('BAD_USER_INPUT', [error])
      }
    })
  }
}

/** A valid document within its limits, and its operations as they are asked for. */
export class PreparedDocument {
  private readonly operations = new Map<string | undefined, PreparedOperation>()

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly document: DocumentNode,
    private readonly limits: QueryLimits,
    private readonly compiler: OperationCompiler
  ) {}

  /** @throws Failure */
  operation(name: string | undefined): PreparedOperation {
    const known = this.operations.get(name)
    if (known) return known
    const operation = getOperationAST(this.document, name)
    if (!operation) throw new Failure('OPERATION_RESOLUTION_FAILURE', this.whyNoOperation(name))
    if (operation.operation === 'subscription' && !this.schema.getSubscriptionType()) {
      throw new Failure('SUBSCRIPTION_NOT_SUPPORTED', 'This endpoint serves queries and mutations')
    }
    if (!this.schema.getRootType(operation.operation)) {
      throw new Failure('GRAPHQL_VALIDATION_FAILED', `The schema has no ${operation.operation}`)
    }
    const prepared = new PreparedOperation(this.schema, this.document, operation, this.limits, this.compiler)
    this.operations.set(name, prepared)
    return prepared
  }

  private whyNoOperation(name: string | undefined): string {
    if (name !== undefined) return 'The document has no operation of that name'
    const count = this.document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length
    return count === 0 ? 'The document has no operation' : 'The document has several operations: name one'
  }
}

/** Label of operations with several root fields. */
export const SEVERAL_FIELDS = 'several'
export const INTROSPECTION = 'introspection'

export class PreparedOperation {
  readonly isMutation: boolean
  readonly isSubscription: boolean
  readonly isIntrospection: boolean
  /** The root field's name, or one of two words: a set as bounded as the schema. */
  readonly label: string
  private readonly isSmall: boolean
  private run: RunOperation
  private uses = 0

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly document: DocumentNode,
    private readonly node: OperationDefinitionNode,
    private readonly limits: QueryLimits,
    private readonly compiler: OperationCompiler
  ) {
    const fields = rootFieldsOf(document, node)
    const names = new Set(fields.map(({ name }) => name.value).filter((name) => name !== '__typename'))
    this.isMutation = node.operation === 'mutation'
    this.isSubscription = node.operation === 'subscription'
    this.isIntrospection = fields.some(isIntrospection)
    this.label = this.isIntrospection
      ? INTROSPECTION
      : names.size > 1
        ? SEVERAL_FIELDS
        : ([...names][0] ?? '__typename')
    this.isSmall = countFields(schema, document, node, limits) <= limits.fieldsMax
    this.run = compiler.interpret(document, node.name?.value)
  }

  /** The client's own name of the operation. */
  get name(): string | undefined {
    return this.node.name?.value
  }

  /** Runs it. @throws Failure when these variables ask for too much */
  execute(context: unknown, variables: Variables): ReturnType<RunOperation> {
    if (!this.isSmall) this.judgeSize(variables)
    this.uses += 1
    // A document that never comes again is not worth compiling; literals inlined by a client make many.
    if (this.uses === 2) this.run = this.compiler.compile(this.document, this.node) ?? this.run
    return this.run(context, variables)
  }

  /** Starts a subscription: its results one after the other, or one result with what was wrong. */
  async subscribe(context: unknown, variables: Variables): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
    if (!this.isSmall) this.judgeSize(variables)
    const { schema, document } = this
    return subscribe({ schema, document, contextValue: context, variableValues: variables, operationName: this.name })
  }

  /** By what the variables will be worth, defaults included. Where one is wrong, nothing runs anyway. */
  private judgeSize(variables: Variables): void {
    const { schema, document, node, limits } = this
    const { coerced } = getVariableValues(schema, node.variableDefinitions ?? [], variables, { maxErrors: 1 })
    const { fieldsMax } = limits
    if (!coerced || countFields(schema, document, node, limits, coerced) <= fieldsMax) return
    throw new Failure('QUERY_TOO_COMPLEX', `The operation may produce more than ${fieldsMax} fields`)
  }
}
