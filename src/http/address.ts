import type { IncomingMessage } from 'node:http'

/**
 * Where a request comes from. Whoever ends TLS in front of the service adds at the end from whom it came; without
 * that, the address of the connection is the only one that is known.
 */
export function addressOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const forwarded = headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
  return last || (socket.remoteAddress ?? 'unknown')
}
