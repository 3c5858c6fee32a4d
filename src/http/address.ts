import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { IPv6, parse } from 'ipaddr.js'

/**
 * Where a request comes from, for limits. Whoever ends TLS in front of the service adds at the end from whom it
 * came; without that, or with something else there, the address of the connection is the only one that is known.
 */
export function addressOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const forwarded = headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
  return clientOf(last) ?? clientOf(socket.remoteAddress) ?? 'unknown'
}

/** `192.0.2.1:443`, `[2001:db8::1]` and `[2001:db8::1]:443`: some proxies write the port down as well. */
const WITH_PORT = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/

/** Whoever has one address of IPv6 has all of its /64, so they count as one client. */
function clientOf(text = ''): string | undefined {
  const [, six, four] = WITH_PORT.exec(text) ?? []
  const host = six ?? four ?? text
  if (!isIP(host)) return undefined
  const address = parse(host)
  if (!(address instanceof IPv6)) return address.toString()
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString()
  return `${new IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`
}
