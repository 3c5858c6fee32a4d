/**
 * The Open Payments resource server as an OpenAPI document: what each operation takes and answers. Requests are
 * checked against it, and tests hold the answers to it.
 */

const amount = {
  type: 'object',
  required: ['value', 'assetCode', 'assetScale'],
  properties: {
    value: { type: 'string', format: 'uint64', description: 'A whole number in the smallest unit, 0 … 2^64 − 1.' },
    assetCode: { type: 'string' },
    assetScale: { type: 'integer', minimum: 0, maximum: 255 }
  }
} as const

const uri = { type: 'string', format: 'uri' } as const
const dateTime = { type: 'string', format: 'date-time' } as const
const text = { type: 'string' } as const
const metadata = { type: 'object', description: 'Kept with the payment as it is.' } as const
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const receiver = { ...uri, pattern: `^https://(.+)/(incoming-payments|connections)/${UUID}$` } as const

const signature = [
  { name: 'Signature-Input', in: 'header', required: true, schema: text },
  { name: 'Signature', in: 'header', required: true, schema: text }
] as const

const PAGE_MAX = 100
const page = [
  { name: 'cursor', in: 'query', schema: { type: 'string', minLength: 1 } },
  { name: 'first', in: 'query', schema: { type: 'integer', minimum: 1, maximum: PAGE_MAX } },
  { name: 'last', in: 'query', schema: { type: 'integer', minimum: 1, maximum: PAGE_MAX } }
] as const

const paymentPointer = {
  type: 'object',
  required: ['id', 'assetCode', 'assetScale', 'authServer'],
  additionalProperties: false,
  properties: { id: uri, publicName: text, assetCode: text, assetScale: amount.properties.assetScale, authServer: uri }
} as const

const keySet = {
  type: 'object',
  required: ['keys'],
  additionalProperties: false,
  properties: {
    keys: {
      type: 'array',
      items: {
        type: 'object',
        required: ['kid', 'alg', 'kty', 'crv', 'x'],
        additionalProperties: false,
        properties: {
          kid: text,
          alg: { type: 'string', enum: ['EdDSA'] },
          kty: { type: 'string', enum: ['OKP'] },
          crv: { type: 'string', enum: ['Ed25519'] },
          x: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' },
          use: { type: 'string', enum: ['sig'] }
        }
      }
    }
  }
} as const

const connection = {
  type: 'object',
  required: ['id', 'ilpAddress', 'sharedSecret', 'assetCode', 'assetScale'],
  additionalProperties: false,
  properties: {
    id: uri,
    ilpAddress: { type: 'string', maxLength: 1023 },
    sharedSecret: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' },
    assetCode: text,
    assetScale: amount.properties.assetScale
  }
} as const

const incomingPaymentProperties = {
  id: uri,
  paymentPointer: uri,
  incomingAmount: amount,
  receivedAmount: amount,
  completed: { type: 'boolean' },
  metadata,
  createdAt: dateTime,
  updatedAt: dateTime,
  expiresAt: dateTime
} as const

function incomingPayment(ilpStreamConnection?: object): object {
  return {
    type: 'object',
    required: ['id', 'paymentPointer', 'receivedAmount', 'completed', 'createdAt', 'updatedAt', 'expiresAt'],
    additionalProperties: false,
    properties: { ...incomingPaymentProperties, ...(ilpStreamConnection && { ilpStreamConnection }) }
  }
}

const quote = {
  type: 'object',
  required: ['id', 'paymentPointer', 'receiver', 'receiveAmount', 'sendAmount', 'createdAt', 'expiresAt'],
  additionalProperties: false,
  properties: {
    id: uri,
    paymentPointer: uri,
    receiver: uri,
    receiveAmount: amount,
    sendAmount: amount,
    createdAt: dateTime,
    expiresAt: dateTime
  }
} as const

const outgoingPayment = {
  type: 'object',
  required: [
    'id',
    'paymentPointer',
    'quoteId',
    'receiver',
    'receiveAmount',
    'sendAmount',
    'sentAmount',
    'failed',
    'createdAt',
    'updatedAt'
  ],
  additionalProperties: false,
  properties: {
    id: uri,
    paymentPointer: uri,
    quoteId: uri,
    receiver: uri,
    receiveAmount: amount,
    sendAmount: amount,
    sentAmount: amount,
    failed: { type: 'boolean' },
    metadata,
    createdAt: dateTime,
    updatedAt: dateTime
  }
} as const

