/**
 * Goal: settings of payments in packets that could not be right are refused at the start, without telling secrets.
 * Method: the settings are read as the service reads them.
 */
import { randomBytes } from 'node:crypto'
import { ConfigError, loadConfig } from '../../../src/config'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('without any, payments here are transfers and a hundredth is set aside for others', () => {
  expect(loadConfig({})).toMatchObject({
    slippage: '0.01',
    localPaymentMethod: 'ledger',
    outgoingPaymentDurationMillisecondsMax: 300_000,
    streamSecret: undefined,
    streamSecretPrevious: undefined
  })
})

test.each(['0', '0.0', '0.05', '0.999999999999999999'])('a slippage of %s is fine', (SLIPPAGE) => {
  expect(loadConfig({ SLIPPAGE }).slippage).toBe(SLIPPAGE)
})

test.each(['1', '1.5', '-0.1', '.5', '1%', '1e-2', '0.', '0x1'])('a slippage of %s is refused', (SLIPPAGE) => {
  expect(problemsOf({ SLIPPAGE })).toEqual([`SLIPPAGE=${SLIPPAGE} must be 0 or more and less than 1, such as 0.01`])
})

test.each(['STREAM_SECRET', 'STREAM_SECRET_PREVIOUS'])('%s is base64 of 32 bytes, and never shown', (name) => {
  const [secret, short] = [randomBytes(32), randomBytes(31)]
  expect(problemsOf({ [name]: secret.toString('base64') })).toEqual([])
  expect(problemsOf({ [name]: secret.toString('base64url') })).toEqual([])
  for (const wrong of [short.toString('base64'), secret.toString('hex'), 'not base64 at all!']) {
    expect(problemsOf({ [name]: wrong })).toEqual([`${name} must be base64 of 32 bytes`])
  }
})

test('an unknown way to pay here is refused', () => {
  expect(problemsOf({ LOCAL_PAYMENT_METHOD: 'magic' })).toEqual([
    'LOCAL_PAYMENT_METHOD=magic must be one of ledger, stream'
  ])
})
