/**
 * Goal: outside test mode no webhook reaches anything but the public internet, whatever its URL says and
 * whatever its name means at which moment.
 * Method: the rule by itself against every special range; then the real workers, with a receiver on loopback
 * that must stay without a request.
 */
import 'reflect-metadata'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { LookupAddress } from 'node:dns'
import { isPublicAddress, PublicTargets, type AddressBook } from '../../../src/services/ramp/webhooks/public-targets'
import { TargetRefused, WebhookClient } from '../../../src/services/webhooks/webhook-client'
import { Receiver } from '../../webhooks/receiver'
import { RampWebhooks, rampEvent, startRampWorkers } from './support'

const PRIVATE = [
  ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '240.0.0.1', '255.255.255.255', '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1'],
  ...['::ffff:10.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::', 'fc00::1', 'fd12::1', 'fe80::1'],
  ...['fec0::1', 'ff02::1', '2001:db8::1', '100::1']
]
const PUBLIC = ['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e']

test.each(PRIVATE)('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each(PUBLIC)('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test.each([
  ...['http://example.com/', 'https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f.0.0.1/'],
  ...['https://017700000001/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://169.254.169.254/latest'],
  ...['https://user:password@10.0.0.1/', 'ftp://example.com/']
])('%s is refused before anything is looked up', (url) => {
  expect(() => new PublicTargets().check(new URL(url))).toThrow(TargetRefused)
})

test('a URL with a name or a public address passes', () => {
  for (const url of ['https://example.com/hook', 'https://8.8.8.8/', 'https://[2606:4700:4700::1111]:8443/']) {
    expect(() => new PublicTargets().check(new URL(url))).not.toThrow()
  }
})

function book(four: readonly string[], six: readonly string[] = []): AddressBook {
  return { resolve4: () => Promise.resolve([...four]), resolve6: () => Promise.resolve([...six]) }
}

function look(names: AddressBook, all: boolean): Promise<string | LookupAddress[]> {
  return new Promise((resolve, reject) => {
    new PublicTargets(names).lookup('agent.example', { all }, (error, found) => {
      if (error) reject(error)
      else resolve(found)
    })
  })
}

test('a name is refused when one of its addresses is not public', async () => {
  await expect(look(book(['8.8.8.8', '10.0.0.1']), true)).rejects.toThrow(TargetRefused)
  await expect(look(book(['8.8.8.8'], ['::1']), true)).rejects.toThrow(TargetRefused)
  await expect(look(book(['127.0.0.1']), false)).rejects.toThrow(TargetRefused)
  await expect(look(book([], []), true)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('a name with public addresses gives them in either form', async () => {
  const names = book(['8.8.8.8'], ['2606:4700:4700::1111'])
  expect(await look(names, true)).toEqual([
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700:4700::1111', family: 6 }
  ])
  expect(await look(names, false)).toBe('8.8.8.8')
})

test('a request connects to the very addresses that were checked, which are asked for once', async () => {
  const receiver = await Receiver.open()
  const { port } = new URL(receiver.url)
  let asked = 0
  const client = new WebhookClient({
    timeoutMilliseconds: 5_000,
    connectionsMax: 4,
    now: () => new Date(),
    targets: {
      check: () => undefined,
      lookup: (_name, options, callback) => {
        asked++
        if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
        else callback(null, '127.0.0.1', 4)
      }
    }
  })
  const attempt = await client.send({ url: `http://agent.example:${port}/`, body: '{"id":"1"}' })
  client.close()
  await receiver.close()
  expect(attempt).toMatchObject({ status: 200, error: null })
  expect([asked, receiver.received.length]).toEqual([1, 1])
})

test('outside test mode an attempt at this machine is refused by name, by address and by plain HTTP', async () => {
  const ramp = await RampWebhooks.open()
  const connections: unknown[] = []
  const server = createServer((socket) => connections.push(socket.destroy())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const hosts = ['https://127.0.0.1', 'https://agent.example', 'http://127.0.0.1']
  const workers = startRampWorkers(
    ramp.url,
    { rampTestMode: false, rampWebhookScheduleSeconds: [0] },
    { targets: new PublicTargets(book(['127.0.0.1'])) }
  )
  try {
    for (const host of hosts) {
      const event = rampEvent(await ramp.addBearer(`${host}:${port}/hook`))
      await ramp.tell([event])
      expect(await ramp.settled(event.id)).toMatchObject({ status: 'dead', attempts: 2 })
      expect((await ramp.attempts(event.id)).map(({ error }) => error)).toEqual(['refused', 'refused'])
    }
    expect(connections).toEqual([])
  } finally {
    await workers.stop()
    server.close()
    await ramp.close()
  }
})
