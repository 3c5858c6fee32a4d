/** A merchant's customers turn local currency into USD and back, and settle with the agent. */
import { amount, reference, text } from '../../fields'
import type { RampLink } from '../../ramp-link'
import type { Thing } from '../../scope'
import { stepKind } from '../../step'
import { decimal, fact, onRamp, remember, shown, thing, USD } from './support'

const QUOTE = `query ($customer: ID!, $amount: Decimal!, $paymentType: PaymentTypeType, $rail: String!) {
  rampQuote(customer: $customer, amount: $amount, currency: usd, paymentType: $paymentType, paymentMethodType: $rail) {
    id
  }
}`
const DIRECT = 'id agent amountLocal exchangeRate'
const INITIATE = {
  deposit: `mutation ($rampQuote: ID!, $reference: String) {
    initiateRampQuoteDeposit(rampQuote: $rampQuote, reference: $reference) { ${DIRECT} }
  }`,
  withdrawal: `mutation ($rampQuote: ID!, $reference: String, $paymentMethod: ID!) {
    initiateRampQuoteWithdrawal(rampQuote: $rampQuote, reference: $reference, paymentMethod: $paymentMethod) { ${DIRECT} }
  }`
}

interface Placed {
  readonly id: string
  readonly agent: string
  readonly amountLocal: string
  readonly exchangeRate: string
}

function orderKind(direction: 'deposit' | 'withdrawal', summary: string, verb: string): ReturnType<typeof stepKind> {
  return stepKind({
    name: `ramp-${direction}`,
    summary,
    fields: {
      customer: reference('a customer of a merchant', 'buyer'),
      amount: amount('how many USD'),
      rail: text('how local currency moves, such as bank_transfer')
    },
    prepare({ customer, amount, rail }, scope, { name, place }) {
      const makes = thing('ramp-order', name, place)
      const value = amount.in(USD)
      const orderReference = scope.newId()
      return {
        title: `${customer.name} ${verb} ${shown(value)}`,
        makes,
        needsRamp: true,
        run: (client) =>
          onRamp(client, async (ramp) => {
            const shop = fact(customer, 'shop')
            const asked = { customer: customer.id, amount: decimal(value, USD), paymentType: direction, rail }
            const quote = await ramp.ask<{ id: string }>('merchant', fact(shop, 'key'), QUOTE, asked)
            const placed = await ramp.ask<Placed>('merchant', fact(shop, 'key'), INITIATE[direction], {
              rampQuote: quote.id,
              reference: orderReference,
              ...(direction === 'withdrawal' && { paymentMethod: fact(customer, 'paymentMethod') })
            })
            remember(makes, placed.id, { shop, reference: orderReference })
            return `${placed.amountLocal} at ${placed.exchangeRate}, by ${placed.agent}`
          })
      }
    }
  })
}

export const rampDeposit = orderKind('deposit', 'orders USD for local currency', 'buys')
export const rampWithdrawal = orderKind('withdrawal', 'orders local currency for USD', 'sells')

interface Assigned {
  readonly assignment: {
    readonly orderId: string
    readonly amountLocal: string
    readonly currency: string
    readonly status: string
  } | null
}

export async function assignmentOf(ramp: RampLink, order: Thing): Promise<NonNullable<Assigned['assignment']>> {
  const { assignment } = await ramp.operator<Assigned>(`/orders/${order.id}`)
  if (!assignment) throw new Error(`${order.name} was never assigned`)
  return assignment
}

export const rampPay = stepKind({
  name: 'ramp-pay',
  summary: 'a customer pays the agent outside the service, and the merchant says so',
  fields: { order: reference('a deposit', 'ramp-order'), to: reference('an agent', 'agent') },
  prepare: ({ order, to }) => ({
    title: `the customer pays ${to.name} for ${order.name}`,
    needsRamp: true,
    run: (client) =>
      onRamp(client, async (ramp) => {
        const { orderId, amountLocal, currency } = await assignmentOf(ramp, order)
        // The money arrives last: an agent that has it confirms at once, and then there is nothing left to say.
        await ramp.ask('merchant', fact(fact(order, 'shop'), 'key'), command('markDepositAsPaid'), { order: order.id })
        await ramp.payAgent(fact(to, 'place'), orderId, amountLocal, currency)
        return `${amountLocal} ${currency}`
      })
  })
})

export const rampConfirm = stepKind({
  name: 'ramp-confirm',
  summary: 'a customer confirms that the local currency of a withdrawal arrived',
  fields: { order: reference('a withdrawal', 'ramp-order') },
  prepare: ({ order }) => ({
    title: `the customer confirms ${order.name}`,
    needsRamp: true,
    run: (client) =>
      onRamp(client, async (ramp) => {
        const key = fact(fact(order, 'shop'), 'key')
        await ramp.ask('merchant', key, command('markWithdrawalAsReceived'), { order: order.id })
        return 'confirmed'
      })
  })
})

function command(name: 'markDepositAsPaid' | 'markWithdrawalAsReceived'): string {
  return `mutation ($order: ID!) { ${name}(paymentRequest: $order) }`
}
