/** What people write about themselves. */
import { isStorable } from '../../text'
import { isAddress, RAMP_NETWORKS } from '../assets'

const EMAIL = /^[^\s@]+@[^\s@]+$/

/** In lower case and without the space around it; undefined for what is no address of email. */
export function emailOf(text: string): string | undefined {
  const email = text.trim().toLowerCase()
  return EMAIL.test(email) && isStorable(email) ? email : undefined
}

/** Without the space around it; undefined for what is blank or too long. */
export function nameOf(text: string): string | undefined {
  const name = text.trim()
  return name !== '' && isStorable(name) ? name : undefined
}

/** An address on one of the networks, or none. */
export function isDepositAddress(address: string | null | undefined): boolean {
  return address == null || Object.values(RAMP_NETWORKS).some((network) => isAddress(network, address))
}
