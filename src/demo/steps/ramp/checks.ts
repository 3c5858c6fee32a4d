/** What must have come of it: orders, balances and the ledger. */
import { setTimeout } from 'node:timers/promises'
import { amount, reference, text } from '../../fields'
import { stepKind } from '../../step'
import { assignmentOf } from './orders'
import { decimal, fact, onRamp, plain, shown, USD } from './support'

const WAIT_MILLISECONDS_MAX = 60_000
const POLL_MILLISECONDS = 50

export const rampWait = stepKind({
  name: 'ramp-wait',
  summary: 'waits until an order stands so in the hands of its agent',
  fields: { order: reference('an order', 'ramp-order'), status: text('accepted, paid, completed or canceled') },
  prepare: ({ order, status }) => ({
    title: `wait until ${order.name} is ${status}`,
    needsRamp: true,
    async run(client) {
      const deadline = Date.now() + WAIT_MILLISECONDS_MAX
      for (;;) {
        let found = ''
        const answer = await onRamp(client, async (ramp) => (found = (await assignmentOf(ramp, order)).status))
        if (answer.code !== '200' || found === status) return answer
        if (Date.now() > deadline) return { ...answer, problem: `expected ${status} in a minute` }
        await setTimeout(POLL_MILLISECONDS)
      }
    }
  })
})

export const rampBalance = stepKind({
  name: 'ramp-balance',
  summary: 'what a merchant or an agent can spend',
  fields: { of: reference('a merchant or an agent', 'merchant', 'agent'), is: amount('what it must be') },
  prepare({ of, is }) {
    const expected = is.in(USD)
    return {
      title: `balance of ${of.name}`,
      needsRamp: true,
      async run(client) {
        let balance = ''
        const answer = await onRamp(client, async (ramp) => {
          const isAgent = of.kind === 'agent'
          const document = isAgent ? '{ profile { accountBalance } }' : '{ account { accountBalance } }'
          const api = isAgent ? 'agent' : 'merchant'
          balance = (await ramp.ask<{ accountBalance: string }>(api, fact(of, 'key'), document)).accountBalance
          return `${balance} USD`
        })
        const isExpected = plain(balance) === plain(decimal(expected, USD))
        return isExpected ? answer : { ...answer, problem: `expected ${shown(expected)}` }
      }
    }
  }
})

interface Report {
  readonly isSound: boolean
  readonly assetsUsd: string
  readonly liabilitiesUsd: string
  readonly findings: readonly { readonly subject: string; readonly problem: string }[]
}

export const rampReport = stepKind({
  name: 'ramp-report',
  summary: 'has the ramp reconciled: what is held is what everybody has, and every order settles',
  fields: {},
  prepare: () => ({
    title: 'reconcile the ramp with the ledger',
    needsRamp: true,
    async run(client) {
      let found: Report | undefined
      const answer = await onRamp(client, async (ramp) => {
        found = await ramp.operator<Report>('/report')
        return `held ${found.assetsUsd} USD, owned ${found.liabilitiesUsd} USD`
      })
      if (found?.isSound !== false) return answer
      return { ...answer, problem: found.findings.map(({ subject, problem }) => `${subject}: ${problem}`).join('; ') }
    }
  })
})
