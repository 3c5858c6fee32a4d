/** Pages of a list, as every connection of every API takes and gives them. */
import { GraphQLError } from 'graphql'
import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql'
import { PAGE_LIMIT_MAX, type Page, type PageRequest } from '../../database/keyset'
import { parseUuid } from '../../services/identifiers'
import { INTERNAL_CODE } from './errors'

export const PAGE_LIMIT_DEFAULT = 20

@ArgsType()
export class PageArguments {
  @Field(() => String, {
    nullable: true,
    description: 'Forward pagination: the cursor after which to start. Takes precedence over `before`.'
  })
  after?: string | null

  @Field(() => String, { nullable: true, description: 'Backward pagination: the cursor before which to end.' })
  before?: string | null

  @Field(() => Int, {
    nullable: true,
    description: 'Forward pagination: how many entries, 1 to 100; 20 if 0 or absent.'
  })
  first?: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Backward pagination, only together with `before`: how many entries, 1 to 100; 20 if 0 or absent.'
  })
  last?: number | null
}

@ObjectType('PageInfo', { description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field(() => String, { nullable: true, description: 'Cursor of the first entry; null on an empty page.' })
  startCursor!: string | null

  @Field(() => String, { nullable: true, description: 'Cursor of the last entry; null on an empty page.' })
  endCursor!: string | null

  @Field(() => Boolean, { description: 'Whether there are entries after the last one of this page.' })
  hasNextPage!: boolean

  @Field(() => Boolean, { description: 'Whether there are entries before the first one of this page.' })
  hasPreviousPage!: boolean
}

/** One page of a list, in ascending order of creation. */
export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: PageInfo
}

/** The GraphQL types of a connection. `what` names the entries in descriptions. */
export function connectionType<Node extends object>(
  node: ClassType<Node>,
  names: { readonly connection: string; readonly edge: string; readonly what: string }
): ClassType<Connection<Node>> {
  @ObjectType(names.edge, { description: `One of a page of ${names.what}.` })
  class EdgeType {
    @Field(() => String, { description: 'Marks the place of this entry, for `after` and `before`.' })
    cursor!: string

    @Field(() => node, { description: 'The entry that the cursor belongs to.' })
    node!: Node
  }

  @ObjectType(names.connection, { description: `A page of ${names.what}, in ascending order of creation.` })
  class ConnectionType implements Connection<Node> {
    @Field(() => [EdgeType], { description: 'The entries with their cursors.' })
    edges!: EdgeType[]

    @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
    pageInfo!: PageInfo
  }

  return ConnectionType
}

/** @throws GraphQLError */
export function pageRequestOf({ after, before, first, last }: PageArguments): PageRequest {
  if (before == null && last != null) throw pageError(`Can't paginate backwards from the start.`)
  for (const limit of [first, last]) {
    if (limit != null && (limit < 0 || limit > PAGE_LIMIT_MAX)) throw pageError('Pagination index error')
  }
  if (after != null) return { direction: 'forward', cursor: cursorOf(after), limit: first || PAGE_LIMIT_DEFAULT }
  if (before != null) return { direction: 'backward', cursor: cursorOf(before), limit: last || PAGE_LIMIT_DEFAULT }
  return { direction: 'forward', limit: first || PAGE_LIMIT_DEFAULT }
}

export function connectionOf<Entity extends { readonly id: string }, Node>(
  page: Page<Entity>,
  nodeOf: (entity: Entity) => Node
): Connection<Node> {
  const { nodes, hasNextPage, hasPreviousPage } = page
  return {
    edges: nodes.map((entity) => ({ cursor: entity.id, node: nodeOf(entity) })),
    pageInfo: { startCursor: nodes[0]?.id ?? null, endCursor: nodes.at(-1)?.id ?? null, hasNextPage, hasPreviousPage }
  }
}

function cursorOf(text: string): string {
  const cursor = parseUuid(text)
  if (cursor === undefined) throw pageError('Invalid cursor')
  return cursor
}

function pageError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: INTERNAL_CODE } })
}
