/** A small schema with one of each: leaves, objects, lists, pages, an interface, a custom scalar, errors of all kinds. */
import {
  buildSchema,
  GraphQLError,
  GraphQLScalarType,
  Kind,
  type GraphQLFieldResolver,
  type GraphQLSchema
} from 'graphql'

const SDL = `
  scalar UInt64
  enum Colour { RED GREEN }
  interface Node { id: ID! }
  type Item implements Node {
    id: ID!
    name: String!
    amount: UInt64!
    note: String
    colour: Colour
    parent: Item
    children(first: Int, last: Int): ItemConnection!
  }
  type Box implements Node { id: ID! size: Int! }
  type ItemConnection { edges: [ItemEdge!]! }
  type ItemEdge { node: Item! cursor: String! }
  input AddInput { id: String! amount: UInt64! tags: [String!] nested: AddInput }
  type AddResponse { code: String! success: Boolean! amount: UInt64 }
  type Query {
    item(id: ID!): Item
    items(first: Int, last: Int, after: String): ItemConnection!
    node(id: ID!): Node
    echo(text: String, number: Int, amount: UInt64, decimal: Float, flag: Boolean, colour: Colour): String
    unexpected: String
    unexpectedRequired: String!
    expected: String
    plain: String
    broken: Int
    slow(milliseconds: Int!): String!
  }
  type Mutation {
    add(input: AddInput!): AddResponse
    append(text: String!): String!
  }
`

function parseUInt64(value: unknown): bigint {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new GraphQLError('UInt64 takes a number or a string')
  if (!/^\d{1,20}$/.test(String(value))) throw new GraphQLError('UInt64 is a whole number')
  const number = BigInt(value)
  if (number >= 2n ** 64n) throw new GraphQLError('UInt64 is at most 2^64 - 1')
  return number
}

const UInt64 = new GraphQLScalarType({
  name: 'UInt64',
  serialize: (value) => String(value),
  parseValue: parseUInt64,
  parseLiteral: (node) => parseUInt64(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined)
})

type Resolver = GraphQLFieldResolver<unknown, { requestId?: string }, never>

/** What mutations did, in order: a refused request leaves no trace here. */
export interface Effects {
  readonly added: bigint[]
  readonly appended: string[]
  readonly seen: unknown[]
}

/** What a storage error may say, none of which a client may read. */
export const SECRET = 'relation "secret_table" violates constraint "secret_constraint"'

export interface TestSchema {
  readonly schema: GraphQLSchema
  readonly effects: Effects
  /** Lets requests to `slow` with a negative time finish. */
  release(): void
}

export function createTestSchema(): TestSchema {
  const schema = buildSchema(SDL)
  const effects: Effects = { added: [], appended: [], seen: [] }
  const held: (() => void)[] = []
  const item = (id: string): object => ({ id, name: `item ${id}`, amount: 5n, note: null, colour: 'RED' })
  const page: Resolver = (_, { first, last }: { first?: number; last?: number }) => ({
    edges: Array.from({ length: Math.max(0, Math.min(first ?? last ?? 2, 3)) }, (_, index) => ({
      cursor: String(index),
      node: item(String(index))
    }))
  })
  const resolvers: Record<string, Record<string, Resolver>> = {
    Query: {
      item: (_, { id }: { id: string }) => Promise.resolve(id === 'none' ? null : item(id)),
      items: page,
      node: (_, { id }: { id: string }) =>
        id === 'box' ? { __typename: 'Box', id, size: 1 } : { ...item(id), __typename: 'Item' },
      echo: (_, given: object) => {
        effects.seen.push(given)
        return JSON.stringify(given, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
      },
      unexpected: () => Promise.reject(new Error(SECRET)),
      unexpectedRequired: () => {
        throw new Error(SECRET)
      },
      expected: () => {
        throw new GraphQLError('no such thing', { extensions: { code: 'NOT_THERE' } })
      },
      plain: () => {
        throw new GraphQLError('a message without a code')
      },
      broken: () => SECRET,
      slow: (_, { milliseconds }: { milliseconds: number }) =>
        new Promise((resolve) => {
          if (milliseconds < 0) held.push(() => resolve('held'))
          else setTimeout(() => resolve('slow'), milliseconds)
        })
    },
    Item: { children: page, parent: () => Promise.resolve(item('parent')) },
    Mutation: {
      add: (_, { input }: { input: { amount: bigint } }) => {
        effects.added.push(input.amount)
        return Promise.resolve({ code: '200', success: true, amount: input.amount })
      },
      append: async (_, { text }: { text: string }) => {
        await new Promise((resolve) => setImmediate(resolve))
        effects.appended.push(text)
        return effects.appended.join('')
      }
    }
  }
  for (const [type, fields] of Object.entries(resolvers)) {
    const definition = schema.getType(type)
    if (!definition || !('getFields' in definition)) throw new Error(`no type ${type}`)
    for (const [field, resolve] of Object.entries(fields))
      Object.assign(definition.getFields()[field] ?? {}, { resolve })
  }
  Object.assign(schema.getType('UInt64') ?? {}, {
    serialize: UInt64.serialize,
    parseValue: UInt64.parseValue,
    parseLiteral: UInt64.parseLiteral
  })
  return { schema, effects, release: () => held.splice(0).forEach((release) => release()) }
}
