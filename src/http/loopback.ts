/** What counts as this machine itself. */

/** Whether a peer address (IPv4, IPv6 or IPv4 in IPv6) is of the loopback interface. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)
}

/**
 * Whether a Host header names this machine. A page from elsewhere whose name was pointed at 127.0.0.1 makes
 * a browser send its own name here, so an address alone does not tell who is asking.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host)
}
