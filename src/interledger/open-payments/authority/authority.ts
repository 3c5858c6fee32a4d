/**
 * The service's own authority, for operators that run no other one: just enough that clients elsewhere can make
 * and read incoming payments and quotes here. What spends money it never grants: that is the operator's to do.
 *
 * A client proves who it is by its signature, so it says what it asks for first; only a change of what it already
 * has needs the token that it has.
 */
import { accessJson, parseAccess, type AccessItem } from '../../../services/grants/access'
import type { GrantService, IssuedToken } from '../../../services/grants/grant-service'
import { parsePaymentPointerUrl } from '../../../services/payment-pointers/payment-pointer-url'
import type { ClientKeys } from '../client-keys'
import { jsonAnswer, targetsOf, type OpenPaymentsAnswer, type OpenPaymentsRequest } from '../messages'
import { verifySignature } from '../signatures'
import type { GrantLimits } from './grant-limits'

export interface AuthorityOptions {
  /** Where clients ask for grants; the other URLs are below it. */
  readonly url: string
  readonly insecureHttp: boolean
}

/** Names of what can be wrong, after RFC 9635. */
type AuthorityError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_rotation'
  | 'invalid_continuation'
  | 'request_denied'
  | 'too_fast'
  | 'not_found'

/** A request that is refused, with what it is told. */
class Denied extends Error {
  constructor(
    readonly status: number,
    readonly code: AuthorityError,
    /** Names and values in turn. */
    readonly headers?: readonly string[]
  ) {
    super(code)
    this.name = 'Denied'
  }
}

interface GrantRequest {
  /** Its payment pointer, in the normal form. */
  readonly client: string
  /** As it was sent. */
  readonly access: unknown
}

const TOKEN = /^GNAP ([^ ]+)$/
const MANAGEMENT = /^\/(token|continue)\/([^/]+)$/

export class Authority {
  private readonly base: string
  private readonly basePath: string

  constructor(
    private readonly grants: GrantService,
    private readonly keys: ClientKeys,
    private readonly limits: GrantLimits,
    private readonly options: AuthorityOptions
  ) {
    this.base = options.url.replace(/\/+$/, '')
    this.basePath = new URL(this.base).pathname.replace(/\/+$/, '')
  }

  async handle(request: OpenPaymentsRequest): Promise<OpenPaymentsAnswer> {
    try {
      return await this.answer(request)
    } catch (error) {
      if (!(error instanceof Denied)) throw error
      return jsonAnswer(error.status, { error: error.code }, error.headers)
    }
  }

  private async answer(request: OpenPaymentsRequest): Promise<OpenPaymentsAnswer> {
    const { method, path } = request
    if (!path.startsWith(this.basePath)) throw new Denied(404, 'not_found')
    const rest = path.slice(this.basePath.length)
    if (method === 'POST' && (rest === '' || rest === '/')) return this.grant(request)
    const [, kind, id = ''] = MANAGEMENT.exec(rest) ?? []
    if (kind === 'token' && method === 'POST') return this.rotate(request, id)
    if (kind === 'token' && method === 'DELETE') return this.revoke(request, id)
    if (kind === 'continue' && method === 'DELETE') return this.end(request, id)
    throw new Denied(404, 'not_found')
  }

  private async grant(request: OpenPaymentsRequest): Promise<OpenPaymentsAnswer> {
    const { context } = request
    pace(await this.limits.request(context.address ?? ''))
    const body = await request.readBody()
    const { client, access } = grantRequestOf(body)
    await this.verify(request, client, body)
    const granted = grantable(access)
    pace(await this.limits.grant(client))
    const { id, token, continueToken } = await this.grants.issue(context, client, granted)
    context.logger.info({ grantId: id, client, types: granted.map(({ type }) => type) }, 'a grant was given')
    return {
      ...jsonAnswer(200, {
        access_token: this.tokenJson(token),
        continue: { access_token: { value: continueToken }, uri: `${this.base}/continue/${id}` }
      }),
      route: 'grant'
    }
  }

