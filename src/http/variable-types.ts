/**
 * Names of variable types that clients of older schemas still write. A variable of such a type is taken for one
 * of the type that stands where the variable is used, if that type is among the name's synonyms.
 */
import {
  getNamedType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  type NamedTypeNode,
  type TypeNode
} from 'graphql'

/** For each name that a client may write, the types it may stand for. */
export type TypeSynonyms = Readonly<Record<string, readonly string[]>>

/** Sets of names that mean the same, each for each other. */
export function synonymsOf(...sets: readonly (readonly string[])[]): TypeSynonyms {
  return Object.fromEntries(sets.flatMap((names) => names.map((name) => [name, names] as const)))
}

/** The document with the types of its variables as the schema has them; itself where there is nothing to change. */
export function withOwnVariableTypes(
  document: DocumentNode,
  schema: GraphQLSchema,
  synonyms: TypeSynonyms
): DocumentNode {
  const isConcerned = document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.variableDefinitions?.some(({ type }) => Object.hasOwn(synonyms, namedTypeOf(type).name.value))
  )
  if (!isConcerned) return document
  const usages = new Map(document.definitions.map((definition) => [definition, usagesIn(definition, schema)]))
  const anywhere = new Map([...usages.values()].reverse().flatMap((own) => [...own]))
  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition
    const variableDefinitions = definition.variableDefinitions?.map((variable) => {
      const name = variable.variable.name.value
      const used = usages.get(definition)?.get(name) ?? anywhere.get(name)
      return { ...variable, type: renamed(variable.type, used, schema, synonyms) }
    })
    return { ...definition, variableDefinitions }
  })
  return { ...document, definitions }
}

/** The named type at the first place where each variable of a definition stands. */
function usagesIn(definition: DefinitionNode, schema: GraphQLSchema): Map<string, string> {
  const usages = new Map<string, string>()
  const types = new TypeInfo(schema)
  visit(
    definition,
    visitWithTypeInfo(types, {
      VariableDefinition: () => false,
      Variable(node) {
        const type = types.getInputType()
        if (type && !usages.has(node.name.value)) usages.set(node.name.value, getNamedType(type).name)
      }
    })
  )
  return usages
}

function renamed(type: TypeNode, used: string | undefined, schema: GraphQLSchema, synonyms: TypeSynonyms): TypeNode {
  if (type.kind !== Kind.NAMED_TYPE) {
    const inner = renamed(type.type, used, schema, synonyms)
    return { ...type, type: inner } as TypeNode
  }
  const name = type.name.value
  const names = Object.hasOwn(synonyms, name) ? synonyms[name]! : []
  // A variable that is used nowhere gets a name that the schema knows, so that validation says what is wrong.
  const own = used !== undefined && names.includes(used) ? used : names.find((each) => schema.getType(each))
  if (own === undefined || own === name) return type
  return { ...type, name: { ...type.name, value: own } } satisfies NamedTypeNode
}

function namedTypeOf(type: TypeNode): NamedTypeNode {
  return type.kind === Kind.NAMED_TYPE ? type : namedTypeOf(type.type)
}
