/**
 * Every setting of the service, once: the environment variable, what it may hold, its default and what it
 * does. The README's table is generated from here.
 */

/** A setting's text cannot be used; the message says what could. */
class Unusable extends Error {}

export interface Setting<Value> {
  /** The environment variable. */
  readonly name: string
  /** What it holds, for people. */
  readonly type: string
  readonly fallback: Value
  /** The default as the documentation shows it, where the value itself does not read well. */
  readonly fallbackText?: string
  readonly description: string
  /** Whether its value must never be shown. */
  readonly isSecret?: boolean
  /** @throws Unusable */
  readonly parse: (text: string) => Value
}

type Described<Value> = Pick<Setting<Value>, 'fallbackText'>

/** A whole number within bounds, ends included. */
function integer(
  name: string,
  range: readonly [number, number],
  fallback: number,
  description: string
): Setting<number> {
  const [min, max] = range
  const type = `${min} … ${max}`
  const parse = (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN
    if (!(value >= min && value <= max)) throw new Unusable(`must be a whole number, ${type}`)
    return value
  }
  return { name, type, fallback, description, parse }
}

function optionalInteger(
  name: string,
  range: readonly [number, number],
  description: string
): Setting<number | undefined> {
  return { ...integer(name, range, range[0], description), fallback: undefined }
}

function port(name: string, fallback: number, description: string): Setting<number> {
  return { ...integer(name, [0, 65_535], fallback, description), type: 'port' }
}

function optionalPort(name: string, description: string): Setting<number | undefined> {
  return { ...integer(name, [1, 65_535], 1, description), type: 'port', fallback: undefined }
}

function flag(name: string, fallback: boolean, description: string): Setting<boolean> {
  const parse = (text: string): boolean => {
    if (text !== 'true' && text !== 'false') throw new Unusable('must be true or false')
    return text === 'true'
  }
  return { name, type: 'true or false', fallback, description, parse }
}

function choice<Value extends string>(
  name: string,
  values: readonly Value[],
  fallback: Value,
  description: string
): Setting<Value> {
  const type = values.join(', ')
  const parse = (text: string): Value => {
    const value = values.find((known) => known === text)
    if (value === undefined) throw new Unusable(`must be one of ${type}`)
    return value
  }
  return { name, type, fallback, description, parse }
}

function text(name: string, type: string, fallback: string, description: string): Setting<string> {
  return { name, type, fallback, description, parse: (given) => given }
}

function secret(name: string, description: string): Setting<string | undefined> {
  return { name, type: 'secret', fallback: undefined, description, isSecret: true, parse: (given) => given }
}

function key32(name: string, description: string): Setting<Buffer | undefined> {
  const parse = (given: string): Buffer => {
    const bytes = Buffer.from(given, 'base64')
    if (bytes.length !== 32) throw new Unusable('must be 32 bytes in base64, as `openssl rand -base64 32` makes them')
    return bytes
  }
  return { name, type: '32 bytes in base64', fallback: undefined, description, isSecret: true, parse }
}

function path(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => {
    if (!/^(\/[\w.~-]+)+$/.test(given)) throw new Unusable('must be a path such as /graphql')
    return given
  }
  return { name, type: 'path', fallback, description, parse }
}

function parseHttpUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Unusable('must be a URL such as https://example.com/path')
  return given
}

function ilpAddress(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => {
    if (given.length > 800 || !/^(g|private|example|test[1-3]?|local)(\.[A-Za-z0-9_~-]+)+$/.test(given)) {
      throw new Unusable('must be an ILP address such as g.example.node, of at most 800 characters')
    }
    return given
  }
  return { name, type: 'ILP address', fallback, description, parse }
}

/** Some of a few, with commas between. */
function choices<Value extends string>(
  name: string,
  values: readonly Value[],
  description: string
): Setting<readonly Value[]> {
  const parse = (given: string): readonly Value[] => {
    const chosen = given.split(',').map((part) => values.find((value) => value === part.trim()))
    if (chosen.includes(undefined)) throw new Unusable(`must be some of ${values.join(',')}`)
    return chosen as Value[]
  }
  return {
    name,
    type: `some of ${values.join(', ')}`,
    fallback: values,
    fallbackText: `\`${values.join(',')}\``,
    description,
    parse
  }
}

/** What paths are put behind, so it has no slash at its end. */
function httpUrl(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => parseHttpUrl(given).replace(/\/+$/, '')
  return { name, type: 'URL', fallback, description, parse }
}

function optionalHttpUrl(name: string, description: string): Setting<string | undefined> {
  return { name, type: 'URL', fallback: undefined, description, parse: parseHttpUrl }
}

function optionalText(name: string, type: string, description: string): Setting<string | undefined> {
  return { name, type, fallback: undefined, description, parse: (given) => given }
}

