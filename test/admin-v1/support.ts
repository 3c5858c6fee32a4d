/** Admin API v1 beside v2 on one database of the test's own, called in process. */
import { DataSource } from 'typeorm'
import { V1Context, type V1Caller } from '../../src/resolvers/admin-v1/context'
import type { Attached } from '../../src/resolvers/admin-v1/directives'
import { buildAdminV1Schema } from '../../src/resolvers/admin-v1/schema'
import { SessionService } from '../../src/services/sessions/session-service'
import { ANSWER, unique, type Fields, type TestApi } from '../admin-v2/support'

export interface V1Options {
  readonly caller?: V1Caller
  readonly attached?: Attached
}

/** The first generation of a service that the test called up through the second. */
export function v1Of(v2: TestApi, { caller = { isAdmin: false }, attached }: V1Options = {}): TestApi {
  return v2.through(
    (container) => buildAdminV1Schema(container, attached),
    (context) => new V1Context(context, caller, v2.container.resolve(SessionService))
  )
}

/** What a mutation answers that takes its arguments one by one. */
export async function call(v1: TestApi, name: string, type: string, argument: object, fields: string): Promise<Fields> {
  const [[key, value]] = Object.entries(argument) as [[string, unknown]]
  const source = `mutation ($value: ${type}!) { ${name}(${key}: $value) { ${fields} } }`
  const { data, errors } = await v1.run(source, { value })
  if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join('; ')}`)
  return data[name] as Fields
}

/** Runs with a table away, so that whatever needs it fails in a way that nobody expects. */
export async function without<Result>(api: TestApi, table: string, work: () => Promise<Result>): Promise<Result> {
  const { manager } = api.container.resolve(DataSource)
  await manager.query(`ALTER TABLE ${table} RENAME TO ${table}_away`)
  try {
    return await work()
  } finally {
    await manager.query(`ALTER TABLE ${table}_away RENAME TO ${table}`)
  }
}

export async function rowsOf(api: TestApi, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return api.container.resolve(DataSource).manager.query<Record<string, unknown>[]>(text, values)
}

export interface Unit {
  readonly code: string
  readonly scale: number
}

export function newUnit(scale = 2): Unit {
  return { code: unique('U'), scale }
}

export function peerInput(more: object = {}): Record<string, unknown> {
  return {
    asset: newUnit(),
    staticIlpAddress: `test.${unique('peer')}`,
    http: { outgoing: { authToken: unique('out'), endpoint: 'http://peer.test:3000' } },
    ...more
  }
}

export const PEER =
  'id maxPacketAmount staticIlpAddress createdAt http { outgoing { authToken endpoint } } asset { id code scale }'

export function askForPeer(v1: TestApi, input: object): Promise<Fields> {
  return v1.mutate('createPeer', 'CreatePeerInput', input, `${ANSWER} peer { ${PEER} }`)
}

export async function createPeer(v1: TestApi, more: object = {}): Promise<Fields> {
  const answer = await askForPeer(v1, peerInput(more))
  expect(answer).toMatchObject({ code: '200', success: true, message: 'Created ILP Peer' })
  return answer.peer
}

export async function createAsset(v1: TestApi, more: object = {}): Promise<Fields> {
  const fields = `${ANSWER} asset { id code scale withdrawalThreshold createdAt }`
  const answer = await v1.mutate('createAsset', 'CreateAssetInput', { ...newUnit(), ...more }, fields)
  expect(answer).toMatchObject({ code: '200', success: true, message: 'Created Asset' })
  return answer.asset
}

export const POINTER = 'id url publicName createdAt asset { id code scale }'

export function askForPointer(v1: TestApi, more: object = {}): Promise<Fields> {
  const input = { asset: newUnit(), url: `https://wallet.test/${unique('user')}`, ...more }
  const fields = `${ANSWER} paymentPointer { ${POINTER} }`
  return v1.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, fields)
}

export async function createPointer(v1: TestApi, more: object = {}): Promise<Fields> {
  const answer = await askForPointer(v1, more)
  expect(answer).toMatchObject({ code: '200', success: true, message: 'Created payment pointer' })
  return answer.paymentPointer
}

/** Whether there is an asset of a unit. */
export async function isThere(api: TestApi, { code, scale }: Unit): Promise<boolean> {
  return (await rowsOf(api, 'SELECT 1 FROM asset WHERE code = $1 AND scale = $2', [code, scale])).length === 1
}
