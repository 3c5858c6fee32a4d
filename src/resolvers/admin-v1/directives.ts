/**
 * `@auth` and `@isAdmin`: who may run a field. A caller who may not gets a refusal in the shape of a mutation's
 * response in place of the field's value, and the resolver is not run.
 *
 * They are attached when the schema is built, as a deployment wants it: to a field by `Type.field`, or to all
 * fields of a type by `Type`.
 */
import {
  defaultFieldResolver,
  DirectiveLocation,
  GraphQLDirective,
  isObjectType,
  type GraphQLField,
  type GraphQLSchema
} from 'graphql'
import type { V1Context } from './context'
import type { MutationResponse } from './interfaces'
import { failed } from './mutation'

const LOCATIONS = [DirectiveLocation.OBJECT, DirectiveLocation.FIELD_DEFINITION]

export const DIRECTIVES = [
  new GraphQLDirective({
    name: 'auth',
    description: 'Only for callers with a live session, whose key is the header `authorization`.',
    locations: LOCATIONS
  }),
  new GraphQLDirective({
    name: 'isAdmin',
    description: "Only for callers with the operator's credentials, such as the header `x-api-key`.",
    locations: LOCATIONS
  })
]

/** Where each directive is attached. */
export interface Attached {
  readonly isAdmin?: readonly string[]
  readonly auth?: readonly string[]
}

/** What a deployment that enforces them attaches. */
export const ENFORCED: Attached = { isAdmin: ['Mutation', 'Query.client'] }

const NOT_ADMIN: MutationResponse = failed({ code: '401', message: 'Unauthorized.' })
const NO_SESSION: MutationResponse = failed({ code: '401', message: 'Session not found.' })

type Refuse = (context: V1Context) => Promise<MutationResponse | undefined>

const refuseStrangers: Refuse = (context) => Promise.resolve(context.isAdmin ? undefined : NOT_ADMIN)
const refuseWithoutSession: Refuse = async (context) => ((await context.hasSession()) ? undefined : NO_SESSION)

/** Attaches directives to a schema that was just built. With both, the operator's credentials are asked first. */
export function attachDirectives(schema: GraphQLSchema, { isAdmin = [], auth = [] }: Attached): GraphQLSchema {
  // What is wrapped last is asked first.
  for (const coordinate of auth) guard(schema, coordinate, refuseWithoutSession)
  for (const coordinate of isAdmin) guard(schema, coordinate, refuseStrangers)
  return schema
}

function guard(schema: GraphQLSchema, coordinate: string, refuse: Refuse): void {
  for (const field of fieldsAt(schema, coordinate)) {
    const resolve = field.resolve ?? defaultFieldResolver
    field.resolve = async (source, args, context: V1Context, info) =>
      (await refuse(context)) ?? ((await resolve(source, args, context, info)) as unknown)
  }
}

function fieldsAt(schema: GraphQLSchema, coordinate: string): GraphQLField<unknown, V1Context>[] {
  const [typeName = '', fieldName] = coordinate.split('.')
  const type = schema.getType(typeName)
  const fields = isObjectType(type) ? Object.values(type.getFields()) : []
  const found = fields.filter(({ name }) => fieldName === undefined || name === fieldName)
  if (found.length === 0) throw new Error(`the schema has no ${coordinate} to attach a directive to`)
  return found
}
