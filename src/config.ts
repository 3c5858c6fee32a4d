/**
 * Every setting of the service, once: the environment variable, what it may hold, its default and what it
 * does. The README's table is generated from here.
 */
import { Unusable, type Setting } from './config/kinds'
import { CONNECTOR_SETTINGS } from './config/connector'
import { INCOMING_SETTINGS } from './config/incoming'
import { OPEN_PAYMENTS_SETTINGS } from './config/open-payments'
import { OPERATION_SETTINGS } from './config/operation'
import { OUTGOING_SETTINGS } from './config/outgoing'
import { RAMP_SETTINGS } from './config/ramp'
import { SERVICE_SETTINGS } from './config/service'
import { WEBHOOKS_SETTINGS } from './config/webhooks'

export type { Setting } from './config/kinds'

/** By the name that the code uses. The order is that of the documentation. */
export const SETTINGS = {
  ...SERVICE_SETTINGS,
  ...INCOMING_SETTINGS,
  ...OPEN_PAYMENTS_SETTINGS,
  ...OUTGOING_SETTINGS,
  ...CONNECTOR_SETTINGS,
  ...WEBHOOKS_SETTINGS,
  ...RAMP_SETTINGS,
  ...OPERATION_SETTINGS
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

/** What the service can start with, and yet serves nobody in production. */
export function warningsOf(
  { roles, openPaymentsUrl, authServerGrantUrl }: Config,
  environment: Readonly<Record<string, string | undefined>>
): string[] {
  if (environment.NODE_ENV !== 'production' || !roles.includes('op')) return []
  // Where the authority is follows from the first one, unless it is set.
  const told = { OPEN_PAYMENTS_URL: openPaymentsUrl, AUTH_SERVER_GRANT_URL: authServerGrantUrl }
  return Object.entries(told)
    .filter(([, url]) => url !== undefined && !isForOthers(url))
    .map(([name, url]) => `${name}=${url} is told to others, who cannot use it: set it to an https URL that leads here`)
}

function isForOthers(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' && !LOOPBACK.test(hostname.replace(/^\[|\]$/g, ''))
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
