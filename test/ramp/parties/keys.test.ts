/**
 * Goal: a key opens what it should, as long as it should, and cannot be read back.
 * Method: two instances of the service on one database; the table is searched for keys.
 */
import { randomUUID } from 'node:crypto'
import { Reader } from '../../../src/database/reader'
import type { Bearer } from '../../../src/services/ramp/parties/ramp-key-service'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { Parties } from './support'

let database: TestDatabase
let one: Parties
let other: Parties

beforeAll(async () => {
  database = await createTestDatabase()
  ;[one, other] = await Promise.all([Parties.open(database.url), Parties.open(database.url)])
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  await database.drop()
})

async function bearers(): Promise<Bearer[]> {
  return [
    { kind: 'agent', id: (await one.agent()).id },
    { kind: 'merchant', id: (await one.merchant()).id }
  ]
}

test('a key of either kind says whose it is', async () => {
  for (const bearer of await bearers()) {
    for (const isSecret of [true, false]) {
      const { key, record } = valueOf(await one.keys.issue(one.context, bearer, { isSecret }))
      expect(key).toMatch(isSecret ? /^CSHRMP-SECK_[0-9a-f]{32}$/ : /^CSHRMP-PUBK_[0-9a-f]{32}$/)
      const principal = { ...bearer, keyId: record.id, isSecret, isRestricted: false, isTold: false }
      expect(await one.keys.findBearer(key)).toEqual(principal)
      expect(await other.keys.findBearer(key)).toEqual(principal)
    }
  }
})

test('case 5: rotation ends the old key at once, everywhere, and leaves the public one alone', async () => {
  for (const bearer of await bearers()) {
    const { key: publicKey } = valueOf(await one.keys.issue(one.context, bearer, { isSecret: false }))
    const { key: old } = valueOf(await one.keys.issue(one.context, bearer))
    expect(await other.keys.findBearer(old)).toBeDefined()
    const { key: fresh } = valueOf(await one.keys.rotate(one.context, bearer))
    for (const { keys } of [one, other]) {
      expect(await keys.findBearer(old)).toBeUndefined()
      expect(await keys.findBearer(fresh)).toMatchObject({ id: bearer.id, isSecret: true })
      expect(await keys.findBearer(publicKey)).toMatchObject({ id: bearer.id, isSecret: false })
    }
  }
})

test('of keys that are issued at once one is left', async () => {
  const [bearer] = await bearers()
  const issued = await Promise.all(
    [one, other, one, other, one].map((party) => party.keys.issue(party.context, bearer!))
  )
  const open = await Promise.all(issued.map((answer) => one.keys.findBearer(valueOf(answer).key)))
  expect(open.filter((principal) => principal !== undefined)).toHaveLength(1)
  const rows = await one.query(`SELECT id FROM ramp_api_key WHERE bearer_id = $1 AND revoked_at IS NULL`, [bearer!.id])
  expect(rows).toHaveLength(1)
})

test('a revoked kind has no key, and cannot be rotated', async () => {
  const [bearer] = await bearers()
  const { key } = valueOf(await one.keys.issue(one.context, bearer!))
  expect(await one.keys.revoke(one.context, bearer!, true)).toEqual({ done: true, value: null })
  expect(await one.keys.revoke(one.context, bearer!, true)).toEqual({ done: true, value: null })
  expect(await one.keys.findBearer(key)).toBeUndefined()
  expect(await one.keys.current(bearer!)).toBeUndefined()
  expect(await one.keys.rotate(one.context, bearer!)).toEqual({ done: false, failure: 'NOT_FOUND' })
})

