/** What a caller may ask for, judged at each root field before its resolver runs. */
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import type { RampFailure } from '../../services/ramp/failures'
import type { RampContext } from './context'
import { refusal } from './failures'

type Resolve = GraphQLFieldResolver<unknown, RampContext>

/** Extensions of a root field that may be called for a presumed caller: it changes nothing before that is confirmed. */
export const LOOKS_AHEAD = { looksAhead: true } as const

/**
 * Guards a schema that was just built. `publicFields` are the root fields that a public key opens. Those that do not look
 * ahead are called when it is certain who is calling.
 */
export function guardRootFields(schema: GraphQLSchema, publicFields: readonly string[]): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const resolve = field.resolve ?? defaultFieldResolver
      const isPublic = publicFields.includes(field.name)
      const guarded: Resolve = (source, args, context, info) => {
        const failure = failureOf(context, isPublic)
        if (failure) throw refusal(failure)
        return resolve(source, args, context, info)
      }
      field.resolve = field.extensions.looksAhead ? guarded : whenConfirmed(guarded)
    }
  }
  return schema
}

function whenConfirmed(resolve: Resolve): Resolve {
  return (source, args, context, info) => {
    const { isConfirmed } = context
    if (!isConfirmed) return resolve(source, args, context, info)
    return isConfirmed.then((is) => {
      // The request is served anew, and nobody sees this.
      if (!is) throw refusal('UNAUTHENTICATED')
      return resolve(source, args, context, info)
    })
  }
}

function failureOf({ principal }: RampContext, isPublic: boolean): RampFailure | undefined {
  if (principal.isRestricted) return 'ACCOUNT_RESTRICTED'
  return principal.isSecret || isPublic ? undefined : 'FORBIDDEN'
}
