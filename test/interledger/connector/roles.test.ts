/**
 * Goal: an instance does what its roles say and nothing else, and a port that is taken is named.
 * Method: the service as a process of its own, asked on all of its ports.
 */
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { ServiceProcess } from '../../support/service-process'
import { http } from './support'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const connectorOf = ({ log }: ServiceProcess): string | undefined =>
  /"listener":"connector","url":"([^"]+)"/.exec(log)?.[1]

async function statusOf(url: string, method = 'GET'): Promise<number> {
  return (await http(url, {}, '', method)).status
}

test('packets alone', async () => {
  const service = await ServiceProcess.start({ DATABASE_URL: database.url, ROLES: 'connector' })
  const admin = new URL(service.url).origin
  expect((await service.post('{ assets { edges { cursor } } }', {})).status).toBe(404)
  expect([await statusOf(`${admin}/healthz`), await statusOf(`${admin}/readyz`)]).toEqual([200, 200])
  const metrics = (await http(`${admin}/metrics`, {}, '', 'GET')).body.toString()
  const names = ['ilp_packets_total', 'ilp_packet_seconds', 'ilp_holds_open', 'late_fulfil_total', 'op_requests_total']
  for (const name of names) {
    expect(metrics).toContain(`# HELP ${name} `)
  }
  while (!connectorOf(service)) await new Promise((resolve) => setTimeout(resolve, 10))
  const connector = connectorOf(service)!
  expect([await statusOf(`${connector}/readyz`), await statusOf(connector, 'POST')]).toEqual([200, 401])
  expect(await service.kill('SIGTERM')).toBe(0)
})

test('no packets', async () => {
  const service = await ServiceProcess.start({ DATABASE_URL: database.url, ROLES: 'admin, workers' })
  expect((await service.post('{ assets { edges { cursor } } }', {})).status).toBe(200)
  expect(await service.kill('SIGTERM')).toBe(0)
  expect(connectorOf(service)).toBeUndefined()
})

test.each([
  ['ROLES', 'connector,everything'],
  ['ILP_ADDRESS', 'test'],
  ['ILP_ADDRESS', 'peer.hazina'],
  ['ILP_SPREAD', '1'],
  ['ILP_MAX_INFLIGHT', '0']
])('a start with %s=%s is refused, and the setting named', async (name, value) => {
  const start = ServiceProcess.start({ DATABASE_URL: database.url, [name]: value })
  await expect(start).rejects.toThrow(`${name}=${value}`)
})

test('a port that is taken is named', async () => {
  const service = await ServiceProcess.start({ DATABASE_URL: database.url })
  while (!connectorOf(service)) await new Promise((resolve) => setTimeout(resolve, 10))
  const CONNECTOR_PORT = new URL(connectorOf(service)!).port
  // The other one has its first port by then, so it is waited for to the end.
  const other = await ServiceProcess.start({ DATABASE_URL: database.url, CONNECTOR_PORT }).catch(
    (error: Error) => error
  )
  if (other instanceof Error) expect(other.message).toContain(`CONNECTOR_PORT=${CONNECTOR_PORT} is taken`)
  else {
    expect(await other.ended).toBe(1)
    expect(other.log).toContain(`CONNECTOR_PORT=${CONNECTOR_PORT} is taken`)
  }
  expect(await service.kill('SIGTERM')).toBe(0)
})
