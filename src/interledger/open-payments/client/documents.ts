/**
 * What other Open Payments servers answer, and when it makes sense. Members that are not needed are ignored:
 * servers of other versions have more of them.
 */
import Ajv, { type JSONSchemaType, type ValidateFunction } from 'ajv'
import { isValidIlpAddress } from 'ilp-packet'
import { withoutNulls } from '../../../services/members'
import type { Unit } from '../../../services/rates/rates-service'
import { RemoteUnreachable } from './remote-http'

export interface RemotePointer {
  readonly id: string
  readonly assetCode: string
  readonly assetScale: number
  readonly authServer: string
}

export interface WireAmount {
  /** A whole number, 0 … 2^64 − 1. */
  readonly value: string
  readonly assetCode: string
  readonly assetScale: number
}

export interface RemoteConnection {
  readonly id: string
  readonly ilpAddress: string
  /** 32 bytes in base64url. */
  readonly sharedSecret: string
  readonly assetCode: string
  readonly assetScale: number
}

export interface RemoteIncomingPayment {
  readonly id: string
  readonly paymentPointer: string
  readonly incomingAmount?: WireAmount
  readonly receivedAmount: WireAmount
  readonly completed: boolean
  readonly metadata?: Record<string, unknown>
  readonly createdAt: string
  readonly updatedAt: string
  readonly expiresAt?: string
  /** Absent once the payment has ended. */
  readonly ilpStreamConnection?: RemoteConnection
}

export interface GrantToken {
  readonly value: string
  /** Where the token is rotated and revoked. */
  readonly manage: string
  /** Seconds; absent: for ever. */
  readonly expires_in?: number
}

const UINT64_MAX = 2n ** 64n - 1n
const SECRET_BYTES = 32

const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true })
ajv.addFormat('uint64', (text: string) => /^\d{1,20}$/.test(text) && BigInt(text) <= UINT64_MAX)
ajv.addFormat('url', (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
ajv.addFormat('instant', (text: string) => !Number.isNaN(Date.parse(text)))

const url = { type: 'string', format: 'url', maxLength: 2_048 } as const
const instant = { type: 'string', format: 'instant', maxLength: 64 } as const
const unit = {
  assetCode: { type: 'string', minLength: 1, maxLength: 255 },
  assetScale: { type: 'integer', minimum: 0, maximum: 255 }
} as const

const AMOUNT: JSONSchemaType<WireAmount> = {
  type: 'object',
  required: ['value', 'assetCode', 'assetScale'],
  properties: { value: { type: 'string', format: 'uint64' }, ...unit }
}

const POINTER: JSONSchemaType<RemotePointer> = {
  type: 'object',
  required: ['id', 'assetCode', 'assetScale', 'authServer'],
  properties: { id: url, ...unit, authServer: url }
}

const CONNECTION: JSONSchemaType<RemoteConnection> = {
  type: 'object',
  required: ['id', 'ilpAddress', 'sharedSecret', 'assetCode', 'assetScale'],
  properties: {
    id: url,
    ilpAddress: { type: 'string', maxLength: 1_023 },
    sharedSecret: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}=?$' },
    ...unit
  }
}

const INCOMING_PAYMENT: JSONSchemaType<RemoteIncomingPayment> = {
  type: 'object',
  required: ['id', 'paymentPointer', 'receivedAmount', 'completed', 'createdAt', 'updatedAt'],
  properties: {
    id: url,
    paymentPointer: url,
    incomingAmount: { ...AMOUNT, nullable: true },
    receivedAmount: AMOUNT,
    completed: { type: 'boolean' },
    metadata: { type: 'object', nullable: true, required: [], additionalProperties: true },
    createdAt: instant,
    updatedAt: instant,
    expiresAt: { ...instant, nullable: true },
    ilpStreamConnection: { ...CONNECTION, nullable: true }
  }
}

const TOKEN: JSONSchemaType<GrantToken> = {
  type: 'object',
  required: ['value', 'manage'],
  properties: {
    value: { type: 'string', minLength: 1, maxLength: 4_096, pattern: '^[!-~]+$' },
    manage: url,
    expires_in: { type: 'integer', minimum: 0, nullable: true }
  }
}

const GRANT: JSONSchemaType<{ access_token: GrantToken }> = {
  type: 'object',
  required: ['access_token'],
  properties: { access_token: TOKEN }
}

const isPointer = ajv.compile(POINTER)
const isConnection = ajv.compile(CONNECTION)
const isIncomingPayment = ajv.compile(INCOMING_PAYMENT)
const isToken = ajv.compile(TOKEN)
const isGrant = ajv.compile(GRANT)

export function pointerOf(body: unknown, expectedUrl: string): RemotePointer {
  const pointer = read('payment pointer', isPointer, body)
  if (pointer.id !== expectedUrl) throw nonsense('payment pointer', 'it is another one')
  return pointer
}

export function grantOf(body: unknown): GrantToken {
  return read('token', isToken, read('grant', isGrant, body).access_token)
}

/** Undefined for an ILP address that nobody can send to, and for a secret of another length. */
export function connectionOf(body: unknown): RemoteConnection {
  const connection = read('connection', isConnection, body)
  const isUsable = isValidIlpAddress(connection.ilpAddress) && secretOf(connection).length === SECRET_BYTES
  if (!isUsable) throw nonsense('connection', 'its address or its secret is none')
  return connection
}

export function secretOf({ sharedSecret }: Pick<RemoteConnection, 'sharedSecret'>): Buffer {
  return Buffer.from(sharedSecret, 'base64url')
}

/** A payment that contradicts itself is as good as none: who paid it could not tell what arrived. */
export function incomingPaymentOf(body: unknown, pointer: RemotePointer): RemoteIncomingPayment {
  const payment = read('incoming payment', isIncomingPayment, body)
  const { incomingAmount, receivedAmount, completed, ilpStreamConnection } = payment
  const nonsensical = (problem: string): RemoteUnreachable => nonsense('incoming payment', problem)
  if (!payment.id.startsWith(`${pointer.id}/incoming-payments/`)) throw nonsensical('its URL is not below its pointer')
  if (!isSameUnit(receivedAmount, pointer)) throw nonsensical('it is not in the asset of its pointer')
  if (incomingAmount) {
    if (!isSameUnit(incomingAmount, receivedAmount)) throw nonsensical('its amounts are in different assets')
    const [wanted, received] = [BigInt(incomingAmount.value), BigInt(receivedAmount.value)]
    if (received > wanted) throw nonsensical('it received more than it asks for')
    if (received === wanted && !completed) throw nonsensical('it received what it asks for and is not completed')
  }
  if (ilpStreamConnection) {
    if (!isSameUnit(connectionOf(ilpStreamConnection), receivedAmount))
      throw nonsensical('its connection is in another asset')
  }
  return payment
}

function isSameUnit(one: Unit, other: Unit): boolean {
  return one.assetCode === other.assetCode && one.assetScale === other.assetScale
}

function read<Document>(what: string, isValid: ValidateFunction<Document>, body: unknown): Document {
  const document = withoutNulls(body)
  if (isValid(document)) return document
  const [error] = isValid.errors ?? []
  throw nonsense(what, `${error?.instancePath ?? ''} ${error?.message ?? 'is not one'}`.trim())
}

function nonsense(what: string, problem: string): RemoteUnreachable {
  return new RemoteUnreachable(`the ${what} that was answered makes no sense: ${problem}`)
}
