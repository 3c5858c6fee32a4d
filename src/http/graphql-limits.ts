/**
 * How large a GraphQL document may be, judged before anything runs.
 *
 * Everything here is linear in the document: each fragment is measured once, however often it is spread.
 */
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode
} from 'graphql'
import { Failure } from './failure'

export interface QueryLimits {
  /** Lexical tokens of the document, comments excluded. */
  readonly tokensMax: number
  /** Fields on the longest way from the root to a leaf, the root field and the leaf included. */
  readonly depthMax: number
  /** The same below `__schema` and `__type`; the standard introspection query needs 15. */
  readonly introspectionDepthMax: number
  /** Aliases in the whole document. */
  readonly aliasesMax: number
  /** Fields at the root of one operation, those of fragments included. */
  readonly rootFieldsMax: number
  /** Fields that one operation may produce, where everything below a page counts once for each of its rows. */
  readonly fieldsMax: number
  /** Rows of a page that asks for no number. */
  readonly pageDefault: number
  /** Most rows of a page. */
  readonly pageMax: number
}

export const QUERY_LIMITS: QueryLimits = {
  tokensMax: 4_000,
  depthMax: 12,
  introspectionDepthMax: 16,
  aliasesMax: 50,
  rootFieldsMax: 50,
  fieldsMax: 50_000,
  pageDefault: 20,
  pageMax: 100
}

/**
 * Nodes of the syntax tree inside each other, for each level of fields: far more than a document within the
 * other limits has, and few enough for whoever walks the tree by recursion.
 */
const NESTING_PER_LEVEL = 12

/** The first limit that the document's form passes, without a look at the schema. */
export function judgeForm(document: DocumentNode, limits: QueryLimits): Failure | undefined {
  const { aliases, nesting } = countNodes(document)
  if (nesting > NESTING_PER_LEVEL * limits.depthMax)
    return new Failure('QUERY_TOO_DEEP', 'The document is nested too deep')
  if (aliases > limits.aliasesMax) {
    return new Failure('TOO_MANY_ALIASES', `The document has more than ${limits.aliasesMax} aliases`)
  }
  const measure = new FormMeasure(document)
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const form = measure.root(definition)
    if (form.rootFields > limits.rootFieldsMax) {
      return new Failure('TOO_MANY_ROOT_FIELDS', `An operation has more than ${limits.rootFieldsMax} root fields`)
    }
    if (form.depth > limits.depthMax || form.introspectionDepth > limits.introspectionDepthMax) {
      return new Failure('QUERY_TOO_DEEP', `An operation is more than ${limits.depthMax} fields deep`)
    }
  }
  return undefined
}

function countNodes(document: DocumentNode): { aliases: number; nesting: number } {
  let aliases = 0
  let nesting = 0
  let depth = 0
  visit(document, {
    enter(node) {
      depth += 1
      nesting = Math.max(nesting, depth)
      if (node.kind === Kind.FIELD && node.alias) aliases += 1
    },
    leave() {
      depth -= 1
    }
  })
  return { aliases, nesting }
}

/** Whether a root field asks about the schema itself. */
export function isIntrospection(field: FieldNode): boolean {
  return field.name.value === '__schema' || field.name.value === '__type'
}

/** The root fields of an operation, those of fragments included, each time they are written. */
export function rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): FieldNode[] {
  const fragments = fragmentsOf(document)
  const fields: FieldNode[] = []
  const visited = new Set<string>()
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) fields.push(selection)
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        if (fragment) collect(fragment.selectionSet)
      }
    }
  }
  collect(operation.selectionSet)
  return fields
}

interface Form {
  readonly depth: number
  readonly introspectionDepth: number
  readonly rootFields: number
}

const NO_FORM: Form = { depth: 0, introspectionDepth: 0, rootFields: 0 }

/** Measures depths. A fragment that spreads itself counts as empty: validation refuses it by name. */
class FormMeasure {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly measured = new Map<string, Form>()

  constructor(document: DocumentNode) {
    this.fragments = fragmentsOf(document)
  }

  root(operation: OperationDefinitionNode): Form {
    return this.selections(operation.selectionSet)
  }

