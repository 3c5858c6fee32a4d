/**
 * Keeps requests to URLs that a stranger chose out of the networks that only this machine can reach.
 *
 * The rule is applied to the addresses that the connection is then made to: a name is resolved once for both,
 * so that it cannot mean a public address when it is checked and another one when it is used. Names are asked
 * of the DNS alone and without the threads that other work of the process needs, which slow answers would hold.
 */
import { Resolver } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { IPv6, parse } from 'ipaddr.js'

/** What is asked for addresses. A name that has none rejects or gives an empty list. */
export interface AddressBook {
  resolve4(name: string): Promise<string[]>
  resolve6(name: string): Promise<string[]>
}

/** The host is, or has, an address that is not one of the public internet. */
export class AddressRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AddressRefused'
  }
}

const RESOLVE_TIMEOUT_MILLISECONDS = 2_000
const RESOLVE_TRIES = 2

/** Everything that is handed out as public unicast, RFC 4291. */
const PUBLIC_IPV6: [IPv6, number] = [IPv6.parse('2000::'), 3]

/** Whether an address in text, IPv4 or IPv6, is one of the public internet. */
export function isPublicAddress(text: string): boolean {
  const address = parse(text)
  if (address.range() !== 'unicast') return false
  return !(address instanceof IPv6) || address.match(PUBLIC_IPV6)
}

interface Address {
  readonly address: string
  readonly family: 4 | 6
}

export class PublicAddresses {
  constructor(
    private readonly book: AddressBook = new Resolver({ timeout: RESOLVE_TIMEOUT_MILLISECONDS, tries: RESOLVE_TRIES }),
    private readonly refusal: (message: string) => Error = (message) => new AddressRefused(message)
  ) {}

  /** A host that is an address already is never looked up. Throws the refusal. */
  checkHost({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) && !isPublicAddress(host)) throw this.refusal(`${host} is not a public address`)
  }

  /** For the connection: fails with the refusal where one of the addresses is not public. */
  readonly lookup: LookupFunction = (name, options, callback) => {
    this.addressesOf(name, options.family).then(
      (addresses) => {
        const [first] = addresses
        if (options.all) callback(null, [...addresses])
        else callback(null, first!.address, first!.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0)
    )
  }

  /** At least one, all of them public. */
  private async addressesOf(name: string, family: number | 'IPv4' | 'IPv6' | undefined): Promise<Address[]> {
    const wants = (wanted: 4 | 6): boolean => !family || family === wanted || family === `IPv${wanted}`
    const [four, six] = await Promise.allSettled([
      wants(4) ? this.book.resolve4(name) : [],
      wants(6) ? this.book.resolve6(name) : []
    ])
    const found = (answer: PromiseSettledResult<string[]>, of: 4 | 6): Address[] =>
      answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family: of })) : []
    const addresses = [...found(four, 4), ...found(six, 6)]
    const refused = addresses.find(({ address }) => !isPublicAddress(address))
    if (refused) throw this.refusal(`${name} is at ${refused.address}, which is not a public address`)
    if (addresses.length === 0) throw Object.assign(new Error(`${name} has no address`), { code: 'ENOTFOUND' })
    return addresses
  }
}
