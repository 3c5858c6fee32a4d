/** Who may do what: the token, what it allows, and the signature of the client that it was given to. */
import type { PaymentPointer } from '../../../entities'
import type { AccessItem, Action } from '../../../services/grants/access'
import type { ActiveToken } from '../../../services/grants/grant-service'
import { parsePaymentPointerUrl } from '../../../services/payment-pointers/payment-pointer-url'
import type { PaymentGrant } from '../../../services/payments/outgoing/payment-grants'
import type { Introspector } from '../authority/introspector'
import type { ClientKeys } from '../client-keys'
import { Refusal, targetsOf, type OpenPaymentsRequest } from '../messages'
import { verifySignature, type SignatureVerdict } from '../signatures'
import type { Right } from './routes'

/** A client that may do what it asks for. */
export interface Permission {
  readonly client: string
  /** Whether it reaches beyond what it made itself. */
  readonly reachesAll: boolean
  /** What payments are made under. */
  readonly grant: PaymentGrant
}

const SCHEME = /^GNAP ([^ ]+)$/

const VERDICTS: Readonly<Record<Exclude<SignatureVerdict, 'valid'>, string>> = {
  invalid_input: 'Invalid signature input',
  invalid_signature: 'Invalid signature'
}

export class Guard {
  constructor(
    private readonly introspector: Introspector,
    private readonly keys: ClientKeys,
    private readonly options: { readonly insecureHttp: boolean }
  ) {}

  /** Checks in this order: token, its state, its rights, signature. @throws Refusal */
  async admit(request: OpenPaymentsRequest, right: Right, pointer: PaymentPointer, body: Buffer): Promise<Permission> {
    const token = await this.introspect(request)
    const permission = permissionOf(token, right, pointer)
    if (!permission) throw new Refusal(403, 'Insufficient Grant')
    const isList = right.action === 'list'
    const { context, method, headers } = request
    const targets = targetsOf(request, { ...this.options, isList })
    const verdict = await verifySignature({ method, targets, headers, body }, context.now(), (keyId) =>
      this.keys.find(context, token.client, keyId)
    )
    if (verdict !== 'valid') throw new Refusal(401, VERDICTS[verdict], true)
    return permission
  }

  private async introspect({ context, headers }: OpenPaymentsRequest): Promise<ActiveToken> {
    const [, value] = SCHEME.exec(headers.authorization ?? '') ?? []
    if (value === undefined) throw new Refusal(401, 'Unauthorized', true)
    const token = await this.introspector.introspect(context, value)
    if (token === 'unusable') throw new Refusal(401, 'Invalid Token', true)
    if (token === 'inactive') throw new Refusal(403, 'Inactive Token')
    return token
  }
}

/** By the first right that covers it. */
function permissionOf(token: ActiveToken, right: Right, pointer: PaymentPointer): Permission | undefined {
  const wide: Action | undefined =
    right.action === 'read' || right.action === 'list' ? `${right.action}-all` : undefined
  const has = ({ actions }: AccessItem, action: Action | undefined): boolean =>
    action !== undefined && actions.includes(action)
  const item = token.access.find(
    (item) => item.type === right.type && isAt(item.identifier, pointer) && (has(item, right.action) || has(item, wide))
  )
  if (!item) return undefined
  const { limits } = item
  return {
    client: token.client,
    reachesAll: has(item, wide),
    grant: { id: token.grantId, ...(limits && { limits }) }
  }
}

function isAt(identifier: string | undefined, { url }: PaymentPointer): boolean {
  return identifier === undefined || identifier === url || parsePaymentPointerUrl(identifier) === url
}
