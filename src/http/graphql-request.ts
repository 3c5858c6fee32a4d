/** GraphQL over HTTP: what a request's body has to look like. */
import { isUtf8 } from 'node:buffer'
import { JsonNumber, parseExactJson } from '../services/rates/exact-json'
import { Failure } from './failure'
import type { Variables } from './graphql-executor'

export interface GraphqlRequest {
  readonly query: string
  readonly variables: Variables
  readonly operationName: string | undefined
}

/** Levels of lists and objects inside a request's variables. */
export const VARIABLES_DEPTH_MAX = 32

const NO_VARIABLES: Variables = {}

/** A run of digits that may be a number which a double cannot hold. Identifiers in common forms have none. */
const LONG_NUMBER = /\d{16}/
/** An escape of U+0000 or of half a surrogate pair, which no column stores. */
const SUSPICIOUS_ESCAPE = /\\u(0000|d[89a-f])/i
/** A JSON string, or a number with its sign and fraction. */
const JSON_STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const HALF_A_PAIR = /\p{Surrogate}/u

/** How the JSON of a request is read. @throws SyntaxError, RangeError */
export type ReadJson = (text: string) => unknown

/** @throws Failure */
export function parseGraphqlBody(bytes: Buffer, readJson: ReadJson = keepIntegers): GraphqlRequest {
  if (!isUtf8(bytes)) throw new Failure('BAD_REQUEST', 'The body is not UTF-8')
  const text = bytes.toString('utf8')
  const body = parseJson(text, readJson)
  if (Array.isArray(body)) throw new Failure('BATCHING_REFUSED', 'One request carries one operation')
  const request = graphqlRequest(body)
  if (SUSPICIOUS_ESCAPE.test(text)) refuseUnstorable(request.variables)
  return request
}

/** A query in a URL: `?query=…&variables=…&operationName=…`. @throws Failure */
export function parseGraphqlSearch(search: string): GraphqlRequest {
  const parameters = new URLSearchParams(search)
  const variables = parameters.get('variables')
  const request = graphqlRequest({
    query: parameters.get('query'),
    variables: variables === null || variables === '' ? undefined : parseJson(variables, keepIntegers),
    operationName: parameters.get('operationName')
  })
  refuseUnstorable(request.variables)
  return request
}

/** @throws Failure */
function graphqlRequest(body: unknown): GraphqlRequest {
  if (typeof body !== 'object' || body === null) throw new Failure('BAD_REQUEST', 'The request is not a JSON object')
  const { query, variables, operationName } = body as Record<string, unknown>
  if (typeof query !== 'string' || query === '') throw new Failure('BAD_REQUEST', '`query` is not a string')
  if (operationName != null && typeof operationName !== 'string') {
    throw new Failure('BAD_REQUEST', '`operationName` is not a string')
  }
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw new Failure('BAD_REQUEST', '`variables` is not an object')
  }
  if (variables != null && isDeeper(variables, VARIABLES_DEPTH_MAX)) {
    throw new Failure('BAD_USER_INPUT', `The variables are nested more than ${VARIABLES_DEPTH_MAX} levels deep`)
  }
  return {
    query,
    variables: (variables as Variables | null | undefined) ?? NO_VARIABLES,
    operationName: operationName === null || operationName === '' ? undefined : (operationName as string | undefined)
  }
}

function parseJson(text: string, readJson: ReadJson): unknown {
  try {
    return readJson(text)
  } catch (error) {
    throw new Failure('BAD_REQUEST', 'The request is not JSON', { cause: error })
  }
}

/**
 * Whole numbers that a double cannot hold exactly are handed on as strings of decimal digits: an amount
 * above 2^53 must not become another amount on the way in.
 */
function keepIntegers(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return LONG_NUMBER.test(text) ? JSON.parse(text.replace(JSON_STRING_OR_NUMBER, keepExact)) : value
}

/** How every number in a JSON object begins. Strings seldom do, though ids often look like numbers with exponents. */
const NUMBER = /[[:,]\s*-?\d/
/** A number that may not be its own digits: with an exponent, very long or very small. */
const UNUSUAL_NUMBER = /\d[eE]|[\d.]{16}|0\.0{6}|\.\d*0(?!\d)/

/**
 * Every number that would not print as it was written is handed on as a `JsonNumber`: a scalar that takes
 * decimals sees the digits that the client sent.
 */
export function keepDigits(text: string): unknown {
  const hasUnusual = NUMBER.test(text) && UNUSUAL_NUMBER.test(text)
  return hasUnusual ? parseExactJson(text, digitsOf) : JSON.parse(text)
}

function digitsOf(digits: string): number | JsonNumber {
  const number = Number(digits)
  // One zero behind the point is what some languages print a whole number with.
  return String(number) === digits || `${number}.0` === digits ? number : new JsonNumber(digits)
}

function keepExact(token: string): string {
  return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token
}

function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && isDeeper(inner as object, levels - 1)) return true
  }
  return false
}

/** Refuses characters that no text column takes. @throws Failure */
function refuseUnstorable(value: unknown): void {
  if (typeof value === 'string') {
    if (!value.includes('\0') && !HALF_A_PAIR.test(value)) return
    throw new Failure('BAD_USER_INPUT', 'A string contains U+0000 or half a surrogate pair')
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    refuseUnstorable(name)
    refuseUnstorable(inner)
  }
}