/** `https` with a path, and nothing else that a payment pointer could not have. */
function optionalPointerUrl(name: string, description: string): Setting<string | undefined> {
  const parse = (given: string): string => {
    const url = URL.canParse(given) ? new URL(given) : undefined
    const isPointer = url?.protocol === 'https:' && url.pathname !== '/' && !/[?#@]/.test(given)
    if (!isPointer) throw new Unusable('must be a URL such as https://example.com/path')
    return given.replace(/\/+$/, '')
  }
  return { name, type: 'URL', fallback: undefined, description, parse }
}

function databaseUrl(name: string, more: Described<undefined>, description: string): Setting<string | undefined> {
  const parse = (given: string): string => {
    if (!/^postgres(ql)?:\/\/./.test(given)) {
      throw new Unusable('must be a URL such as postgres://user:password@host:5432/database')
    }
    return given
  }
  return { name, type: 'URL', fallback: undefined, description, isSecret: true, parse, ...more }
}

/** Whole numbers within bounds, ends included, at most 50 of them, with commas between. */
function integers(
  name: string,
  [min, max]: readonly [number, number],
  fallback: readonly number[],
  description: string
): Setting<readonly number[]> {
  const type = `numbers ${min} … ${max}`
  const parse = (given: string): readonly number[] => {
    const values = given.split(',').map((part) => (/^ *\d{1,15} *$/.test(part) ? Number(part) : NaN))
    const isRight = values.length <= 50 && values.every((value) => value >= min && value <= max)
    if (!isRight) throw new Unusable(`must be at most 50 whole numbers, ${min} … ${max}, with commas between`)
    return values
  }
  return { name, type, fallback, fallbackText: `\`${fallback.join(',')}\``, description, parse }
}

/** A decimal number, 0 or more and less than 1, kept as text so that nothing of it is lost. */
function fraction(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => {
    if (!/^0(\.\d{1,18})?$/.test(given)) throw new Unusable('must be 0 or more and less than 1, such as 0.01')
    return given
  }
  return { name, type: '0 … less than 1', fallback, description, parse }
}

const SECRET_BYTES = 32

function base64Secret(name: string, description: string): Setting<string | undefined> {
  const parse = (given: string): string => {
    const bytes = /^[A-Za-z0-9+/_-]+=*$/.test(given) ? Buffer.from(given, 'base64').length : 0
    if (bytes !== SECRET_BYTES) throw new Unusable(`must be base64 of ${SECRET_BYTES} bytes`)
    return given
  }
  return { ...secret(name, description), parse }
}

/** An amount in USD with at most six decimals, in millionths. */
function usd(name: string, fallback: string, description: string): Setting<bigint> {
  return {
    name,
    type: 'USD',
    fallback: parseUsd(fallback),
    fallbackText: `\`${fallback}\``,
    description,
    parse: parseUsd
  }
}

function parseUsd(given: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(given) ?? []
  if (whole === undefined) throw new Unusable('must be an amount in USD such as 1.25, with at most six decimals')
  return BigInt(`${whole}${fraction.padEnd(6, '0')}`)
}

/** An amount in USD for each of some names. What is given replaces the defaults of the names it has. */
function usdByName(
  name: string,
  fallback: Readonly<Record<string, string>>,
  description: string
): Setting<Readonly<Record<string, bigint>>> {
  const amounts = Object.fromEntries(Object.entries(fallback).map(([key, amount]) => [key, parseUsd(amount)]))
  const shown = Object.entries(fallback).map(([key, amount]) => `${key}=${amount}`)
  const parse = (given: string): Readonly<Record<string, bigint>> => {
    const pairs = given.split(',').map((pair): [string, bigint] => {
      const [key = '', amount = ''] = pair.split('=').map((part) => part.trim())
      if (!Object.hasOwn(fallback, key))
        throw new Unusable(`names ${key || 'nothing'}: there is ${Object.keys(fallback).join(', ')}`)
      return [key, parseUsd(amount)]
    })
    return { ...amounts, ...Object.fromEntries(pairs) }
  }
  return { name, type: 'name=USD,…', fallback: amounts, fallbackText: `\`${shown.join(',')}\``, description, parse }
}

const HOUR_MILLISECONDS = 3_600_000
const WEEK_SECONDS = 604_800
const YEAR_MILLISECONDS = 31_536_000_000
const LOCAL_PAYMENT_METHODS = ['ledger', 'stream'] as const
const WEBHOOK_PAYLOADS = ['v2', 'v1'] as const
const ROLES = ['admin', 'op', 'connector', 'workers'] as const
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** By the name that the code uses. The order is that of the documentation. */
export const SETTINGS = {
  host: text(
    'HOST',
    'host or address',
    '127.0.0.1',
    'Where the ports listen. Others than this machine need credentials.'
  ),
  roles: choices(
    'ROLES',
    ROLES,
    'What this instance does: the APIs for operators, Open Payments, packets of peers, and what goes on by itself. Health and figures are there without any.'
  ),
  adminPort: port('ADMIN_PORT', 3001, 'Admin API, health and figures. 0 takes any free port.'),
  adminApiToken: secret('ADMIN_API_TOKEN', 'Lets in who shows it, as a bearer token or as `x-api-key`.'),
  adminSignatureSecret: secret('ADMIN_SIGNATURE_SECRET', 'Lets in who signs requests with it.'),
  adminPath: path('ADMIN_GRAPHQL_PATH', '/graphql', 'Path of the Admin API.'),
  adminV1Path: path('V1_GRAPHQL_PATH', '/v1/graphql', 'Path of Admin API v1.'),
  enforcesV1Directives: flag(
    'V1_ENFORCE_DIRECTIVES',
    false,
    'Whether mutations of Admin API v1, and its query `client`, need credentials also from this machine.'
  ),
  agentPath: path('AGENT_GRAPHQL_PATH', '/cashramp/bot/graphql', 'Path of the Agent API.'),
  merchantPath: path('MERCHANT_GRAPHQL_PATH', '/cashramp/api/graphql', 'Path of the Merchant API.'),
  hasGraphiql: flag('GRAPHIQL', true, 'Whether a browser gets GraphiQL at the path of an API.'),
  databaseUrl: databaseUrl(
    'DATABASE_URL',
    { fallbackText: 'a PostgreSQL of its own' },
    'PostgreSQL, 15 or later. Without it the service runs one of its own in `HAZINA_DATA_DIR`.'
  ),
  dataFolder: text('HAZINA_DATA_DIR', 'folder', './.hazina', 'Where the embedded PostgreSQL keeps its data.'),
  embeddedPort: optionalPort(
    'EMBEDDED_POSTGRES_PORT',
    'Opens the embedded PostgreSQL on this port of the loopback interface; the password is in `HAZINA_DATA_DIR`.'
  ),
  databaseWaitMilliseconds: integer(
    'DATABASE_WAIT_MS',
    [0, HOUR_MILLISECONDS],
    60_000,
    'How long a start waits for a database that does not answer yet.'
  ),
  databasePoolMax: integer('DATABASE_POOL_MAX', [1, 1_000], 10, 'Most connections for what is not on the hot path.'),
  allowAsyncCommit: flag(
    'ALLOW_ASYNC_COMMIT',
    false,
    'Accepts a server with `synchronous_commit` off: a crash may lose the last moments that were acknowledged.'
  ),
  ledgerQueueMax: integer(
    'LEDGER_QUEUE_MAX',
    [1, 1_000_000],
    20_000,
    'Most submissions that wait for the ledger; more are refused at once.'
  ),
  bodyBytesMax: integer('BODY_BYTES_MAX', [1_024, 16_777_216], 262_144, 'Largest body of a request, in bytes.'),
  queryDepthMax: integer('QUERY_DEPTH_MAX', [1, 100], 12, 'Deepest nesting of fields in a document.'),
  queryAliasesMax: integer('QUERY_ALIASES_MAX', [0, 10_000], 50, 'Most aliases in a document.'),
  queryRootFieldsMax: integer('QUERY_ROOT_FIELDS_MAX', [1, 10_000], 50, 'Most fields at the root of an operation.'),
  queryTokensMax: integer('QUERY_TOKENS_MAX', [100, 100_000], 4_000, 'Most lexical tokens in a document.'),
  idempotencyKeyLockMilliseconds: integer(
    'GRAPHQL_IDEMPOTENCY_KEY_LOCK_MS',
    [1, 60_000],
    2_000,
    'How long a request waits for another one with the same idempotency key.'
  ),
  idempotencyKeyLifetimeMilliseconds: integer(
    'GRAPHQL_IDEMPOTENCY_KEY_TTL_MS',
    [1, YEAR_MILLISECONDS],
    86_400_000,
    'How long an answer is kept under its idempotency key.'
  ),
  withdrawalHoldSeconds: integer(
    'WITHDRAWAL_HOLD_SECONDS',
    [0, YEAR_MILLISECONDS / 1_000],
    0,
    'How long a withdrawal waits to be posted or voided; 0 is for ever.'
  ),
  credentialHashKey: secret(
    'CREDENTIAL_HASH_KEY',
    'Key of the hashes that API keys and sessions are stored as. Unset: one that is kept in the database. Changing it makes all of them invalid.'
  ),
  secretsKey: key32(
    'SECRETS_KEY',
    'Encrypts the tokens of others that are stored: those sent to peers and to other servers. Unset: they are stored as they are.'
  ),
  secretsKeyPrevious: key32(
    'SECRETS_KEY_PREVIOUS',
    'The key before it was changed, for tokens that are stored already.'
  ),
  sessionLengthMinutes: integer(
    'SESSION_LENGTH',
    [1, 525_600],
    30,
    'How long a session lives after it was opened or refreshed, in minutes.'
  ),
  guessesPerPaymentPointerMax: integer(
    'API_KEY_GUESSES_PER_POINTER',
    [1, 1_000_000],
    60,
    'Failed tries a minute to redeem an API key of one payment pointer, for each instance of the service.'
  ),
  guessesPerAddressMax: integer(
    'API_KEY_GUESSES_PER_ADDRESS',
    [1, 1_000_000],
    120,
    'Failed tries a minute to redeem API keys from one address, for each instance of the service.'
  ),
  incomingPaymentExpiryMaxMilliseconds: integer(
    'INCOMING_PAYMENT_EXPIRY_MAX_MS',
    [1, YEAR_MILLISECONDS],
    2_592_000_000,
    'Longest life of an incoming payment, and its life if none is asked for.'
  ),
  incomingPaymentSettlingMilliseconds: integer(
    'INCOMING_PAYMENT_SETTLING_MS',
    [0, HOUR_MILLISECONDS],
    30_000,
    'How long after its end the total of an incoming payment is announced.'
  ),
  incomingPaymentWorkers: integer(
    'INCOMING_PAYMENT_WORKERS',
    [0, 100],
    1,
    'Most loops that end and announce incoming payments; 0 leaves it to other instances.'
  ),
  incomingPaymentWorkerIdleMilliseconds: integer(
    'INCOMING_PAYMENT_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long such a loop sleeps when no payment is due.'
  ),
  deactivationGraceMilliseconds: integer(
    'PAYMENT_POINTER_DEACTIVATION_PAYMENT_GRACE_PERIOD_MS',
    [0, YEAR_MILLISECONDS],
    86_400_000,
    'How long the open incoming payments of a deactivated payment pointer go on at most.'
  ),
  withdrawalThrottleDelayMilliseconds: optionalInteger(
    'WITHDRAWAL_THROTTLE_DELAY',
    [0, YEAR_MILLISECONDS],
    'How long what a payment pointer received itself is collected, in milliseconds, before it is announced. Unset: only thresholds of assets make it due.'
  ),
  paymentPointerWorkers: integer(
    'PAYMENT_POINTER_WORKERS',
    [0, 100],
    1,
    'Most loops that announce what payment pointers received; 0 leaves it to `triggerPaymentPointerEvents`.'
  ),
  paymentPointerWorkerIdleMilliseconds: integer(
    'PAYMENT_POINTER_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long such a loop sleeps when no payment pointer is due.'
  ),
  openPaymentsPort: port('OPEN_PAYMENTS_PORT', 3003, 'Payment pointers and what is below them. 0 takes any free port.'),
  openPaymentsUrl: httpUrl(
    'OPEN_PAYMENTS_URL',
    'http://127.0.0.1:3003',
    'What the URLs of connections start with, as others reach this service.'
  ),
  nodePaymentPointerUrl: optionalPointerUrl(
    'PAYMENT_POINTER_URL',
    'Payment pointer as which the service asks other servers; its key is published below it. Unset: `/.well-known/open-payments` on the host of `OPEN_PAYMENTS_URL`.'
  ),
  keyId: optionalText('KEY_ID', 'text', 'Name of that key. Unset: its thumbprint.'),
  privateKeyFile: optionalText(
    'PRIVATE_KEY_FILE',
    'file',
    'The Ed25519 key that signs what the service asks of others, as PKCS#8 in PEM. Unset: one that is kept in the database.'
  ),
  authPort: port(
    'AUTH_PORT',
    3006,
    'The authority of the service itself, if there is no other one. 0 takes any free port.'
  ),
  authServerGrantUrl: optionalHttpUrl(
    'AUTH_SERVER_GRANT_URL',
    'Where clients ask for grants, as they reach it. Unset: `AUTH_PORT` on the host of `OPEN_PAYMENTS_URL`.'
  ),
  authServerIntrospectionUrl: optionalHttpUrl(
    'AUTH_SERVER_INTROSPECTION_URL',
    'Tells what access tokens allow. Unset: the service is its own authority.'
  ),
  grantsPerClientMax: integer(
    'AUTH_GRANTS_PER_CLIENT',
    [1, 1_000_000],
    60,
    'Grants a minute that it gives one client, for each instance of the service.'
  ),
  grantsPerAddressMax: integer(
    'AUTH_GRANTS_PER_ADDRESS',
    [1, 1_000_000],
    600,
    'Requests a minute for grants that it looks at from one address, for each instance of the service.'
  ),
  openPaymentsInsecureHttp: flag(
    'OPEN_PAYMENTS_INSECURE_HTTP',
    false,
    'For development: plain HTTP on the wire where a URL says https, in both directions.'
  ),
  openPaymentsAllowPrivateHosts: flag(
    'OPEN_PAYMENTS_ALLOW_PRIVATE_HOSTS',
    false,
    'Whether URLs that others name may lead to addresses that are not of the public internet.'
  ),
  paymentPointerLookupTimeoutMilliseconds: integer(
    'PAYMENT_POINTER_LOOKUP_TIMEOUT_MS',
    [0, 60_000],
    1_500,
    'How long a request for a payment pointer that is not there waits for the operator to make it.'
  ),
  paymentPointerPollingMilliseconds: integer(
    'PAYMENT_POINTER_POLLING_FREQUENCY_MS',
    [1, 60_000],
    100,
    'How often it looks meanwhile.'
  ),
  exchangeRatesUrl: optionalHttpUrl(
    'EXCHANGE_RATES_URL',
    'Answers `GET ?base=<code>` with `{ "base": …, "rates": { <code>: <units for one of base>, … } }`, and with `"sides": { <code>: { "buy": …, "sell": … }, … }` where it knows markets, which the ramp follows for USD. Unset, and without a file: only equal codes can be exchanged.'
  ),
  exchangeRatesFile: optionalText(
    'EXCHANGE_RATES_FILE',
    'file',
    'Holds one such answer, from which the rates between all its codes follow. Instead of a URL.'
  ),
  exchangeRatesLifetimeMilliseconds: integer(
    'EXCHANGE_RATES_LIFETIME',
    [1, HOUR_MILLISECONDS],
    15_000,
    'How long exchange rates are used after they were asked for.'
  ),
  exchangeRatesTimeoutMilliseconds: integer(
    'EXCHANGE_RATES_TIMEOUT',
    [1, 60_000],
    5_000,
    'How long an answer with exchange rates may take.'
  ),
  quoteLifespanMilliseconds: integer(
    'QUOTE_LIFESPAN',
    [1, YEAR_MILLISECONDS],
    300_000,
    'How long a quote can be used and its payment funded.'
  ),
  quoteProbesMax: integer(
    'QUOTE_PROBES_MAX',
    [1, 100_000],
    64,
    'Quotes for receivers elsewhere that look the way over at the same time, for each instance of the service.'
  ),
  quoteProbesPerClientMax: integer(
    'QUOTE_PROBES_PER_CLIENT',
    [1, 100_000],
    4,
    'And those of one Open Payments client.'
  ),
  quoteUrl: optionalHttpUrl(
    'QUOTE_URL',
    'Is asked about every quote and alone decides on fees. Unset: the sending fees of assets apply.'
  ),
  quoteTimeoutMilliseconds: integer('QUOTE_TIMEOUT', [1, 60_000], 5_000, 'How long its answer may take.'),
  outgoingPaymentWorkers: integer(
    'OUTGOING_PAYMENT_WORKERS',
    [0, 1_000],
    32,
    'Most outgoing payments that are sent at the same time; 0 leaves it to other instances.'
  ),
  outgoingPaymentDurationMillisecondsMax: integer(
    'OUTGOING_PAYMENT_MAX_DURATION',
    [1_000, HOUR_MILLISECONDS],
    300_000,
    'Longest attempt to send a payment in packets.'
  ),
  slippage: fraction(
    'SLIPPAGE',
    '0.01',
    'How much less than the exchange rate lets expect may arrive at receivers elsewhere.'
  ),
  localPaymentMethod: choice(
    'LOCAL_PAYMENT_METHOD',
    LOCAL_PAYMENT_METHODS,
    'ledger',
    'How receivers on this instance are paid: by one transfer, or for a test of the packets in packets too.'
  ),
  connectorPort: port('CONNECTOR_PORT', 3002, 'Packets of peers: ILP over HTTP. 0 takes any free port.'),
  ilpAddress: ilpAddress(
    'ILP_ADDRESS',
    'test.hazina',
    'Of this node in the Interledger network. What others pay here has an address below it.'
  ),
  ilpSpread: fraction(
    'ILP_SPREAD',
    '0',
    'Part of the exchange rate that is kept of packets that go on in another currency: 0.01 is a hundredth.'
  ),
  ilpInFlightMax: integer(
    'ILP_MAX_INFLIGHT',
    [1, 100_000],
    500,
    'Most packets of peers under way at once in this instance; more are rejected.'
  ),
  ilpInFlightPerPeerMax: integer(
    'ILP_MAX_INFLIGHT_PER_PEER',
    [1, 100_000],
    100,
    'Most packets under way at once from one peer, and as many to it.'
  ),
  ilpPacketsPerMinute: integer(
    'ILP_PACKETS_PER_MINUTE',
    [1, 1_000_000_000],
    10_000,
    'Most packets a minute from one peer, or of one payment, for each instance.'
  ),
  ilpThroughputLimit: optionalInteger(
    'ILP_THROUGHPUT_LIMIT',
    [1, 999_999_999_999_999],
    'Most that packets bring from one peer a second, and most that they take to one, in the smallest unit of its asset, for each instance. Unset: any amount.'
  ),
  ilpPeerLiquidityLow: optionalInteger(
    'ILP_PEER_LIQUIDITY_LOW',
    [1, 1_000_000_000_000],
    'Whole units of its asset; a peer with less liquidity is warned of in the log. Unset: no warning.'
  ),
  streamSecret: base64Secret(
    'STREAM_SECRET',
    'From which the credentials of what can be paid follow: base64 of 32 bytes. Unset: one that is kept in the database.'
  ),
  streamSecretPrevious: base64Secret(
    'STREAM_SECRET_PREVIOUS',
    'The one before, while what was handed out under it can still be paid.'
  ),
  outgoingPaymentWorkerIdleMilliseconds: integer(
    'OUTGOING_PAYMENT_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long sending sleeps at most when no payment is due.'
  ),
  webhookUrl: optionalHttpUrl(
    'WEBHOOK_URL',
    'Where webhooks are sent. Unset: events are stored and listed, and not delivered.'
  ),
  webhookPayload: choice(
    'WEBHOOK_PAYLOAD',
    WEBHOOK_PAYLOADS,
    'v2',
    'Which events are written, and how: those of Admin API v1 are six, with `description` and `externalRef` in place of `metadata`.'
  ),
  webhookTimeoutMilliseconds: integer(
    'WEBHOOK_TIMEOUT',
    [1, 600_000],
    2_000,
    'How long the receiver of a webhook has to answer, in milliseconds.'
  ),
  webhookAcceptsAny2xx: flag(
    'WEBHOOK_ACCEPT_2XX',
    false,
    'Counts every status from 200 to 299 as a delivery; otherwise only 200 is one.'
  ),
  webhookWorkers: integer(
    'WEBHOOK_WORKERS',
    [0, 100],
    1,
    'Loops that deliver webhooks; 0 leaves it to other instances.'
  ),
  webhookConcurrency: integer(
    'WEBHOOK_CONCURRENCY',
    [1, 1_000],
    32,
    'Most first attempts that such a loop has under way at a time, and as many further ones.'
  ),
  webhookWorkerIdleMilliseconds: integer(
    'WEBHOOK_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long such a loop sleeps when no webhook is due.'
  ),
  webhookAttemptsMax: integer(
    'WEBHOOK_ATTEMPTS_MAX',
    [1, 100_000],
    500,
    'Attempts after which a webhook is given up until it is replayed. The default lasts more than three days.'
  ),
  webhookRetryMillisecondsMin: integer(
    'WEBHOOK_RETRY_MIN_MS',
    [1, HOUR_MILLISECONDS],
    10_000,
    'Pause after the first failed attempt; it doubles with each further one.'
  ),
  webhookRetryMillisecondsMax: integer(
    'WEBHOOK_RETRY_MAX_MS',
    [1, 24 * HOUR_MILLISECONDS],
    600_000,
    'Longest pause between two attempts.'
  ),
  signatureSecret: secret('SIGNATURE_SECRET', 'Signs webhooks. Unset: they are not signed.'),
  signatureVersion: integer('SIGNATURE_VERSION', [1, 1_000], 1, 'Version that the signature header names.'),
  operatorApiToken: secret(
    'OPERATOR_API_TOKEN',
    'Opens the operator routes of the ramp as a bearer token. Unset: they are there for this machine alone.'
  ),
  rampTestMode: flag(
    'RAMP_TEST_MODE',
    false,
    'For tests of the ramp: the operator may move its clock, plain HTTP is taken, and webhooks go to any address. Refused where NODE_ENV is production.'
  ),
  rampQuoteLifetimeMilliseconds: integer(
    'RAMP_QUOTE_TTL_MS',
    [30_000, 180_000],
    60_000,
    'How long the rate of a quote of the ramp is promised.'
  ),
  rampDepositExpiryMilliseconds: integer(
    'RAMP_DEPOSIT_EXPIRY_MS',
    [1_000, WEEK_SECONDS * 1_000],
    1_800_000,
    'How long the customer of a deposit has to pay.'
  ),
  rampAcceptWindowMilliseconds: integer(
    'RAMP_WITHDRAWAL_ACCEPT_WINDOW_MS',
    [1_000, WEEK_SECONDS * 1_000],
    300_000,
    'How long an agent has to accept a withdrawal before another one gets it.'
  ),
  rampPayoutWindowMilliseconds: integer(
    'RAMP_WITHDRAWAL_PAYOUT_WINDOW_MS',
    [1_000, WEEK_SECONDS * 1_000],
    1_800_000,
    'How long it then has to pay it out before the operator sees it as overdue.'
  ),
  rampAutoConfirmMilliseconds: integer(
    'RAMP_WITHDRAWAL_AUTO_CONFIRM_MS',
    [1_000, YEAR_MILLISECONDS],
    86_400_000,
    'How long after it was paid a withdrawal completes without the word of the customer.'
  ),
  rampHostedLifetimeMilliseconds: integer(
    'RAMP_HOSTED_REQUEST_TTL_MS',
    [1_000, YEAR_MILLISECONDS],
    86_400_000,
    'How long an order on a page waits for its customer to choose a rail.'
  ),
  rampAssignmentsMax: integer(
    'RAMP_MAX_ASSIGNMENTS',
    [1, 100],
    3,
    'To how many agents a withdrawal is given, one after the other, before it is canceled.'
  ),
  rampFeeBasisPoints: integer(
    'RAMP_FEE_BPS',
    [0, 9_999],
    150,
    'What an order costs its merchant, in hundredths of a per cent, unless the merchant has a fee of its own.'
  ),
  rampAgentShareBasisPoints: integer(
    'RAMP_AGENT_FEE_SHARE_BPS',
    [0, 10_000],
    5_000,
    "The agent's share of that fee, in hundredths of a per cent."
  ),
  rampDepositMinimumUsd: usd('RAMP_DEPOSIT_MINIMUM', '2', 'Smallest deposit of the ramp.'),
  rampDepositMaximumUsd: usd('RAMP_DEPOSIT_MAXIMUM', '5000', 'Largest deposit of the ramp.'),
  rampWithdrawalMinimumUsd: usd('RAMP_WITHDRAWAL_MINIMUM', '2', 'Smallest withdrawal of the ramp.'),
  rampWithdrawalMaximumUsd: usd('RAMP_WITHDRAWAL_MAXIMUM', '5000', 'Largest withdrawal of the ramp.'),
  rampDailyLimitUsd: usd(
    'RAMP_DAILY_LIMIT',
    '10000',
    "Most that one customer's orders come to within a day in UTC, deposits and withdrawals together."
  ),
  rampOrderConcurrency: integer(
    'RAMP_ORDER_WORKERS',
    [0, 1_000],
    16,
    'Most orders of the ramp whose time has come that are taken further at the same time; 0 leaves it to other instances.'
  ),
  rampOrderWorkerIdleMilliseconds: integer(
    'RAMP_ORDER_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    500,
    'How long that sleeps when no order is due.'
  ),
  rampWebhookTimeoutMilliseconds: integer(
    'RAMP_WEBHOOK_TIMEOUT',
    [1, 600_000],
    10_000,
    'How long an agent or a merchant has to answer a webhook, in milliseconds.'
  ),
  rampWebhookScheduleSeconds: integers(
    'RAMP_WEBHOOK_SCHEDULE',
    [0, WEEK_SECONDS],
    [10, 30, 120, 600, 1_800, 7_200, 21_600],
    'Seconds after which a webhook to an agent or a merchant is sent again, one number a further attempt; then it is given up until it is replayed.'
  ),
  rampWebhookConcurrency: integer(
    'RAMP_WEBHOOK_CONCURRENCY',
    [0, 10_000],
    256,
    'Most first attempts of such webhooks under way at a time, and as many further ones, at most 8 of each to one receiver; 0 leaves them to other instances.'
  ),
  rampWebhookWorkerIdleMilliseconds: integer(
    'RAMP_WEBHOOK_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    500,
    'How long delivering them sleeps at most when none is due.'
  ),
  hostedPath: path('HOSTED_PATH', '/hosted', 'What the paths of the pages of orders start with.'),
  rampPublicUrl: httpUrl(
    'RAMP_PUBLIC_URL',
    'http://127.0.0.1:3001',
    'What links to the pages of orders start with, as customers reach this service.'
  ),
  hostedRequestsPerAddressMax: integer(
    'HOSTED_REQUESTS_PER_ADDRESS',
    [1, 1_000_000],
    600,
    'Requests a minute to the pages of orders from one address, for each instance of the service.'
  ),
  hostedCommandsPerOrderMax: integer(
    'HOSTED_COMMANDS_PER_ORDER',
    [1, 1_000_000],
    20,
    'Commands a minute from the page of one order, for each instance of the service.'
  ),
  onchainMinimumUsd: usd('RAMP_ONCHAIN_MINIMUM', '10', 'Smallest withdrawal on chain.'),
  onchainFeesUsd: usdByName(
    'RAMP_ONCHAIN_FEES',
    { OP: '1', CELO: '0.01', BASE: '0.03', MATIC: '0.03', BSC: '0.03' },
    'What sending on chain costs, by network.'
  ),
  virtualAccountFeeUsd: usd(
    'RAMP_VIRTUAL_ACCOUNT_FEE',
    '3',
    'What a virtual bank account costs when it is asked for, whatever comes of it.'
  ),
  subscriptionsMax: integer('SUBSCRIPTIONS_MAX', [0, 10_000], 100, 'Most subscriptions at a time in this instance.'),
  subscriptionIdleMilliseconds: integer(
    'SUBSCRIPTION_IDLE_MS',
    [1, HOUR_MILLISECONDS],
    1_000,
    'How long an instance with subscriptions waits at most before it looks for changes.'
  ),
  changeLifetimeMilliseconds: integer(
    'CHANGE_LIFETIME_MS',
    [HOUR_MILLISECONDS, YEAR_MILLISECONDS],
    604_800_000,
    'How far back a subscription can begin.'
  ),
  drainMilliseconds: integer(
    'DRAIN_MS',
    [0, HOUR_MILLISECONDS],
    20_000,
    'How long requests under way get to finish once the service is told to stop.'
  ),
  logLevel: choice('LOG_LEVEL', LOG_LEVELS, 'info', 'How much is logged.')
} satisfies Record<string, Setting<unknown>>

type Settings = typeof SETTINGS
export type Config = { readonly [Key in keyof Settings]: Settings[Key] extends Setting<infer Value> ? Value : never }

/** Settings that cannot be used, each with what is wrong. Secret values are never told. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(['The settings cannot be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.name = 'ConfigError'
  }
}

/**
 * Reads all settings. An empty variable counts as absent.
 *
 * @throws ConfigError that lists every problem.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const entries = Object.entries(SETTINGS).map(([key, setting]: [string, Setting<unknown>]) => {
    const given = environment[setting.name]?.trim()
    if (!given) return [key, setting.fallback]
    try {
      return [key, setting.parse(given)]
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      problems.push(`${setting.name}${setting.isSecret ? '' : `=${given}`} ${error.message}`)
      return [key, setting.fallback]
    }
  })
  const config = Object.fromEntries(entries) as Config
  problems.push(...conflicts(config))
  if (config.rampTestMode && environment.NODE_ENV === 'production') {
    problems.push('RAMP_TEST_MODE=true is not for production: unset it, or NODE_ENV')
  }
  if (config.openPaymentsInsecureHttp && environment.NODE_ENV === 'production') {
    problems.push('OPEN_PAYMENTS_INSECURE_HTTP=true is not for production: unset it, or NODE_ENV')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

const LOOPBACK = /^(localhost|::1|127\.\d+\.\d+\.\d+)$/

/** What is wrong with settings together that are right one by one. */
function conflicts(config: Config): string[] {
  const { exchangeRatesUrl, exchangeRatesFile, authServerIntrospectionUrl, authServerGrantUrl } = config
  const bothSources = exchangeRatesUrl && exchangeRatesFile
  return [
    ...exposure(config),
    ...(authServerIntrospectionUrl && !authServerGrantUrl
      ? ['AUTH_SERVER_INTROSPECTION_URL needs AUTH_SERVER_GRANT_URL, where clients get the tokens that it knows']
      : []),
    ...wrongLimits(config),
    ...(bothSources ? ['EXCHANGE_RATES_URL and EXCHANGE_RATES_FILE exclude each other: set one of them'] : [])
  ]
}

/** Limits that no order could keep. */
function wrongLimits(config: Config): string[] {
  const { rampDepositMinimumUsd, rampDepositMaximumUsd, rampWithdrawalMinimumUsd, rampWithdrawalMaximumUsd } = config
  return [
    ...(rampDepositMinimumUsd > rampDepositMaximumUsd
      ? ['RAMP_DEPOSIT_MINIMUM is above RAMP_DEPOSIT_MAXIMUM: no deposit could be made']
      : []),
    ...(rampWithdrawalMinimumUsd > rampWithdrawalMaximumUsd
      ? ['RAMP_WITHDRAWAL_MINIMUM is above RAMP_WITHDRAWAL_MAXIMUM: no withdrawal could be made']
      : [])
  ]
}

function exposure({ host, adminApiToken, adminSignatureSecret }: Config): string[] {
  if (LOOPBACK.test(host) || adminApiToken || adminSignatureSecret) return []
  return [
    `HOST=${host} would open the Admin API to everybody who reaches it: ` +
      'set ADMIN_API_TOKEN or ADMIN_SIGNATURE_SECRET, or listen on 127.0.0.1'
  ]
}

/** The table of all settings for the documentation. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map((setting: Setting<unknown>) => [
    `\`${setting.name}\``,
    setting.fallbackText ?? (setting.fallback === undefined ? 'unset' : `\`${String(setting.fallback)}\``),
    setting.type,
    setting.description
  ])
  const table = [['Variable', 'Default', 'Holds', 'What it does'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [head, ...body] = table.map(line)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [head, rule, ...body].join('\n')
}