  private async rotate(request: OpenPaymentsRequest, id: string): Promise<OpenPaymentsAnswer> {
    const value = await this.owned(request, id)
    const token = await this.grants.rotate(request.context, id, value)
    if (!token) throw new Denied(401, 'invalid_rotation')
    return { ...jsonAnswer(200, { access_token: this.tokenJson(token) }), route: 'rotate' }
  }

  private async revoke(request: OpenPaymentsRequest, id: string): Promise<OpenPaymentsAnswer> {
    const value = await this.owned(request, id)
    if (!(await this.grants.revoke(id, value))) throw new Denied(401, 'invalid_rotation')
    return { ...NO_CONTENT, route: 'revoke' }
  }

  private async end(request: OpenPaymentsRequest, id: string): Promise<OpenPaymentsAnswer> {
    const value = tokenOf(request)
    const client = value === undefined ? undefined : await this.grants.clientOf(id, value)
    if (value === undefined || client === undefined) throw new Denied(401, 'invalid_continuation')
    await this.verify(request, client, await request.readBody())
    if (!(await this.grants.end(request.context, id, value))) throw new Denied(401, 'invalid_continuation')
    return { ...NO_CONTENT, route: 'end' }
  }

  /** The token of a management request that its owner signed. */
  private async owned(request: OpenPaymentsRequest, id: string): Promise<string> {
    const value = tokenOf(request)
    const owner = value === undefined ? undefined : await this.grants.owner(id, value)
    if (value === undefined || !owner) throw new Denied(401, 'invalid_rotation')
    await this.verify(request, owner.client, await request.readBody())
    return value
  }

  private async verify(request: OpenPaymentsRequest, client: string, body: Buffer): Promise<void> {
    const { context, method, headers } = request
    const targets = targetsOf(request, this.options)
    let isKeyMissing = false
    const findKey = async (keyId: string): ReturnType<ClientKeys['find']> => {
      const key = await this.keys.find(context, client, keyId)
      isKeyMissing = key === undefined
      return key
    }
    const verdict = await verifySignature({ method, targets, headers, body }, context.now(), findKey)
    if (verdict === 'invalid_signature') throw new Denied(401, 'invalid_client')
    if (verdict === 'invalid_input') throw new Denied(400, isKeyMissing ? 'invalid_client' : 'invalid_request')
  }

  private tokenJson({ value, id, expiresInSeconds, access }: IssuedToken): object {
    const manage = `${this.base}/token/${id}`
    return { value, manage, expires_in: expiresInSeconds, access: access.map(accessJson) }
  }
}

const NO_CONTENT: OpenPaymentsAnswer = { status: 204, contentType: 'text/plain; charset=utf-8', body: '' }

/** Refuses whoever has to wait. */
function pace(seconds: number | undefined): void {
  if (seconds !== undefined) throw new Denied(429, 'too_fast', ['retry-after', String(seconds)])
}

function tokenOf({ headers }: OpenPaymentsRequest): string | undefined {
  return TOKEN.exec(headers.authorization ?? '')?.[1]
}

function grantRequestOf(bytes: Buffer): GrantRequest {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Denied(400, 'invalid_request')
  }
  const { access_token: token, client } = (body ?? {}) as Record<string, unknown>
  const access = (token as { access?: unknown } | null | undefined)?.access
  const pointer = typeof client === 'string' ? parsePaymentPointerUrl(client) : undefined
  if (pointer === undefined || !Array.isArray(access)) throw new Denied(400, 'invalid_request')
  return { client: pointer, access }
}

/** What nobody has to be asked about. */
function grantable(access: unknown): readonly AccessItem[] {
  const items = access as readonly ({ type?: unknown } | null)[]
  if (items.some((item) => item?.type === 'outgoing-payment')) throw new Denied(403, 'request_denied')
  const parsed = parseAccess(access)
  if (!parsed) throw new Denied(400, 'invalid_request')
  return parsed
}
