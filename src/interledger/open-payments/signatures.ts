/**
 * HTTP message signatures, as Open Payments uses them: Ed25519, one signature of the label `sig1` over the
 * method, the target, the authorization and the digest of the body.
 *
 * The library makes and checks the signature itself. What it leaves open is settled here before it is asked: the
 * one form that headers may have, what a signature must cover, and how old it may be.
 */
import { createHash } from 'node:crypto'
import { createHeaders, validateSignature, type JWK } from '@interledger/http-signature-utils'
import type { NodeIdentity } from './node-identity'

/** A request of ours, before it is signed. */
export interface UnsignedRequest {
  readonly method: string
  /** Absolute, as it goes over the wire. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON, compact as `JSON.stringify` makes it. */
  readonly body?: string
}

/**
 * The headers that go with the request beside its own, by names in lower case: the signature and, with a body,
 * its digest, length and type.
 */
export async function signatureHeaders(
  { method, url, headers, body }: UnsignedRequest,
  { privateKey, keyId }: Pick<NodeIdentity, 'privateKey' | 'keyId'>
): Promise<Record<string, string>> {
  // The library adds headers of the body itself, and would sign both where there are two.
  const own = Object.entries(headers).filter(([name]) => !CONTENT_HEADERS.has(name.toLowerCase()))
  const request = { method, url, headers: Object.fromEntries(own), body }
  const made = await createHeaders({ request, privateKey, keyId })
  return Object.fromEntries(Object.entries(made).map(([name, value]) => [name.toLowerCase(), String(value)]))
}

const CONTENT_HEADERS = new Set(['content-type', 'content-length', 'content-digest'])

/** A request of somebody else, as it came. */
export interface SignedRequest {
  readonly method: string
  /** The absolute URLs that the request may have been sent to; the signature must name one of them. */
  readonly targets: readonly string[]
  /** By name in lower case, verbatim. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Absent or empty: there was none. */
  readonly body?: Buffer
}

/** What a signature says of itself, in the one form that is read. */
interface SignatureInput {
  readonly components: readonly string[]
  readonly keyId: string
  /** In seconds. */
  readonly created: number
  readonly expires: number | undefined
}

/**
 * - `invalid_input`: not in the form, not over what it must cover, too old, or by a key that nobody knows.
 * - `invalid_signature`: not of this request, or not by this key.
 */
export type SignatureVerdict = 'valid' | 'invalid_input' | 'invalid_signature'

/** The Ed25519 key of a name, or undefined where there is none. */
export type FindKey = (keyId: string) => Promise<PublicJwk | undefined>

/** A public key as others publish it. */
export type PublicJwk = Pick<JWK, 'kid' | 'x'>

/** How far the clocks may be apart, and how long a signature can be used. */
export const SIGNATURE_AGE_SECONDS_MAX = 900

export async function verifySignature(request: SignedRequest, now: Date, findKey: FindKey): Promise<SignatureVerdict> {
  const input = inputOf(request.headers['signature-input'])
  const signature = signatureOf(request.headers['signature'])
  if (!input || signature === undefined) return 'invalid_input'
  if (!isTimely(input, now) || !coversEnough(input, request)) return 'invalid_input'
  const body = digestedBody(request, input)
  if (body === undefined) return 'invalid_signature'
  const key = await findKey(input.keyId)
  if (!key) return 'invalid_input'
  return (await isSigned(request, signature, body, key)) ? 'valid' : 'invalid_signature'
}