test('a key that comes after a revoked one leads where the last one did', async () => {
  for (const bearer of await bearers()) {
    const first = { webhookUrl: 'https://first.example/hook', webhookToken: 'first' }
    valueOf(await one.keys.issue(one.context, bearer, first))
    const last = { webhookUrl: 'https://last.example/hook', webhookToken: 'last' }
    valueOf(await one.keys.issue(one.context, bearer, last))
    // What the public key has is its own.
    valueOf(await one.keys.issue(one.context, bearer, { isSecret: false, webhookUrl: null }))
    for (const isSecret of [true, false]) valueOf(await one.keys.revoke(one.context, bearer, isSecret))
    expect(valueOf(await one.keys.issue(one.context, bearer)).record).toMatchObject(last)
    valueOf(await one.keys.revoke(one.context, bearer, true))
    expect(valueOf(await one.keys.issue(one.context, bearer, { webhookUrl: null })).record.webhookUrl).toBeNull()
    valueOf(await one.keys.revoke(one.context, bearer, true))
    expect(valueOf(await one.keys.issue(one.context, bearer)).record.webhookUrl).toBeNull()
  }
})

test('nobody who is not there gets a key', async () => {
  for (const kind of ['agent', 'merchant'] as const) {
    const answer = await one.keys.issue(one.context, { kind, id: randomUUID() })
    expect(answer).toEqual({ done: false, failure: 'NOT_FOUND' })
  }
  const [agent] = await bearers()
  expect(await one.keys.issue(one.context, { kind: 'merchant', id: agent!.id })).toEqual({
    done: false,
    failure: 'NOT_FOUND'
  })
})

test('what is not a key that was issued opens nothing', async () => {
  const [bearer] = await bearers()
  const { key } = valueOf(await one.keys.issue(one.context, bearer!))
  const wrong = [
    '',
    'CSHRMP-SECK_',
    key.slice(0, -1),
    `${key}0`,
    `${key}\n`,
    key.replace('SECK', 'PUBK'),
    key.toUpperCase(),
    ` ${key}`,
    `CSHRMP-SECK_${'0'.repeat(32)}`,
    `CSHRMP-SECK_${'é'.repeat(32)}`,
    key.replace('CSHRMP-SECK_', '')
  ]
  for (const text of wrong) expect(await one.keys.findBearer(text)).toBeUndefined()
  expect(await one.keys.findBearer(key)).toBeDefined()
})

test('a restricted account is known as such from then on', async () => {
  const [agent, merchant] = await bearers()
  const agentKey = valueOf(await one.keys.issue(one.context, agent!)).key
  const merchantKey = valueOf(await one.keys.issue(one.context, merchant!)).key
  for (const isRestricted of [true, false]) {
    valueOf(await one.agents.update(one.context, agent!.id, { isRestricted }))
    valueOf(await one.merchants.update(one.context, merchant!.id, { isRestricted }))
    expect(await other.keys.findBearer(agentKey)).toMatchObject({ isRestricted })
    expect(await other.keys.findBearer(merchantKey)).toMatchObject({ isRestricted })
  }
})

test('what changes holds at once, however many ask meanwhile', async () => {
  const [agent] = await bearers()
  let key = valueOf(await one.keys.issue(one.context, agent!)).key
  let isOver = false
  const asking = [one, other, one, other].map(async ({ keys }) => {
    while (!isOver) await Promise.all([keys.findBearer(key), keys.findBearer(key)])
  })
  const holds = async (expected: object): Promise<void> => {
    for (const { keys } of [one, other]) {
      const presumed = keys.presumeBearer(key)
      if (await presumed?.isConfirmed) expect(presumed?.principal).toMatchObject(expected)
      expect(await keys.findBearer(key)).toMatchObject(expected)
    }
  }
  try {
    for (let turn = 0; turn < 20; turn++) {
      const before = key
      key = valueOf(await one.keys.rotate(one.context, agent!, { webhookUrl: null })).key
      for (const { keys } of [other, one]) {
        expect((await keys.presumeBearer(before)?.isConfirmed) ?? false).toBe(false)
        expect(await keys.findBearer(before)).toBeUndefined()
      }
      await holds({ id: agent!.id, isTold: false, isRestricted: false })
      valueOf(await other.keys.setWebhook(other.context, agent!, { webhookUrl: 'https://agent.example/hook' }))
      await holds({ isTold: true })
      // Whoever changes it, and however.
      await one.query(`UPDATE ramp_agent SET is_restricted = true WHERE id = $1`, [agent!.id])
      await holds({ isRestricted: true })
      valueOf(await other.agents.update(other.context, agent!.id, { isRestricted: false }))
      await holds({ isRestricted: false })
    }
  } finally {
    isOver = true
    await Promise.all(asking)
  }
})

