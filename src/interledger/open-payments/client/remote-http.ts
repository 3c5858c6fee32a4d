/** The port between what is said to other Open Payments servers and how it gets there. */
import type { Logger } from '../../../services/context'

export interface RemoteRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** Access token of a grant. */
  readonly token?: string
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface RemoteAnswer {
  readonly status: number
  /** Parsed JSON; undefined when the body is none. */
  readonly body: unknown
}

/** Sends a request; signs it if it carries a token or is a POST. */
export interface RemoteHttp {
  /** @throws RemoteUnreachable */
  send(logger: Logger, request: RemoteRequest): Promise<RemoteAnswer>
}

/** Nobody can say at present: no connection, no answer in time, an answer that makes no sense, or a failure over there. */
export class RemoteUnreachable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'RemoteUnreachable'
  }
}

/** The other server understood, and refuses. */
export class RemoteRefused extends Error {
  constructor(
    message: string,
    readonly status: number
  ) {
    super(message)
    this.name = 'RemoteRefused'
  }
}

/** The authority wants to ask somebody before it grants anything: nothing that a service could do. */
export class GrantUnusable extends Error {
  constructor(readonly authServer: string) {
    super(`${authServer} grants nothing without interaction`)
    this.name = 'GrantUnusable'
  }
}
