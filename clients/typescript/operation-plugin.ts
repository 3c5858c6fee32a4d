/**
 * A plugin of graphql-codegen: one exported constant for every operation, with the fragments that it needs.
 */
import type { CodegenPlugin } from '@graphql-codegen/plugin-helpers'
import {
  Kind,
  print,
  stripIgnoredCharacters,
  visit,
  type FragmentDefinitionNode,
  type OperationDefinitionNode
} from 'graphql'

export const operationPlugin: CodegenPlugin = {
  plugin(_schema, documents) {
    const definitions = documents.flatMap(({ document }) => document?.definitions ?? [])
    const fragments = new Map(
      definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : []))
    )
    const operations = definitions
      .filter((node) => node.kind === Kind.OPERATION_DEFINITION)
      .sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1))
    return {
      prepend: [`import { Operation } from './operation'`],
      content: operations.map((operation) => constantOf(operation, fragments)).join('\n')
    }
  }
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function constantOf(operation: OperationDefinitionNode, fragments: Fragments): string {
  const name = nameOf(operation)
  const type = `${name}${operation.operation === 'query' ? 'Query' : 'Mutation'}`
  const used = [...fragmentsOf(operation, fragments)].sort().map((fragment) => fragments.get(fragment)!)
  const text = stripIgnoredCharacters([operation, ...used].map(print).join('\n'))
  return `export const ${name}Document = new Operation<${type}, ${type}Variables>('${name}', ${JSON.stringify(text)})`
}

function fragmentsOf(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  fragments: Fragments,
  found = new Set<string>()
): Set<string> {
  visit(node, {
    FragmentSpread({ name: { value } }) {
      const fragment = fragments.get(value)
      if (!fragment) throw new Error(`there is no fragment ${value}`)
      if (found.has(value)) return
      found.add(value)
      fragmentsOf(fragment, fragments, found)
    }
  })
  return found
}

function nameOf({ name }: OperationDefinitionNode): string {
  if (!name) throw new Error('every operation of the client needs a name')
  return name.value
}
