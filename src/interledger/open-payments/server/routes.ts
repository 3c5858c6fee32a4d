/** Which operation a method and a path mean. */
import type { AccessType, Action } from '../../../services/grants/access'

/** What an operation needs to be allowed. */
export interface Right {
  readonly type: AccessType
  readonly action: Extract<Action, 'create' | 'complete' | 'read' | 'list'>
}

export interface Operation {
  readonly method: 'GET' | 'POST'
  /** Path in the document. */
  readonly path: string
  /** Absent: it is public. */
  readonly right?: Right
}

export const OPERATIONS = {
  'get-payment-pointer': { method: 'GET', path: '/' },
  'get-keys': { method: 'GET', path: '/jwks.json' },
  'get-connection': { method: 'GET', path: '/connections/{id}' },
  'get-client-key': { method: 'GET', path: '/keys/{id}' },
  'create-incoming-payment': {
    method: 'POST',
    path: '/incoming-payments',
    right: { type: 'incoming-payment', action: 'create' }
  },
  'list-incoming-payments': {
    method: 'GET',
    path: '/incoming-payments',
    right: { type: 'incoming-payment', action: 'list' }
  },
  'get-incoming-payment': {
    method: 'GET',
    path: '/incoming-payments/{id}',
    right: { type: 'incoming-payment', action: 'read' }
  },
  'complete-incoming-payment': {
    method: 'POST',
    path: '/incoming-payments/{id}/complete',
    right: { type: 'incoming-payment', action: 'complete' }
  },
  'create-outgoing-payment': {
    method: 'POST',
    path: '/outgoing-payments',
    right: { type: 'outgoing-payment', action: 'create' }
  },
  'list-outgoing-payments': {
    method: 'GET',
    path: '/outgoing-payments',
    right: { type: 'outgoing-payment', action: 'list' }
  },
  'get-outgoing-payment': {
    method: 'GET',
    path: '/outgoing-payments/{id}',
    right: { type: 'outgoing-payment', action: 'read' }
  },
  'create-quote': { method: 'POST', path: '/quotes', right: { type: 'quote', action: 'create' } },
  'get-quote': { method: 'GET', path: '/quotes/{id}', right: { type: 'quote', action: 'read' } }
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS

export interface Match {
  readonly name: OperationName
  /** Path of the payment pointer; empty for what is below none. */
  readonly pointerPath: string
  /** The last id in the path. */
  readonly id: string
}

interface Form {
  readonly expression: RegExp
  readonly method: string
  readonly name: OperationName
}

/** What may stand for an id or for the end of a payment pointer's own path. */
const OWN_PLACES = new Set(['/connections/{id}', '/keys/{id}'])

/** The longest path first, so that the payment pointer itself is what is left. */
const FORMS: readonly Form[] = Object.entries(OPERATIONS)
  .map(([name, { method, path }]) => {
    const tail = path === '/' ? '' : path.replace('.', '\\.').replace('{id}', '(?<id>[^/]+)')
    const head = OWN_PLACES.has(path) ? '' : '(?<pointer>/.+)'
    return { name: name as OperationName, method, path, expression: new RegExp(`^${head}${tail}$`) }
  })
  .sort((one, other) => other.path.length - one.path.length)

/** Names that no payment pointer has in its path. */
const RESERVED = /\/(incoming-payments|outgoing-payments|quotes)(\/|$)/

/** Undefined for what is not served, in this way or at all. `HEAD` is served as `GET` is. */
export function matchRoute(method: string, path: string): Match | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method
  for (const form of FORMS) {
    const groups = form.expression.exec(path)?.groups
    if (!groups && !form.expression.test(path)) continue
    const pointerPath = groups?.pointer ?? ''
    if (RESERVED.test(pointerPath)) return undefined
    if (form.method === wanted) return { name: form.name, pointerPath, id: groups?.id ?? '' }
    // Another operation may have the same path; the payment pointer itself is no other operation.
    if (!FORMS.some(({ expression, method }) => method === wanted && String(expression) === String(form.expression)))
      return undefined
  }
  return undefined
}
