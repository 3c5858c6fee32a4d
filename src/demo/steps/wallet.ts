/**
 * Steps that ask a wallet, where the customers' money is kept, and not the service.
 */
import { setTimeout } from 'node:timers/promises'
import { formatAmount } from '../amount'
import type { Answer, Client } from '../client'
import { amount, optional, reference, text } from '../fields'
import type { Thing } from '../scope'
import { stepKind } from '../step'
import type { WalletAnswer, WalletLink } from '../wallet-link'

export const customer = stepKind({
  name: 'customer',
  summary: 'makes the owner of a payment pointer a customer of the wallet',
  fields: {
    of: reference('a payment pointer', 'payment-pointer'),
    name: text('what the wallet calls the customer'),
    paysIn: optional(amount('what the customer brings'))
  },
  prepare({ of, name, paysIn }, scope) {
    const value = paysIn?.in(of.asset)
    const id = scope.newId()
    return {
      title: `customer ${name}${value === undefined ? '' : ` pays ${formatAmount(value, of.asset)} in`}`,
      needsWallet: true,
      async run(client) {
        const paymentPointerId = of.id
        const opened = await walletOf(client).post('/accounts', { customer: name, paymentPointerId })
        if (opened.status !== 200 || value === undefined) return answerOf(opened, 'Opened account')
        const paid = await walletOf(client).post('/top-ups', { id, paymentPointerId, amount: value.toString() })
        return answerOf(paid, 'Paid in')
      }
    }
  }
})

const WAIT_MILLISECONDS_MAX = 30_000
const POLL_MILLISECONDS = 50

interface Balances {
  readonly balances: readonly { readonly asset: string; readonly account: string; readonly balance: string }[]
  readonly unsettled: number
}

export const walletBalance = stepKind({
  name: 'wallet-balance',
  summary: 'waits until a customer has an amount in the wallet',
  fields: {
    of: reference('a payment pointer', 'payment-pointer'),
    name: text('what the wallet calls the customer'),
    is: amount('what it must be')
  },
  prepare({ of, name, is }) {
    const expected = is.in(of.asset)
    return {
      title: `balance of customer ${name}`,
      needsWallet: true,
      run: (client) => untilBalance(walletOf(client), of, name, expected)
    }
  }
})

/** The wallet learns of a payment a moment after the service, so what is not there yet may still come. */
async function untilBalance(wallet: WalletLink, pointer: Thing, name: string, expected: bigint): Promise<Answer> {
  const { code, scale } = pointer.asset
  const deadline = Date.now() + WAIT_MILLISECONDS_MAX
  for (;;) {
    const answer = await wallet.get('/balances')
    if (answer.status !== 200) return answerOf(answer, '')
    const { balances, unsettled } = answer.body as Balances
    const own = balances.find(({ asset, account }) => asset === `${code}/${scale}` && account === `customer/${name}`)
    const balance = BigInt(own?.balance ?? 0)
    const message = formatAmount(balance, pointer.asset)
    if (balance === expected && unsettled === 0) return { code: '200', message }
    if (Date.now() > deadline) {
      return { code: '200', message, problem: `expected ${formatAmount(expected, pointer.asset)}` }
    }
    await setTimeout(POLL_MILLISECONDS)
  }
}

interface Reconciled {
  readonly asset: string
  readonly wallet: string
  readonly ledger: string
  readonly differences: readonly string[]
}

export const reconcile = stepKind({
  name: 'reconcile',
  summary: "has the wallet compare its books with the service's ledger, line by line",
  fields: {},
  prepare() {
    return {
      title: 'reconcile the books of the wallet with the ledger',
      needsWallet: true,
      async run(client) {
        const answer = await walletOf(client).get('/reconcile')
        if (answer.status !== 200) return answerOf(answer, '')
        const all = answer.body as readonly Reconciled[]
        const message = all.map(({ asset, wallet, ledger }) => `${asset}: ${wallet} and ${ledger}`).join(', ')
        const differences = all.flatMap(({ differences }) => differences)
        return { code: '200', message, problem: differences.length === 0 ? undefined : differences.join('; ') }
      }
    }
  }
})

function walletOf(client: Client): WalletLink {
  if (!client.wallet) throw new Error('a step that needs a wallet is run with one')
  return client.wallet
}

function answerOf({ status, body }: WalletAnswer, success: string): Answer {
  const { error } = body as { error?: string }
  return { code: String(status), message: error ?? success }
}
