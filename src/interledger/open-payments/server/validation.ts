/** Checks requests against the document, and takes out of them what operations need. */
import { createOpenAPI, HttpMethod, isValidationError, type RequestValidator } from '@interledger/openapi'
import type { PageRequest } from '../../../database/keyset'
import { AMOUNT_MAX } from '../../../ledger/types'
import { parseUuid } from '../../../services/identifiers'
import type { AssetAmount } from '../../../services/payments/incoming/inputs'
import { RESOURCE_SERVER } from '../document'
import { Refusal, type OpenPaymentsRequest } from '../messages'
import { OPERATIONS, type OperationName } from './routes'

/** What of a request is checked. */
interface Checked {
  readonly headers: Record<string, string | undefined>
  readonly query: Record<string, unknown>
  readonly body: unknown
}

export interface ValidRequest {
  /** An object by the document; empty where the operation takes none. */
  readonly body: Readonly<Record<string, unknown>>
  /** Those of the body. */
  readonly amounts: Readonly<Partial<Record<AmountName, AssetAmount>>>
  /** Of a list: the page that is asked for. */
  readonly page: PageRequest
  /** As it was sent. */
  readonly sentBody: Buffer
}

const AMOUNT_NAMES = ['incomingAmount', 'sendAmount', 'receiveAmount'] as const
type AmountName = (typeof AMOUNT_NAMES)[number]

/** Deepest nesting of a body. */
const DEPTH_MAX = 64
const PAGE_DEFAULT = 20

export class RequestValidation {
  private constructor(private readonly validators: ReadonlyMap<string, RequestValidator<Checked>>) {}

  static async open(): Promise<RequestValidation> {
    // The library takes an object as well, whatever its types say, and changes it.
    const api = await createOpenAPI(structuredClone(RESOURCE_SERVER) as unknown as string)
    const checked = Object.entries(OPERATIONS).filter(([, operation]) => 'right' in operation)
    const validators = checked.map(([name, { method, path }]): [string, RequestValidator<Checked>] => [
      name,
      api.createRequestValidator<Checked>({ path, method: method === 'GET' ? HttpMethod.GET : HttpMethod.POST })
    ])
    return new RequestValidation(new Map(validators))
  }

  /** @throws Refusal */
  async check(name: OperationName, request: OpenPaymentsRequest): Promise<ValidRequest> {
    const validate = this.validators.get(name)
    if (!validate) throw new Error(`${name} is not in the document`)
    const sentBody = OPERATIONS[name].method === 'POST' ? await request.readBody() : NO_BYTES
    const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
    const checked: Checked = {
      headers: { ...request.headers, 'content-type': mediaType },
      query: queryOf(request.search),
      body: takesBody(name) && mediaType === 'application/json' ? parseBody(sentBody) : undefined
    }
    try {
      validate(checked)
    } catch (error) {
      throw refusalOf(error)
    }
    // Of what takes no body, nothing was checked.
    const body = (takesBody(name) ? checked.body : {}) as Record<string, unknown>
    return { body, amounts: amountsOf(body), page: pageOf(checked.query), sentBody }
  }
}

const NO_BYTES = Buffer.alloc(0)

function takesBody(name: OperationName): boolean {
  const { method, path } = OPERATIONS[name]
  const paths: Readonly<Record<string, Readonly<Record<string, object>>>> = RESOURCE_SERVER.paths
  return 'requestBody' in (paths[path]?.[method.toLowerCase()] ?? {})
}

function queryOf(search: string): Record<string, unknown> {
  const query: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(search)) {
    if (Object.hasOwn(query, name)) throw new Refusal(400, `${name} must not be repeated`)
    if (name !== '__proto__') query[name] = value
  }
  return query
}

function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Refusal(400, 'body must be JSON')
  }
  if (isDeeper(body, DEPTH_MAX)) throw new Refusal(400, `body must not be nested deeper than ${DEPTH_MAX}`)
  // What is no object passes for no body at all in the library.
  if (typeof body !== 'object' || body === null) throw new Refusal(400, 'body must be object')
  return body
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1))
}

function refusalOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !isValidationError(error)) return error
  const { status = 400, errors } = error
  const message = errors[0]?.message ?? 'the request is not valid'
  return new Refusal(status, message.startsWith('request.body was not present') ? 'body is required' : message)
}

const WHOLE_NUMBER = /^\d{1,20}$/

function amountsOf(body: Readonly<Record<string, unknown>>): ValidRequest['amounts'] {
  return Object.fromEntries(AMOUNT_NAMES.map((name) => [name, amountOf(body, name)]))
}

/** An amount of a body that fits the document; undefined when it is not there. @throws Refusal */
function amountOf(body: Readonly<Record<string, unknown>>, name: string): AssetAmount | undefined {
  const amount = body[name] as { value: string; assetCode: string; assetScale: number } | undefined
  if (amount === undefined) return undefined
  const value = WHOLE_NUMBER.test(amount.value) ? BigInt(amount.value) : undefined
  if (value === undefined || value > AMOUNT_MAX) throw new Refusal(400, `body.${name}.value must match format "uint64"`)
  return { value, assetCode: amount.assetCode, assetScale: amount.assetScale }
}

/** The page that a query which fits the document asks for. @throws Refusal */
function pageOf({ cursor: text, first, last }: Readonly<Record<string, unknown>>): PageRequest {
  if (first !== undefined && last !== undefined) throw new Refusal(400, 'first and last are mutually exclusive')
  if (last !== undefined && text === undefined) throw new Refusal(400, 'last requires cursor')
  const cursor = text === undefined ? undefined : parseUuid(String(text))
  if (text !== undefined && cursor === undefined) throw new Refusal(400, 'cursor must be the id of a resource')
  const limit = Number(first ?? last ?? PAGE_DEFAULT)
  return { direction: last === undefined ? 'forward' : 'backward', limit, ...(cursor !== undefined && { cursor }) }
}
