/** Goal: settings of the ramp that are unsafe or make no sense are refused by name at the start. */
import { ConfigError, loadConfig } from '../../src/config'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('test mode is refused in production', () => {
  expect(problemsOf({ RAMP_TEST_MODE: 'true', NODE_ENV: 'production' })).toEqual([
    'RAMP_TEST_MODE=true is not for production: unset it, or NODE_ENV'
  ])
  expect(problemsOf({ RAMP_TEST_MODE: 'true' })).toEqual([])
  expect(problemsOf({ RAMP_TEST_MODE: 'false', NODE_ENV: 'production' })).toEqual([])
})

test('a schedule is whole numbers of seconds', () => {
  expect(loadConfig({}).rampWebhookScheduleSeconds).toEqual([10, 30, 120, 600, 1_800, 7_200, 21_600])
  expect(loadConfig({ RAMP_WEBHOOK_SCHEDULE: '1, 2,3' }).rampWebhookScheduleSeconds).toEqual([1, 2, 3])
  for (const schedule of ['1,,2', '1.5', '-1', 'soon', '604801', Array(51).fill('1').join(',')]) {
    expect(problemsOf({ RAMP_WEBHOOK_SCHEDULE: schedule })).toEqual([
      expect.stringMatching(/^RAMP_WEBHOOK_SCHEDULE=.* must be at most 50 whole numbers, 0 … 604800/)
    ])
  }
})

test('the timeout is ten seconds unless set', () => {
  expect(loadConfig({}).rampWebhookTimeoutMilliseconds).toBe(10_000)
})

test('limits are amounts in USD, and leave something to order', () => {
  const limits = { RAMP_DEPOSIT_MINIMUM: '0.5', RAMP_DEPOSIT_MAXIMUM: '0.5', RAMP_DAILY_LIMIT: '100' }
  expect(loadConfig(limits)).toMatchObject({
    rampDepositMinimumUsd: 500_000n,
    rampDepositMaximumUsd: 500_000n,
    rampWithdrawalMinimumUsd: 2_000_000n,
    rampWithdrawalMaximumUsd: 5_000_000_000n,
    rampDailyLimitUsd: 100_000_000n
  })
  expect(problemsOf({ RAMP_DEPOSIT_MAXIMUM: '1.99', RAMP_WITHDRAWAL_MINIMUM: '5000.000001' })).toEqual([
    'RAMP_DEPOSIT_MINIMUM is above RAMP_DEPOSIT_MAXIMUM: no deposit could be made',
    'RAMP_WITHDRAWAL_MINIMUM is above RAMP_WITHDRAWAL_MAXIMUM: no withdrawal could be made'
  ])
})
