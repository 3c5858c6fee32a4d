/** Goal: settings that cannot work are named before anything starts, without telling what is secret in them. */
import 'reflect-metadata'
import { Client } from 'pg'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '../../ormconfig'
import { ConfigError, loadConfig, warningsOf } from '../../src/config'

function refusal(environment: Record<string, string>): string {
  try {
    loadConfig(environment)
    return ''
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

describe('DATABASE_URL', () => {
  const SECRETS = ['sec/ret', 'sec#ret', 'sec?ret', '/secret', '#secret', '?secret', '12/secret', 'sec[ret/']

  test.each(SECRETS)('with the password %s as it is: percent-encoding is asked for', (password) => {
    const message = refusal({ DATABASE_URL: `postgres://hazina:${password}@postgres:5432/hazina` })
    expect(message).toMatch(/DATABASE_URL must be a URL .*percent-encode/)
    expect(message).not.toMatch(/sec.?ret|12\//)
  })

  test.each(['sec%ZZret', 'secret%', 'sec%ret', 'secret%2', 'secret%E4', 'sec% ret%ZZ', 'secret%%20'])(
    'with the password %p, which is nothing encoded: percent-encoding is asked for',
    (password) => {
      const message = refusal({ DATABASE_URL: `postgres://hazina:${password}@postgres:5432/hazina` })
      expect(message).toMatch(/DATABASE_URL must be a URL .*percent-encode/)
      expect(message).not.toMatch(/sec.*ret|%/)
    }
  )

  test.each([
    ...SECRETS.map((password) => `postgres://hazina:${encodeURIComponent(password)}@postgres:5432/hazina`),
    'postgres://hazina@postgres/hazina',
    'postgresql://postgres/hazina?user=one@two&password=p@w',
    'postgres:///hazina?host=/var/run/postgresql',
    'postgres://hazina:secret@/hazina?host=/var/run/postgresql',
    'postgres://hazina:secret@%2Fvar%2Frun%2Fpostgresql/hazina',
    'postgres://hazina:p@ss:word!@postgres:5432/hazina?sslmode=require',
    'postgres://hazina:100% sure@postgres/hazina'
  ])('%s is taken as it is', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
    expect(new Client({ connectionString: url }).database).toBe('hazina')
    expect(() => new DataSource(dataSourceOptions({ url }))).not.toThrow()
  })
})

describe('in production, of a URL that others are told and cannot use', () => {
  const warnings = (environment: Record<string, string>): string[] =>
    warningsOf(loadConfig(environment), environment).map((text) => text.split('=')[0]!)
  const production = { NODE_ENV: 'production', HOST: '0.0.0.0', ADMIN_API_TOKEN: 'token' }

  test('there is a warning for each, that of the default included', () => {
    expect(warnings(production)).toEqual(['OPEN_PAYMENTS_URL'])
    const both = { OPEN_PAYMENTS_URL: 'https://localhost:3003', AUTH_SERVER_GRANT_URL: 'http://auth.example' }
    expect(warnings({ ...production, ...both })).toEqual(['OPEN_PAYMENTS_URL', 'AUTH_SERVER_GRANT_URL'])
    expect(warnings({ ...production, OPEN_PAYMENTS_URL: 'https://[::1]' })).toEqual(['OPEN_PAYMENTS_URL'])
  })

  test('there is none where others can use it, where nobody is told, and elsewhere', () => {
    const right = {
      OPEN_PAYMENTS_URL: 'https://pay.example',
      AUTH_SERVER_GRANT_URL: 'https://auth.example:3006/grants'
    }
    expect(warnings({ ...production, ...right })).toEqual([])
    expect(warnings({ ...production, OPEN_PAYMENTS_URL: right.OPEN_PAYMENTS_URL })).toEqual([])
    expect(warnings({ ...production, ROLES: 'admin,connector,workers' })).toEqual([])
    expect(warnings({})).toEqual([])
  })
})
