/**
 * Who this service is to other Open Payments servers: a client with a payment pointer of its own and one
 * Ed25519 key, which it publishes there and signs its requests with.
 *
 * Without a configured key every instance on a database has the same one, made when the database was. Nobody
 * needs to choose its name either: it is the key's thumbprint.
 */
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { generateJwk, type JWK } from '@interledger/http-signature-utils'
import type { Reader } from '../../database/reader'

export type PublicKey = JWK

export interface NodeIdentity {
  /** `https` and a path; its keys are at `<url>/jwks.json`, and there is nothing else. */
  readonly paymentPointerUrl: string
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly publicKey: PublicKey
}

export interface NodeIdentitySettings {
  /** Where others reach the resource server. */
  readonly openPaymentsUrl: string
  /** Absent: a path below the resource server's host. */
  readonly nodePaymentPointerUrl?: string
  /** Absent: the key's thumbprint. */
  readonly keyId?: string
  /** An Ed25519 key as PKCS#8 in PEM. Absent: the key of the database. */
  readonly privateKeyFile?: string
}

/** Path of the service's own payment pointer where none is configured. */
export const NODE_PATH = '/.well-known/open-payments'
const SEED_BYTES = 32
/** What stands before the seed of an Ed25519 key in PKCS#8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

const STORED_SEED = {
  name: 'open_payments_key',
  text: `SELECT value FROM service_secret WHERE name = 'open_payments_key'`,
  values: []
}

/** @throws Error when there is no usable key. */
export async function openNodeIdentity(
  reader: Pick<Reader, 'rows'>,
  settings: NodeIdentitySettings
): Promise<NodeIdentity> {
  const { privateKeyFile } = settings
  const privateKey = privateKeyFile ? keyOfFile(privateKeyFile) : keyOfSeed(await storedSeed(reader))
  return identityOf(privateKey, settings)
}

export function identityOf(privateKey: KeyObject, settings: NodeIdentitySettings): NodeIdentity {
  const { x } = generateJwk({ privateKey, keyId: 'thumbprint' })
  const keyId = settings.keyId ?? thumbprintOf(x)
  const host = new URL(settings.openPaymentsUrl).host
  return {
    paymentPointerUrl: settings.nodePaymentPointerUrl ?? `https://${host}${NODE_PATH}`,
    keyId,
    privateKey,
    publicKey: generateJwk({ privateKey, keyId })
  }
}

async function storedSeed(reader: Pick<Reader, 'rows'>): Promise<Buffer> {
  const [row] = await reader.rows<{ value: string }>(STORED_SEED)
  if (!row) throw new Error('the database has no open_payments_key: set PRIVATE_KEY_FILE')
  return Buffer.from(row.value, 'base64')
}

function keyOfSeed(seed: Buffer): KeyObject {
  if (seed.length !== SEED_BYTES) throw new Error(`the open_payments_key of the database is not ${SEED_BYTES} bytes`)
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}

function keyOfFile(path: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(readFileSync(path))
  } catch (cause) {
    throw new Error(`PRIVATE_KEY_FILE=${path} cannot be read as a private key in PEM`, { cause })
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`PRIVATE_KEY_FILE=${path} is not an Ed25519 key`)
  return key
}

/** RFC 7638. */
function thumbprintOf(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
}
