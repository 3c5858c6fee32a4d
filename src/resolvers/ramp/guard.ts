/** What a caller may ask for, judged at each root field before its resolver runs. */
import { defaultFieldResolver, type GraphQLSchema } from 'graphql'
import type { RampFailure } from '../../services/ramp/failures'
import type { RampContext } from './context'
import { refusal } from './failures'

/** Guards a schema that was just built. `publicFields` are the root fields that a public key opens. */
export function guardRootFields(schema: GraphQLSchema, publicFields: readonly string[]): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const resolve = field.resolve ?? defaultFieldResolver
      const isPublic = publicFields.includes(field.name)
      field.resolve = (source, args, context: RampContext, info): unknown => {
        const failure = failureOf(context, isPublic)
        if (failure) throw refusal(failure)
        return resolve(source, args, context, info)
      }
    }
  }
  return schema
}

function failureOf({ principal }: RampContext, isPublic: boolean): RampFailure | undefined {
  if (principal.isRestricted) return 'ACCOUNT_RESTRICTED'
  return principal.isSecret || isPublic ? undefined : 'FORBIDDEN'
}