test('keys that were looked up are remembered, and only while nothing changes', async () => {
  const [agent, merchant] = await bearers()
  const { key } = valueOf(await one.keys.issue(one.context, agent!))
  const lookUps = async (): Promise<number> => {
    const sent = jest.spyOn(one.api.container.resolve(Reader), 'rows')
    expect(await one.keys.findBearer(key)).toMatchObject({ id: agent!.id })
    const names = sent.mock.calls.map(([{ name }]) => name)
    sent.mockRestore()
    return names.filter((name) => name === 'ramp_api_key_bearer').length
  }
  expect(await lookUps()).toBe(1)
  expect(await lookUps()).toBe(0)
  // Where there was no key before, nothing that is remembered is wrong.
  valueOf(await other.keys.issue(other.context, merchant!))
  expect(await lookUps()).toBe(0)
  valueOf(await other.keys.revoke(other.context, merchant!, true))
  expect(await lookUps()).toBe(1)
  expect(await lookUps()).toBe(0)
})

describe('a presumption', () => {
  let bearer: Bearer
  let key: string

  beforeEach(async () => {
    bearer = (await bearers())[0]!
    key = valueOf(await one.keys.issue(one.context, bearer)).key
  })

  test('is made of what is remembered alone, at once', async () => {
    for (const text of [key, '', `${key}0`]) expect(one.keys.presumeBearer(text)).toBeUndefined()
    const found = await one.keys.findBearer(key)
    expect(one.keys.presumeBearer(key)?.principal).toEqual(found)
    for (const text of ['', `${key}0`, key.toUpperCase()]) expect(one.keys.presumeBearer(text)).toBeUndefined()
    expect(other.keys.presumeBearer(key)).toBeUndefined()
  })

  test('is confirmed while nothing has changed, by one question for all of a moment', async () => {
    await one.keys.findBearer(key)
    const sent = jest.spyOn(one.api.container.resolve(Reader), 'rows')
    const all = Array.from({ length: 3 }, () => one.keys.presumeBearer(key)!.isConfirmed)
    expect(await Promise.all(all)).toEqual([true, true, true])
    expect(await one.keys.presumeBearer(key)?.isConfirmed).toBe(true)
    expect(sent.mock.calls.map(([{ name }]) => name)).toEqual(['ramp_bearer_version', 'ramp_bearer_version'])
    sent.mockRestore()
  })

  test.each([
    ['its own key', () => other.keys.revoke(other.context, bearer, true), false],
    ['what it is told', () => other.keys.setWebhook(other.context, bearer, { webhookUrl: 'https://a.example' }), true],
    ['the account', () => one.query('UPDATE ramp_agent SET is_restricted = true WHERE id = $1', [bearer.id]), true],
    [
      "somebody else's key",
      async () => {
        const [, merchant] = await bearers()
        valueOf(await other.keys.issue(other.context, merchant!))
        return other.keys.revoke(other.context, merchant!, true)
      },
      true
    ]
  ] as const)('is not confirmed where %s has changed, and not made again', async (_, change, isFound) => {
    const before = await one.keys.findBearer(key)
    await change()
    const presumed = one.keys.presumeBearer(key)
    expect(presumed?.principal).toEqual(before)
    expect(await presumed?.isConfirmed).toBe(false)
    expect(one.keys.presumeBearer(key)).toBeUndefined()
    expect((await one.keys.findBearer(key)) !== undefined).toBe(isFound)
    expect((await one.keys.presumeBearer(key)?.isConfirmed) ?? false).toBe(isFound)
  })

  test('that nobody follows fails for itself, and for whoever does', async () => {
    await one.keys.findBearer(key)
    const sent = jest.spyOn(one.api.container.resolve(Reader), 'rows').mockRejectedValueOnce(new Error('gone'))
    one.keys.presumeBearer(key)
    await new Promise((resolve) => setTimeout(resolve, 20))
    sent.mockRejectedValueOnce(new Error('gone'))
    await expect(one.keys.presumeBearer(key)?.isConfirmed).rejects.toThrow('gone')
    sent.mockRestore()
    expect(await one.keys.presumeBearer(key)?.isConfirmed).toBe(true)
  })
})

