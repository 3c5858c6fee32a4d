/** The ramp: its operator, orders, webhooks, pages and on-chain movement. */
import { flag, httpUrl, integer, integers, path, secret, usd, usdByName, type Setting } from './kinds'

const HOUR_MILLISECONDS = 3_600_000
const WEEK_SECONDS = 604_800
const YEAR_MILLISECONDS = 31_536_000_000

export const RAMP_SETTINGS = {
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
    'How long it then has to pay it out, or to answer a paid deposit, before the operator sees it as overdue.'
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
  )
} satisfies Record<string, Setting<unknown>>
