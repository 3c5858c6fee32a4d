import { Kind, type FieldNode, type GraphQLResolveInfo, type SelectionNode } from 'graphql'

/**
 * Whether a field below the one that is being resolved is asked for, by the names on the way to it. One that a
 * directive may leave out counts as asked for.
 */
export function isSelected(
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  path: readonly string[]
): boolean {
  const below = (node: { readonly selectionSet?: { readonly selections: readonly SelectionNode[] } }): FieldNode[] =>
    (node.selectionSet?.selections ?? []).flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection]
      return below(selection.kind === Kind.INLINE_FRAGMENT ? selection : (fragments[selection.name.value] ?? {}))
    })
  const found = path.reduce<readonly FieldNode[]>(
    (fields, name) => fields.flatMap(below).filter((field) => field.name.value === name),
    fieldNodes
  )
  return found.length > 0
}
