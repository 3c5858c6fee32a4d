/**
 * Goal: what counts as one client is one, whatever way its address is written, and two clients are two.
 * Method: the headers of proxies as they come, and the address of the connection beside them.
 */
import type { IncomingMessage } from 'node:http'
import { addressOf } from '../../src/http/address'

const SOCKET = '10.0.0.1'

function of(forwarded?: string | string[], remoteAddress: string | undefined = SOCKET): string {
  const request = { headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }
  return addressOf(request as unknown as IncomingMessage)
}

test.each([
  ['192.0.2.1', '192.0.2.1:443', '192.0.2.1:65535', '::ffff:192.0.2.1', '[::ffff:192.0.2.1]:80', '1.2.3.4, 192.0.2.1 '],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '[2001:db8:1:2::7]', '[2001:db8:1:2::7]:443', '2001:DB8:1:2:0:0:0:3']
])('%s is one client with %s, %s, %s, %s and %s', (...ways) => {
  expect(new Set(ways.map((way) => of(way))).size).toBe(1)
  expect(new Set(ways.map((way) => of(undefined, way.replace(/.*, | $/g, '')))).size).toBe(1)
})

test('neighbours are clients of their own', () => {
  const ways = ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8::1:2:0:0']
  expect(new Set(ways.map((way) => of(way))).size).toBe(ways.length)
})

test.each([
  undefined,
  '',
  'unknown',
  '_hidden',
  '192.0.2.1, unknown',
  '127',
  '0x7f.1',
  '192.0.2.1:',
  '[::1',
  '1.2.3.256'
])('%j is no address, so that of the connection counts', (forwarded) => {
  expect(of(forwarded)).toBe(SOCKET)
})

test('the last of several headers counts', () => {
  expect(of(['192.0.2.1', '192.0.2.2'])).toBe('192.0.2.2')
})

test('without any address everybody is one', () => {
  const request = { headers: { 'x-forwarded-for': 'nobody' }, socket: { remoteAddress: undefined } }
  expect(addressOf(request as unknown as IncomingMessage)).toBe('unknown')
})
