/**
 * The wire: one POST for one operation. It needs `fetch` and `crypto`, which Node and browsers have, and nothing else.
 */
import { canonicalJson } from './canonical-json'
import { FieldFailed, MutationRefused, RequestRefused, Unreachable } from './errors'
import type { Operation } from './operation'

export interface ClientOptions {
  /** Of the Admin API, with its path: `http://127.0.0.1:3001/graphql`. */
  readonly url: string
  /** Shown as a bearer token. */
  readonly token?: string
  /** Signs every request instead; a signature works once and for five minutes. */
  readonly signatureSecret?: string
  /** For the whole of a request. */
  readonly timeoutMilliseconds?: number
  /** Cuts what is under way. */
  readonly signal?: AbortSignal
}

const TIMEOUT_MILLISECONDS = 30_000

/** What every mutation answers. */
interface MutationResponse {
  readonly code: string
  readonly success: boolean
  readonly message: string | null
  readonly error?: string | null
}

/** The mutation's own field of a result, where it has one of the mutation's shape. */
type ResponseOf<Result> = NonNullable<Result[keyof Result]>

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly GraphqlError[]
}

interface GraphqlError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly code?: string }
}

export class HazinaClient {
  constructor(private readonly options: ClientOptions) {}

  /**
   * Sends an operation as it is. For a mutation, look at `success` of the answer, or use `mutate`.
   *
   * @throws Unreachable, RequestRefused, FieldFailed
   */
  async request<Result, Variables>(
    operation: Operation<Result, Variables>,
    variables: NoInfer<Variables>
  ): Promise<Result> {
    const body = { query: operation.toString(), operationName: operation.operationName, variables }
    const { response, answer } = await this.post(canonicalJson(plainJson(body)))
    const requestId = response.headers.get('x-request-id') ?? undefined
    const [error] = answer?.errors ?? []
    if (!answer || !response.ok) {
      const message = error?.message ?? `${this.options.url} answered ${response.status} and no GraphQL`
      throw new RequestRefused(message, response.status, error?.extensions?.code, requestId)
    }
    if (error) throw new FieldFailed(error.message, error.path ?? [], requestId)
    return answer.data as Result
  }

  /**
   * Sends a mutation and gives its response, which is a success.
   *
   * @throws MutationRefused for any other; and what `request` throws
   */
  async mutate<Result extends object, Variables>(
    operation: Operation<Result, Variables>,
    variables: NoInfer<Variables>
  ): Promise<ResponseOf<Result>> {
    const [response] = Object.values(await this.request(operation, variables)) as (MutationResponse | null)[]
    if (!response) throw new TypeError(`${operation.operationName} is not a mutation with one field`)
    const { success, code, message, error } = response
    if (!success) throw new MutationRefused(message ?? code, code, error ?? undefined)
    return response as unknown as ResponseOf<Result>
  }

  private async post(body: string): Promise<{ response: Response; answer: Answer | undefined }> {
    const { url, timeoutMilliseconds = TIMEOUT_MILLISECONDS, signal } = this.options
    const timeout = AbortSignal.timeout(timeoutMilliseconds)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: await this.headers(body),
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout
      })
      return { response, answer: parseAnswer(await response.text()) }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      throw new Unreachable(`${url} does not answer: ${String(cause)}`, { cause: error })
    }
  }

  private async headers(body: string): Promise<Record<string, string>> {
    const { token, signatureSecret } = this.options
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    if (token !== undefined) return { ...headers, authorization: `Bearer ${token}` }
    if (signatureSecret === undefined) return headers
    const time = Date.now()
    return { ...headers, signature: `t=${time}, v1=${await hmac(signatureSecret, `${time}.${body}`)}` }
  }
}

/** Everything that JSON cannot say becomes what the service takes: whole numbers become text. */
function plainJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? member.toString() : member))
  )
}

/** HMAC-SHA256 in hexadecimal. */
export async function hmac(secret: string, message: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(message)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function parseAnswer(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer)
    return isAnswer ? (answer as Answer) : undefined
  } catch {
    return undefined
  }
}
