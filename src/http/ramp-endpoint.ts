/** The endpoints of the Agent and the Merchant API. */
import type { GraphQLError, GraphQLSchema } from 'graphql'
import type { RootLogger } from '../logging'
import { RampContext } from '../resolvers/ramp/context'
import { guardRootFields } from '../resolvers/ramp/guard'
import type { Principal } from '../services/ramp/principal'
import type { Failure, FailureCode } from './failure'
import type { GraphqlDialect } from './graphql-dialect'
import { graphqlEndpoint, type GraphqlAnswer, type GraphqlLimits } from './graphql-endpoint'
import { formatRefusal } from './graphql-masking'
import { keepDigits } from './graphql-request'
import { rampAccess, RAMP_UNAUTHENTICATED, type RampKeys } from './ramp-access'
import type { Route } from './routes'
import { synonymsOf, withOwnVariableTypes } from './variable-types'

export interface RampEndpointOptions {
  readonly path: string
  readonly schema: GraphQLSchema
  readonly kind: Principal['kind']
  /** Root fields that a public key opens. Where there are none, public keys do not come in. */
  readonly publicFields?: readonly string[]
  readonly keys: RampKeys
  readonly takesPlaintext: boolean
  readonly logger: RootLogger
  readonly now: () => Date
  readonly limits?: Partial<GraphqlLimits>
  readonly hasGraphiql?: boolean
}

export function rampEndpoint(options: RampEndpointOptions): Route {
  const { path, schema, kind, publicFields = [], keys, takesPlaintext, ...common } = options
  return graphqlEndpoint({
    ...common,
    path,
    schema: guardRootFields(schema, publicFields),
    dialect: RAMP_DIALECT,
    authenticate: rampAccess({ keys, kind, takesPublicKeys: publicFields.length > 0, takesPlaintext }),
    contextOf: ({ context, caller }) => new RampContext(context, caller.principal, caller.isConfirmed)
  })
}

const SYNONYMS = synonymsOf(['PaymentType', 'PaymentTypeType', 'P2PPaymentTypeType'], ['GlobalID', 'ID'])

const VALIDATION_FAILED: FailureCode = 'GRAPHQL_VALIDATION_FAILED'

/** Refusals of the document, as opposed to the request that brought it: clients look into them at status 200. */
const OF_DOCUMENTS: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'BAD_USER_INPUT',
  'GRAPHQL_VALIDATION_FAILED',
  'INTROSPECTION_DISABLED',
  'OPERATION_RESOLUTION_FAILURE',
  'QUERY_TOO_COMPLEX',
  'QUERY_TOO_DEEP',
  'QUERY_TOO_LONG',
  'SUBSCRIPTION_NOT_SUPPORTED',
  'TOO_MANY_ALIASES',
  'TOO_MANY_ROOT_FIELDS'
])

const RAMP_DIALECT: GraphqlDialect = {
  isPostOnly: true,
  readJson: keepDigits,
  adapt: (document, schema) => withOwnVariableTypes(document, schema, SYNONYMS),
  unauthenticated: RAMP_UNAUTHENTICATED,
  refuse,
  refuseErrors,
  internal: { message: 'INTERNAL_SERVER_ERROR', extensions: { detail: 'Internal server error' } }
}

/** The message is the code, as older clients see nothing else; the sentence stands beside it. */
function refuse({ status, code, message }: Failure): GraphqlAnswer {
  const extensions = { code: ownCode(code), detail: message }
  return {
    status: OF_DOCUMENTS.has(code) ? 200 : status,
    body: { errors: [{ message: extensions.code, extensions }] }
  }
}

/** What the GraphQL engine found keeps the engine's words. */
function refuseErrors(errors: readonly GraphQLError[], code: FailureCode): GraphqlAnswer {
  return { status: 200, body: formatRefusal(errors, ownCode(code)) }
}

/** A value that does not fit its type is one more way of not fitting the schema. */
function ownCode(code: FailureCode): FailureCode {
  return code === 'BAD_USER_INPUT' ? VALIDATION_FAILED : code
}
