/**
 * The demo's side of the wire: GraphQL over HTTP, like any client of the Admin API.
 */

import type { RampLink } from './ramp-link'
import type { WalletLink } from './wallet-link'

/** What the service said to one step. */
export interface Answer {
  /** The code of the response, undefined where the service answered with a GraphQL error instead. */
  readonly code: string | undefined
  readonly error?: string | undefined
  readonly message: string
  /** More of the answer, for the reader. */
  readonly details?: string
  /** What the step found wrong by itself. */
  readonly problem?: string
}

/** The service cannot be reached, or what answers there is not the service. */
export class Unreachable extends Error {
  constructor(url: string, reason: string, cause?: unknown) {
    super(`${url} ${reason}`, { cause })
    this.name = 'Unreachable'
  }
}

export type Variables = Readonly<Record<string, unknown>>

export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>> | undefined
  readonly errors: readonly string[]
}

const TIMEOUT_MILLISECONDS = 30_000

export class Client {
  constructor(
    /** Of the Admin API, with its path. */
    readonly url: string,
    private readonly token: string | undefined,
    /** Cuts what is under way. */
    private readonly stopping: AbortSignal,
    /** Where the customers' money is, if the demo has a wallet. */
    readonly wallet?: WalletLink,
    /** The ramp, if the demo has one. */
    readonly ramp?: RampLink
  ) {}

  async send(document: string, variables: Variables): Promise<GraphqlAnswer> {
    const response = await this.post(JSON.stringify({ query: document, variables }))
    const text = await response.text()
    if (response.status === 401 || response.status === 403) {
      throw new Unreachable(
        this.url,
        `refuses us (${response.status}): set ADMIN_API_TOKEN to the token of the service`
      )
    }
    const body = parse(text)
    if (!body || !(body.data || Array.isArray(body.errors))) {
      throw new Unreachable(this.url, `answers ${response.status} and no GraphQL: is it the URL of the Admin API?`)
    }
    const errors = (body.errors ?? []) as readonly { message: string }[]
    return { data: (body.data as GraphqlAnswer['data']) ?? undefined, errors: errors.map(({ message }) => message) }
  }

  private async post(body: string): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' }
    if (this.token) headers['authorization'] = `Bearer ${this.token}`
    const signal = AbortSignal.any([this.stopping, AbortSignal.timeout(TIMEOUT_MILLISECONDS)])
    try {
      return await fetch(this.url, { method: 'POST', headers, body, signal })
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      throw new Unreachable(this.url, `does not answer (${cause})`, error)
    }
  }
}

function parse(text: string): { data?: unknown; errors?: unknown } | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

/** A mutation's response object. */
export interface MutationResponse {
  readonly code: string
  readonly message: string | null
  readonly error?: string | null
  readonly [payload: string]: unknown
}

/** Sends a mutation with one field and turns its response into an answer. */
export async function mutate(
  client: Client,
  document: string,
  input: Variables,
  read: (response: MutationResponse) => string | undefined = () => undefined
): Promise<Answer> {
  const { data, errors } = await client.send(document, { input })
  const response = Object.values(data ?? {})[0] as MutationResponse | null | undefined
  if (!response) return { code: undefined, message: errors[0] ?? 'no answer' }
  const { code, message, error } = response
  return {
    code,
    message: message ?? '',
    error: error ?? undefined,
    details: code === '200' ? read(response) : undefined
  }
}
