/** Goal: settings that cannot work are named before anything starts, without telling what is secret in them. */
import { Client } from 'pg'
import { ConfigError, loadConfig } from '../../src/config'

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
  })
})
