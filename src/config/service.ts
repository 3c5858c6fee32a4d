/** What the service is as a process, who may come in, and how much at a time. */
import {
  choices,
  databaseUrl,
  flag,
  integer,
  key32,
  optionalPort,
  path,
  port,
  secret,
  text,
  type Setting
} from './kinds'

const HOUR_MILLISECONDS = 3_600_000
const YEAR_MILLISECONDS = 31_536_000_000
const ROLES = ['admin', 'op', 'connector', 'workers'] as const

export const SERVICE_SETTINGS = {
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
    'Key of the hashes that API keys, keys of agents and merchants, and sessions are stored as. Unset: one that is kept in the database. Changing it makes all of them invalid.'
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
  )
} satisfies Record<string, Setting<unknown>>