  private selections(selectionSet: SelectionSetNode): Form {
    let { depth, introspectionDepth, rootFields } = NO_FORM
    for (const selection of selectionSet.selections) {
      const form =
        selection.kind === Kind.FIELD
          ? this.field(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.selections(selection.selectionSet)
            : this.fragment(selection.name.value)
      depth = Math.max(depth, form.depth)
      introspectionDepth = Math.max(introspectionDepth, form.introspectionDepth)
      rootFields += form.rootFields
    }
    return { depth, introspectionDepth, rootFields }
  }

  private field(field: FieldNode): Form {
    const below = field.selectionSet ? this.selections(field.selectionSet) : NO_FORM
    if (isIntrospection(field)) {
      return { depth: 1, introspectionDepth: 1 + Math.max(below.depth, below.introspectionDepth), rootFields: 1 }
    }
    const introspectionDepth = below.introspectionDepth === 0 ? 0 : below.introspectionDepth + 1
    return { depth: 1 + below.depth, introspectionDepth, rootFields: 1 }
  }

  private fragment(name: string): Form {
    const known = this.measured.get(name)
    if (known) return known
    this.measured.set(name, NO_FORM)
    const fragment = this.fragments.get(name)
    const form = fragment ? this.selections(fragment.selectionSet) : NO_FORM
    this.measured.set(name, form)
    return form
  }
}

/** What each variable is worth, its default included; absent while none is known: a page then counts as the largest. */
type Variables = Readonly<Record<string, unknown>>

/** How many fields a valid operation produces at most, given its variables or for the worst of them. */
export function countFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: QueryLimits,
  variables?: Variables
): number {
  const root = schema.getRootType(operation.operation)
  return root ? new FieldCount(schema, document, limits, variables).selections(operation.selectionSet, root) : 0
}

/** What a page's number of rows is called. */
const ROWS_ARGUMENTS = ['first', 'last', 'perPage']

class FieldCount {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly counted = new Map<string, number>()

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly limits: QueryLimits,
    private readonly variables: Variables | undefined
  ) {
    this.fragments = fragmentsOf(document)
  }

  selections(selectionSet: SelectionSetNode, type: GraphQLNamedType | undefined): number {
    let count = 0
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) count += this.field(selection, type)
      else if (selection.kind === Kind.FRAGMENT_SPREAD) count += this.fragment(selection.name.value)
      else {
        const condition = selection.typeCondition
        const inner = condition ? this.schema.getType(condition.name.value) : type
        count += this.selections(selection.selectionSet, inner)
      }
    }
    return count
  }

  private field(field: FieldNode, parent: GraphQLNamedType | undefined): number {
    if (!field.selectionSet) return 1
    const definition =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined
    const type = definition ? getNamedType(definition.type) : undefined
    const rows = definition ? this.rows(field, definition) : 1
    return 1 + rows * this.selections(field.selectionSet, isCompositeType(type) ? type : undefined)
  }

  private fragment(name: string): number {
    const known = this.counted.get(name)
    if (known !== undefined) return known
    this.counted.set(name, 0)
    const fragment = this.fragments.get(name)
    const type = fragment && this.schema.getType(fragment.typeCondition.name.value)
    const count = fragment ? this.selections(fragment.selectionSet, type) : 0
    this.counted.set(name, count)
    return count
  }

  /** Rows of a paged field, which is one that can be asked for a number of rows; 1 for any other. */
  private rows(field: FieldNode, definition: GraphQLField<unknown, unknown>): number {
    if (!definition.args.some(({ name }) => ROWS_ARGUMENTS.includes(name))) return 1
    const { pageDefault, pageMax } = this.limits
    const asked = (field.arguments ?? [])
      .filter(({ name }) => ROWS_ARGUMENTS.includes(name.value))
      .map(({ value }) => {
        if (value.kind === Kind.INT) return Number(value.value)
        if (value.kind !== Kind.VARIABLE) return 0
        return this.variables ? Number(this.variables[value.name.value] ?? 0) : pageMax
      })
    const rows = Math.max(0, ...asked.filter((number) => !Number.isNaN(number)))
    return Math.min(rows === 0 ? pageDefault : rows, pageMax)
  }
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  return fragments
}
