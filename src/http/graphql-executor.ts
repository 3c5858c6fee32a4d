/**
 * Runs one operation of a valid document.
 *
 * graphql-js runs everything. An operation that comes again is compiled with graphql-jit where that is known
 * to be the same thing. It is not for lists (a rejected promise among the items lands at another index), for
 * interfaces and unions (a type that cannot be resolved leaves the request without an answer), for `@skip`
 * and `@include` (conditions leak between places that share a fragment), for several mutations (one that fails
 * for good does not stop those after it) and for literals (they pass through JSON). What remains are objects
 * and leaves with variables for arguments: the shape of every hot operation.
 * Variables are coerced by graphql-js in either case, so both say the same about a wrong one.
 */
import {
  execute,
  getNamedType,
  getVariableValues,
  GraphQLScalarType,
  GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableDefinitionNode
} from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'

export type Variables = Readonly<Record<string, unknown>>

/**
 * Runs the operation with variables as the client sent them. A result without `data` says that a variable
 * was wrong and nothing ran.
 */
export type RunOperation = (context: unknown, variables: Variables) => ExecutionResult | Promise<ExecutionResult>

/** Most wrong variables that one answer names. */
const VARIABLE_ERRORS_MAX = 10

export class OperationCompiler {
  /** The schema with one more scalar, the type of variables that were coerced already. */
  private readonly compilationSchema: GraphQLSchema

  constructor(private readonly schema: GraphQLSchema) {
    const config = schema.toConfig()
    this.compilationSchema = new GraphQLSchema({
      ...config,
      types: [...config.types, CoercedScalar],
      assumeValid: true
    })
  }

  /** Runs the operation field by field. */
  interpret(document: DocumentNode, operationName: string | undefined): RunOperation {
    const { schema } = this
    return (contextValue, variableValues) =>
      execute({ schema, document, contextValue, variableValues, operationName }) as
        ExecutionResult | Promise<ExecutionResult>
  }

  /** The operation as one function; undefined where only interpreting it is right. */
  compile(document: DocumentNode, operation: OperationDefinitionNode): RunOperation | undefined {
    if (!new FlatShape(this.schema, document, operation).holds()) return undefined
    const definitions = operation.variableDefinitions ?? []
    const compiled = compileQuery(
      this.compilationSchema,
      withCoercedVariables(document, operation),
      operation.name?.value,
      { disablingCapturingStackErrors: true }
    )
    if (!isCompiledQuery(compiled)) return undefined
    const { schema } = this
    return (context, variables) => {
      const values = getVariableValues(schema, definitions, variables, { maxErrors: VARIABLE_ERRORS_MAX })
      if (values.errors) return { errors: values.errors }
      return compiled.query(undefined, context, values.coerced)
    }
  }
}

const CoercedScalar = new GraphQLScalarType({ name: '_Coerced', parseValue: (value) => value })

/** The operation and the fragments, each variable typed so that compiled code takes its value as it is. */
function withCoercedVariables(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const type = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: CoercedScalar.name } } as const
  const variableDefinitions = operation.variableDefinitions?.map(({ kind, variable }): VariableDefinitionNode => ({
    kind,
    variable,
    type
  }))
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  return { ...document, definitions: [{ ...operation, variableDefinitions }, ...fragments] }
}

/** Whether an operation consists of objects and leaves only, without directives, its arguments variables. */
class FlatShape {
  private readonly fragments = new Map<string, FragmentDefinitionNode>()
  private readonly required = new Set<string>()

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition)
    }
    for (const { type, variable } of operation.variableDefinitions ?? []) {
      if (type.kind === Kind.NON_NULL_TYPE) this.required.add(variable.name.value)
    }
  }

  holds(): boolean {
    const { operation, selectionSet, directives } = this.operation
    const root = this.schema.getRootType(operation)
    if (!root || directives?.length) return false
    const [first, ...others] = selectionSet.selections
    if (operation === 'mutation' && (first?.kind !== Kind.FIELD || others.length > 0)) return false
    return this.selections(selectionSet, root)
  }

  private selections(selectionSet: SelectionSetNode, parent: GraphQLObjectType): boolean {
    return selectionSet.selections.every((selection) => {
      if (selection.directives?.length) return false
      if (selection.kind === Kind.FIELD) return this.field(selection, parent)
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value)
      if (!fragment || fragment.directives?.length) return false
      const isSameType = !fragment.typeCondition || fragment.typeCondition.name.value === parent.name
      return isSameType && this.selections(fragment.selectionSet, parent)
    })
  }

  private field(field: FieldNode, parent: GraphQLObjectType): boolean {
    if (field.name.value === '__typename') return true
    const definition = parent.getFields()[field.name.value]
    if (!definition || !definition.args.every((argument) => this.argument(field, argument))) return false
    const type = unwrapNonNull(definition.type)
    if (isListType(type)) return false
    const named: GraphQLNamedType = getNamedType(type)
    if (isLeafType(named)) return true
    return isObjectType(named) && field.selectionSet !== undefined && this.selections(field.selectionSet, named)
  }

  private argument(field: FieldNode, argument: GraphQLArgument): boolean {
    if (typeof argument.defaultValue === 'object' && argument.defaultValue !== null) return false
    if (typeof argument.defaultValue === 'bigint') return false
    const given = field.arguments?.find(({ name }) => name.value === argument.name)?.value
    if (!given) return true
    if (given.kind !== Kind.VARIABLE) return false
    return !isNonNullType(argument.type) || this.required.has(given.name.value)
  }
}

function unwrapNonNull(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) ? type.ofType : type
}
