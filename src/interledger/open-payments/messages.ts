/** Requests and answers of the two Open Payments ports, whatever carries them. */
import type { RequestContext } from '../../services/context'

export interface OpenPaymentsRequest {
  readonly context: RequestContext
  readonly method: string
  /** Host and port that the client asked for. */
  readonly host: string | undefined
  /** As it was sent, without the query. */
  readonly path: string
  /** With its question mark, or nothing. */
  readonly search: string
  /** By name in lower case; what was sent twice stands there with a comma between. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Reads the body, once or again. */
  readonly readBody: () => Promise<Buffer>
}

export interface OpenPaymentsAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** Names and values in turn. */
  readonly headers?: readonly string[]
  /** What was asked for, from a bounded set: for the log and the figures. */
  readonly route?: string
}

/** A request that is refused. The message is all that the client is told. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Whether the client is told where it gets a grant. */
    readonly hasChallenge = false
  ) {
    super(message)
    this.name = 'Refusal'
  }
}

export const JSON_TYPE = 'application/json; charset=utf-8'
export const TEXT_TYPE = 'text/plain; charset=utf-8'

export function jsonAnswer(status: number, body: unknown, headers?: readonly string[]): OpenPaymentsAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body), headers }
}

/** The URLs that the request may have been signed for. */
export function targetsOf(
  { host, path, search }: OpenPaymentsRequest,
  options: { readonly insecureHttp: boolean; readonly isList?: boolean }
): string[] {
  const origins = [`https://${host}`, ...(options.insecureHttp ? [`http://${host}`] : [])]
  const targets = [
    path + search,
    // Some clients sign the URL of a list before they add its query.
    ...(options.isList && search !== '' ? [path] : []),
    // And some sign the address of an authority as it was told to them, where only HTTP itself adds the slash.
    ...(path === '/' && search === '' ? [''] : [])
  ]
  return origins.flatMap((origin) => targets.map((target) => origin + target))
}