test('a key is stored neither as it is nor in part, but for the mask', async () => {
  const [bearer] = await bearers()
  const { key, record } = valueOf(await one.keys.issue(one.context, bearer!))
  const secret = key.slice('CSHRMP-SECK_'.length)
  expect(await one.keys.masked(record.id)).toBe(`CSHRMP-SECK_${secret.slice(0, 4)}…${secret.slice(-4)}`)
  const rows = await one.query<object>(`SELECT *, encode(hash, 'hex') AS hex FROM ramp_api_key`)
  const stored = JSON.stringify(rows)
  expect(stored).toContain(record.id)
  expect(stored).not.toContain(secret)
  expect(stored).not.toContain(secret.slice(4, 20))
})

describe('where webhooks go', () => {
  const url = 'https://shop.example/hook'

  it('is kept by a new key unless it says otherwise', async () => {
    const [, bearer] = await bearers()
    const first = valueOf(await one.keys.issue(one.context, bearer!, { webhookUrl: url, webhookToken: 'tok' })).record
    expect(first).toMatchObject({ webhookUrl: url, webhookToken: 'tok' })
    const second = valueOf(await one.keys.rotate(one.context, bearer!)).record
    expect(second).toMatchObject({ webhookUrl: url, webhookToken: 'tok' })
    const third = valueOf(await one.keys.rotate(one.context, bearer!, { webhookUrl: null })).record
    expect(third).toMatchObject({ webhookUrl: null, webhookToken: 'tok' })
  })

  it('can be set without a new key, and gets a token where there was none', async () => {
    const [, bearer] = await bearers()
    expect(await one.keys.setWebhook(one.context, bearer!, { webhookUrl: url })).toEqual({
      done: false,
      failure: 'NOT_FOUND'
    })
    const { key } = valueOf(await one.keys.issue(one.context, bearer!))
    const target = valueOf(await one.keys.setWebhook(one.context, bearer!, { webhookUrl: url }))
    expect(target.url).toBe(url)
    expect(target.token).toMatch(/^[0-9a-f-]{36}$/)
    expect(await one.keys.current(bearer!)).toMatchObject({ webhookUrl: url, webhookToken: target.token })
    expect(valueOf(await one.keys.setWebhook(one.context, bearer!, { webhookToken: 'new' }))).toEqual({
      url,
      token: 'new'
    })
    expect(await one.keys.findBearer(key)).toBeDefined()
  })

  it.each([
    '',
    'shop.example',
    'ftp://shop.example',
    'https://user:secret@shop.example/',
    `https://x/${'y'.repeat(3_000)}`
  ])('is not %p', async (webhookUrl) => {
    const [bearer] = await bearers()
    const refusal = { done: false, failure: 'INVALID_ADDRESS' }
    expect(await one.keys.issue(one.context, bearer!, { webhookUrl })).toEqual(refusal)
    valueOf(await one.keys.issue(one.context, bearer!))
    expect(await one.keys.setWebhook(one.context, bearer!, { webhookUrl })).toEqual(refusal)
    expect(await one.keys.setWebhook(one.context, bearer!, { webhookUrl: url, webhookToken: '' })).toEqual(refusal)
  })
})
