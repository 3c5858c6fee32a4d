import { setTimeout } from 'node:timers/promises'
import { formatAmount } from '../amount'
import { mutate, type Answer, type Client } from '../client'
import { amount, optional, reference, text } from '../fields'
import { Problem } from '../problem'
import type { Thing } from '../scope'
import { stepKind } from '../step'
import { remember } from './asset'

const CREATE_INCOMING = `mutation CreateIncomingPayment($input: CreateIncomingPaymentInput!) {
  createIncomingPayment(input: $input) { code message payment { id } }
}`

const CREATE_QUOTE = `mutation CreateQuote($input: CreateQuoteInput!) {
  createQuote(input: $input) {
    code message
    quote { id sendAmount { value assetCode assetScale } receiveAmount { value assetCode assetScale } }
  }
}`

const CREATE_OUTGOING = `mutation CreateOutgoingPayment($input: CreateOutgoingPaymentInput!) {
  createOutgoingPayment(input: $input) { code message payment { id } }
}`

const idempotencyKey = optional(text('generated unless given'))

export const incomingPayment = stepKind({
  name: 'incoming-payment',
  summary: 'asks for money at a payment pointer: a bill',
  fields: {
    at: reference('a payment pointer', 'payment-pointer'),
    amount: optional(amount('how much; without it whatever comes')),
    idempotencyKey
  },
  prepare({ at, amount, idempotencyKey }, scope, { name, place }) {
    const makes: Thing = { kind: 'incoming-payment', name, place, asset: at.asset, id: undefined }
    const value = amount?.in(at.asset)
    const rest = { idempotencyKey: idempotencyKey ?? scope.newId() }
    return {
      title: `${at.name} asks for ${value === undefined ? 'any amount' : formatAmount(value, at.asset)}`,
      makes,
      async run(client) {
        const incomingAmount = value === undefined ? undefined : amountInput(value, at)
        const input = { paymentPointerId: at.id, incomingAmount, ...rest }
        return mutate(client, CREATE_INCOMING, input, ({ payment }) => {
          const details = remember(makes, payment)
          if (makes.id !== undefined) makes.url = `${at.url}/incoming-payments/${makes.id}`
          return details
        })
      }
    }
  }
})

export const quote = stepKind({
  name: 'quote',
  summary: 'asks what a payment would cost and deliver',
  fields: {
    from: reference('a payment pointer', 'payment-pointer'),
    to: reference('an incoming payment', 'incoming-payment'),
    send: optional(amount('all that it may cost')),
    receive: optional(amount('what is to arrive; without either what is asked for')),
    idempotencyKey
  },
  prepare({ from, to, send, receive, idempotencyKey }, scope, { name, place }) {
    const makes: Thing = { kind: 'quote', name, place, asset: from.asset, id: undefined }
    const sendValue = send?.in(from.asset)
    const receiveValue = receive?.in(to.asset)
    const rest = {
      sendAmount: sendValue === undefined ? undefined : amountInput(sendValue, from),
      receiveAmount: receiveValue === undefined ? undefined : amountInput(receiveValue, to),
      idempotencyKey: idempotencyKey ?? scope.newId()
    }
    return {
      title: `quote ${name}: from ${from.name} for ${to.name}`,
      makes,
      run: (client) =>
        mutate(client, CREATE_QUOTE, { paymentPointerId: from.id, receiver: to.url, ...rest }, ({ quote }) => {
          remember(makes, quote)
          const { sendAmount, receiveAmount } = quote as { sendAmount: AmountAnswer; receiveAmount: AmountAnswer }
          return `sends ${shown(sendAmount)}, ${shown(receiveAmount)} arrive`
        })
    }
  }
})

export const outgoingPayment = stepKind({
  name: 'outgoing-payment',
  summary: 'makes a payment of a quote; the wallet of the payer is asked for the money',
  fields: {
    from: reference('a payment pointer', 'payment-pointer'),
    quote: reference('a quote', 'quote'),
    idempotencyKey
  },
  prepare({ from, quote, idempotencyKey }, scope, { name, place }) {
    const makes: Thing = { kind: 'outgoing-payment', name, place, asset: from.asset, id: undefined }
    const rest = { idempotencyKey: idempotencyKey ?? scope.newId() }
    return {
      title: `payment ${name}: ${from.name} takes ${quote.name}`,
      makes,
      run: (client) =>
        mutate(client, CREATE_OUTGOING, { paymentPointerId: from.id, quoteId: quote.id, ...rest }, ({ payment }) =>
          remember(makes, payment)
        )
    }
  }
})

const STATES = {
  'incoming-payment': {
    query: 'query State($id: String!) { payment: incomingPayment(id: $id) { state } }',
    passing: ['PENDING', 'PROCESSING'],
    final: ['COMPLETED', 'EXPIRED']
  },
  'outgoing-payment': {
    query: 'query State($id: String!) { payment: outgoingPayment(id: $id) { state error } }',
    passing: ['FUNDING', 'SENDING'],
    final: ['COMPLETED', 'FAILED']
  }
}

const WAIT_MILLISECONDS_MAX = 60_000
const POLL_MILLISECONDS = 50

export const wait = stepKind({
  name: 'wait',
  summary: 'waits until a payment is in a state',
  fields: {
    for: reference('an incoming or outgoing payment', 'incoming-payment', 'outgoing-payment'),
    state: text('COMPLETED, FAILED and so on')
  },
  prepare({ for: payment, state }, _scope, { placeOf }) {
    const { query, passing, final } = STATES[payment.kind as keyof typeof STATES]
    const known = [...passing, ...final]
    if (!known.includes(state)) throw new Problem(placeOf('state'), `${state} is none of ${known.join(', ')}`)
    return {
      title: `wait until ${payment.name} is ${state}`,
      needsWallet: true,
      run: (client) => untilState(client, query, payment, state, final)
    }
  }
})

interface Found {
  readonly state: string
  readonly error?: string | null
}

async function untilState(
  client: Client,
  query: string,
  payment: Thing,
  state: string,
  final: readonly string[]
): Promise<Answer> {
  const deadline = Date.now() + WAIT_MILLISECONDS_MAX
  for (;;) {
    const { data, errors } = await client.send(query, { id: payment.id })
    const found = data?.['payment'] as Found | null | undefined
    if (!found) return { code: undefined, message: errors[0] ?? 'no answer' }
    const message = [found.state, found.error].filter(Boolean).join(' ')
    if (found.state === state) return { code: '200', message }
    if (final.includes(found.state)) return { code: '200', message, problem: `expected ${state}` }
    if (Date.now() > deadline) return { code: '200', message, problem: `expected ${state} in a minute` }
    await setTimeout(POLL_MILLISECONDS)
  }
}

interface AmountAnswer {
  readonly value: string
  readonly assetCode: string
  readonly assetScale: number
}

function shown({ value, assetCode: code, assetScale: scale }: AmountAnswer): string {
  return formatAmount(BigInt(value), { code, scale })
}

function amountInput(value: bigint, { asset: { code, scale } }: Thing): AmountAnswer {
  return { value: value.toString(), assetCode: code, assetScale: scale }
}
