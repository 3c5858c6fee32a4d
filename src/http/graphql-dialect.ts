/**
 * Where APIs differ in how they speak GraphQL over HTTP: which methods they take, how they read numbers, which
 * documents they run, and how they say no. Everything else is the endpoint's.
 */
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql'
import { INTERNAL_MESSAGE, UNAUTHENTICATED, type Failure, type FailureCode } from './failure'
import type { GraphqlAnswer } from './graphql-endpoint'
import { formatRefusal, type Mask } from './graphql-masking'
import type { ReadJson } from './graphql-request'

export interface GraphqlDialect {
  /** Whether only POST runs documents. GET also does otherwise, for queries. */
  readonly isPostOnly: boolean
  /** How the body of a request is read; by default whole numbers keep their digits. */
  readonly readJson?: ReadJson
  /** The document to run in place of one that a client sent. */
  readonly adapt?: (document: DocumentNode, schema: GraphQLSchema) => DocumentNode
  /** The answer to whoever may not come in. */
  readonly unauthenticated: Failure
  /** The answer to a request that was refused before anything ran. */
  readonly refuse: (failure: Failure) => GraphqlAnswer
  /** The same for a document or variables that do not fit the schema. */
  readonly refuseErrors: (errors: readonly GraphQLError[], code: FailureCode) => GraphqlAnswer
  /** What is said in place of an error that nobody expected. */
  readonly internal: Mask
}

/** GraphQL over HTTP as its specification has it. */
export const STANDARD: GraphqlDialect = {
  isPostOnly: false,
  unauthenticated: UNAUTHENTICATED,
  refuse: ({ status, message, code }) => ({ status, body: { errors: [{ message, extensions: { code } }] } }),
  refuseErrors: (errors, code) => ({ status: 400, body: formatRefusal(errors, code) }),
  internal: { message: INTERNAL_MESSAGE }
}