const INPUT =
  /^sig1=\(("[a-z0-9@-]{1,64}"(?: "[a-z0-9@-]{1,64}"){0,15})\)((?:;[a-z]{1,16}=(?:"[^"\\;]{1,256}"|\d{1,15})){1,8})$/
const PARAMETER = /;([a-z]+)=(?:"([^"]*)"|(\d+))/g
/** 64 bytes in base64. */
const SIGNATURE = /^sig1=(:[A-Za-z0-9+/]{86}==:)$/

function inputOf(header: string | undefined): SignatureInput | undefined {
  const [, components, parameters] = INPUT.exec(header ?? '') ?? []
  if (components === undefined || parameters === undefined) return undefined
  const named = [...parameters.matchAll(PARAMETER)]
  const found = new Map(named.map(([, name, text, digits]) => [name, { text, number: digits && Number(digits) }]))
  // What is there twice means one thing to one reader and another to the next.
  if (found.size < named.length) return undefined
  const algorithm = found.get('alg')
  if (algorithm && algorithm.text !== 'ed25519') return undefined
  const keyId = found.get('keyid')?.text
  const created = found.get('created')?.number
  const expires = found.get('expires')?.number
  if (!keyId || typeof created !== 'number') return undefined
  if (found.has('expires') && typeof expires !== 'number') return undefined
  return {
    components: components.split(' ').map((quoted) => quoted.slice(1, -1)),
    keyId,
    created,
    expires: typeof expires === 'number' ? expires : undefined
  }
}

function signatureOf(header: string | undefined): string | undefined {
  return SIGNATURE.exec(header ?? '')?.[1]
}

function isTimely({ created, expires }: SignatureInput, now: Date): boolean {
  const seconds = now.getTime() / 1_000
  return Math.abs(seconds - created) <= SIGNATURE_AGE_SECONDS_MAX && (expires === undefined || seconds < expires)
}

const DERIVED = new Set(['@method', '@target-uri'])

function coversEnough({ components }: SignatureInput, { headers, body }: SignedRequest): boolean {
  const covered = new Set(components)
  if (covered.size < components.length) return false
  const isKnown = components.every((name) => (name.startsWith('@') ? DERIVED.has(name) : headers[name] !== undefined))
  const needed = [
    ...DERIVED,
    ...(headers.authorization === undefined ? [] : ['authorization']),
    ...(body?.length ? ['content-digest'] : [])
  ]
  return isKnown && needed.every((name) => covered.has(name))
}

/**
 * The body in the form that its digest was made of: as it was sent, or as compact JSON. Empty without a body;
 * undefined when the digest is of something else.
 */
function digestedBody({ headers, body }: SignedRequest, { components }: SignatureInput): string | undefined {
  if (!body?.length) return components.includes('content-digest') ? undefined : ''
  const digests = digestsOf(headers['content-digest'])
  if (!digests) return undefined
  const sent = body.toString('utf8')
  if (isDigestOf(digests, body)) return sent
  const compact = compactJson(sent)
  return compact !== undefined && isDigestOf(digests, Buffer.from(compact)) ? compact : undefined
}

const DIGEST = /^(sha-256|sha-512)=:([A-Za-z0-9+/]+=*):$/

/** By algorithm; undefined when one is of no known form. */
function digestsOf(header: string | undefined): Map<string, string> | undefined {
  const digests = new Map<string, string>()
  for (const part of (header ?? '').split(/ *, */)) {
    const [, algorithm, value] = DIGEST.exec(part) ?? []
    if (algorithm === undefined || value === undefined || digests.has(algorithm)) return undefined
    digests.set(algorithm, value)
  }
  return digests
}

function isDigestOf(digests: ReadonlyMap<string, string>, body: Buffer): boolean {
  return [...digests].every(
    ([algorithm, digest]) => createHash(algorithm.replace('-', '')).update(body).digest('base64') === digest
  )
}

function compactJson(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined
  }
}

async function isSigned(
  { method, targets, headers }: SignedRequest,
  signature: string,
  body: string,
  { kid, x }: PublicJwk
): Promise<boolean> {
  const key: JWK = { kid, x, alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519' }
  const known = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
  for (const url of targets) {
    const request = { method, url, headers: { ...known, signature: `sig1=${signature}` }, ...(body && { body }) }
    if (await isValid(key, request as LibraryRequest)) return true
  }
  return false
}

type LibraryRequest = Parameters<typeof validateSignature>[1]

/** The library throws on a key that is none. */
async function isValid(key: JWK, request: LibraryRequest): Promise<boolean> {
  try {
    return await validateSignature(key, request)
  } catch {
    return false
  }
}