const createIncomingPayment = {
  type: 'object',
  additionalProperties: false,
  properties: { incomingAmount: amount, expiresAt: dateTime, metadata, description: text, externalRef: text }
} as const

const createOutgoingPayment = {
  type: 'object',
  required: ['quoteId'],
  additionalProperties: false,
  properties: { quoteId: uri, metadata, description: text, externalRef: text }
} as const

const createQuote = {
  type: 'object',
  required: ['receiver'],
  additionalProperties: false,
  properties: { receiver, sendAmount: amount, receiveAmount: amount },
  not: { required: ['sendAmount', 'receiveAmount'] }
} as const

const FAILURES = {
  '400': { description: 'The request does not fit this document, or cannot be done.' },
  '401': { description: 'No token, one that nobody knows, or no valid signature.' },
  '403': { description: 'The token does not allow it.' },
  '404': { description: 'There is no such thing, or it is not this client’s.' }
} as const

function json(schema: object): object {
  return { content: { 'application/json': { schema } } }
}

function answers(status: string, description: string, schema: object): object {
  return { [status]: { description, ...json(schema) }, ...FAILURES }
}

function listOf(item: object): object {
  const pagination = {
    type: 'object',
    required: ['hasNextPage', 'hasPreviousPage'],
    additionalProperties: false,
    properties: {
      startCursor: text,
      endCursor: text,
      hasNextPage: { type: 'boolean' },
      hasPreviousPage: { type: 'boolean' }
    }
  }
  return {
    type: 'object',
    required: ['pagination', 'result'],
    additionalProperties: false,
    properties: { pagination, result: { type: 'array', items: item } }
  }
}

/** Paths are below a payment pointer, but for connections. */
export const RESOURCE_SERVER = {
  openapi: '3.1.0',
  info: {
    title: 'Open Payments',
    version: '1.1',
    description:
      'Payment pointers and what is below them. Requests to what is not public carry `Authorization: GNAP <token>` and an HTTP message signature by the client’s key.'
  },
  paths: {
    '/': {
      get: { operationId: 'get-payment-pointer', responses: answers('200', 'The payment pointer', paymentPointer) }
    },
    '/jwks.json': { get: { operationId: 'get-keys', responses: answers('200', 'Its keys', keySet) } },
    '/connections/{id}': {
      get: { operationId: 'get-connection', responses: answers('200', 'Fresh credentials', connection) }
    },
    '/incoming-payments': {
      post: {
        operationId: 'create-incoming-payment',
        parameters: [...signature],
        requestBody: { required: true, ...json(createIncomingPayment) },
        responses: answers('201', 'The payment', incomingPayment(connection))
      },
      get: {
        operationId: 'list-incoming-payments',
        parameters: [...signature, ...page],
        responses: answers('200', 'A page of payments', listOf(incomingPayment(uri)))
      }
    },
    '/incoming-payments/{id}': {
      get: {
        operationId: 'get-incoming-payment',
        parameters: [...signature],
        responses: answers('200', 'The payment', incomingPayment(connection))
      }
    },
    '/incoming-payments/{id}/complete': {
      post: {
        operationId: 'complete-incoming-payment',
        parameters: [...signature],
        responses: answers('200', 'The payment', incomingPayment())
      }
    },
    '/outgoing-payments': {
      post: {
        operationId: 'create-outgoing-payment',
        parameters: [...signature],
        requestBody: { required: true, ...json(createOutgoingPayment) },
        responses: answers('201', 'The payment', outgoingPayment)
      },
      get: {
        operationId: 'list-outgoing-payments',
        parameters: [...signature, ...page],
        responses: answers('200', 'A page of payments', listOf(outgoingPayment))
      }
    },
    '/outgoing-payments/{id}': {
      get: {
        operationId: 'get-outgoing-payment',
        parameters: [...signature],
        responses: answers('200', 'The payment', outgoingPayment)
      }
    },
    '/quotes': {
      post: {
        operationId: 'create-quote',
        parameters: [...signature],
        requestBody: { required: true, ...json(createQuote) },
        responses: answers('201', 'The quote', quote)
      }
    },
    '/quotes/{id}': {
      get: { operationId: 'get-quote', parameters: [...signature], responses: answers('200', 'The quote', quote) }
    }
  }
} as const
