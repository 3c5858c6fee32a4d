/** What a bank told the operator of an account that it opened. */
import type { VirtualAccountDetails } from '../../../entities/ramp/virtual-account'
import { isStorable } from '../../text'

/** Of the account itself; the address is the bank's, and may be left out. */
const NEEDED = ['accountName', 'accountNumber', 'routingNumber', 'bankName'] as const
const ADDRESS = ['line1', 'city', 'state', 'postalCode', 'country'] as const

/** Of a bank in the USA. */
const ROUTING_NUMBER = /^\d{9}$/

/** Without blanks around; undefined where something is missing, blank, or not what it should be. */
export function accountDetails(given: VirtualAccountDetails): VirtualAccountDetails | undefined {
  const details: Record<string, string> = {}
  for (const name of [...NEEDED, ...ADDRESS]) {
    const value = given[name]?.trim() ?? ''
    if (!isStorable(value)) return undefined
    if (value !== '') details[name] = value
  }
  const { accountName, accountNumber, routingNumber, bankName, ...address } = details
  if (!accountName || !accountNumber || !bankName || !ROUTING_NUMBER.test(routingNumber ?? '')) return undefined
  return { accountName, accountNumber, routingNumber: routingNumber!, bankName, ...address }
}

export function isSameDetails(one: VirtualAccountDetails | null, other: VirtualAccountDetails | null): boolean {
  return [...NEEDED, ...ADDRESS].every((name) => one?.[name] === other?.[name])
}
