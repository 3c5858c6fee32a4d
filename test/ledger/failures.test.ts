/**
 * Goal: a failure is taken for what it is, as the ledger's answer to it depends on that.
 * Method: errors as the driver and the operating system make them.
 */
import { codeOf, isRefusal } from '../../src/database/refusals'
import { isConnectionLoss } from '../../src/ledger/postgres/failures'

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -1 })
}

it.each([
  ['EPIPE', 'write'],
  ['ECONNRESET', 'read'],
  ['ETIMEDOUT', 'read'],
  ['EHOSTUNREACH', 'read'],
  ['ENETUNREACH', 'write'],
  ['ECONNREFUSED', 'connect'],
  ['ENOENT', 'connect'],
  ['EMFILE', 'connect'],
  ['ENOTFOUND', 'getaddrinfo'],
  ['EAI_AGAIN', 'getaddrinfo']
])('%s is a lost connection and no SQLSTATE', (code, syscall) => {
  const error = systemError(code, syscall)
  expect(codeOf(error)).toBeUndefined()
  expect(isConnectionLoss(error)).toBe(true)
  expect(isRefusal(error)).toBe(false)
})

it('several addresses that fail together are a lost connection', () => {
  const errors = [systemError('EHOSTUNREACH', 'connect'), systemError('ENETUNREACH', 'connect')]
  const error = Object.assign(new AggregateError(errors), { code: 'EHOSTUNREACH' })
  expect(codeOf(error)).toBeUndefined()
  expect(isConnectionLoss(error)).toBe(true)
})

it.each(['57P01', '57P03', '08006', '53300', '25P03'])('SQLSTATE %s is a lost connection', (code) => {
  expect(isConnectionLoss(Object.assign(new Error('gone'), { code }))).toBe(true)
})

it.each(['23505', '22003', 'XX000', '42P01', '25P02'])('SQLSTATE %s is none', (code) => {
  expect(isConnectionLoss(Object.assign(new Error('connection'), { code }))).toBe(false)
})
