/** An order in the hands of an agent, with everything that a step of it needs to know, in one read. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { EntityColumns } from '../../../database/entity-table'
import type { Loader, Reader } from '../../../database/reader'
import { RampRequest, type RampPayment } from '../../../entities'
import type { MethodField } from '../../../entities/ramp/payment-method'
import type { RailField } from '../../../entities/ramp/rail'
import { FROM_PAYMENTS, type Payments } from '../payments'
import type { PlacedOrder } from './inputs'

export interface OrderAgent {
  readonly id: string
  /** Customers know it by this. */
  readonly name: string
  readonly balanceAccountId: bigint
  readonly creditAccountId: bigint
  readonly creditLine: bigint
  readonly creditVersion: number
  readonly enforceReceiptUpload: boolean
}

export interface OrderMethod {
  readonly id: string
  readonly value: string
  readonly fields: readonly MethodField[]
  /** Null for a customer's. */
  readonly liquidityAccountId: bigint | null
}

export interface OrderRail {
  readonly id: string
  readonly identifier: string
  readonly label: string
  readonly fields: readonly RailField[]
}

export interface OrderCustomer {
  readonly id: string
  readonly email: string
  readonly name: string
  /** Where the customer lives; the fiat may move elsewhere. */
  readonly countryCode: string
  readonly currencyCode: string
}

export interface OrderMerchant {
  readonly id: string
  readonly balanceAccountId: bigint
  /** Null: what everybody pays. */
  readonly feeBasisPoints: number | null
}

/** Where the fiat of an order moves. */
export interface OrderPlace {
  readonly countryId: string
  readonly countryCode: string
  readonly currencyCode: string
  readonly surchargeBasisPoints: number
}

export interface Order {
  readonly payment: RampPayment
  readonly request: RampRequest
  readonly agent: OrderAgent
  readonly merchant: OrderMerchant
  readonly customer: OrderCustomer
  readonly place: OrderPlace
  readonly rail: OrderRail
  readonly agentMethod: OrderMethod
  /** Null for a deposit. */
  readonly customerMethod: OrderMethod | null
  /** Of the transaction on chain that is said to pay for it. */
  readonly transactionHash: string | null
}

/** The part of an order that its agent is told, and that steps between the agent and its money need. */
export interface Assignment {
  readonly payment: RampPayment
  readonly customer: Pick<OrderCustomer, 'name'>
  readonly place: Pick<OrderPlace, 'countryCode'>
  readonly rail: Pick<OrderRail, 'identifier'>
  readonly agentMethod: OrderMethod
  readonly customerMethod: OrderMethod | null
}

const BARE_PROPERTIES = [
  'id',
  'requestId',
  'assignment',
  'agentId',
  'paymentType',
  'status',
  'agentPaymentMethodId',
  'amountLocal',
  'currency',
  'reassignAfter'
] as const

/** The part of an assignment that its steps themselves need, where nobody is told of them. */
export interface BareAssignment {
  readonly payment: Pick<RampPayment, (typeof BARE_PROPERTIES)[number]>
  readonly agentMethod: Pick<OrderMethod, 'id' | 'liquidityAccountId'>
}

export type Row = Readonly<Record<string, unknown>>

/** Columns of what surrounds an order, by the aliases that the statements of this folder use. */
export const AGENT_COLUMNS = `agent.id AS agent_id_, agent.name AS agent_name, agent.balance_account_id AS agent_balance,
  agent.credit_account_id AS agent_credit, agent.credit_line AS agent_line, agent.credit_version AS agent_version,
  agent.enforce_receipt_upload AS agent_receipt`
export const MERCHANT_COLUMNS = `merchant.id AS merchant_id_, merchant.balance_account_id AS merchant_balance,
  merchant.fee_basis_points AS merchant_fee`
const CUSTOMER_NAME = `customer.first_name || ' ' || customer.last_name AS customer_name`
export const CUSTOMER_COLUMNS = `customer.id AS customer_id_, customer.email AS customer_email, ${CUSTOMER_NAME},
  home.code AS home_code, home.currency_code AS home_currency`
export const PLACE_COLUMNS = `place.id AS place_id, place.code AS place_code, place.currency_code AS place_currency,
  place.surcharge_basis_points AS place_surcharge`
export const RAIL_COLUMNS = `rail.id AS rail_id_, rail.identifier AS rail_identifier, rail.label AS rail_label,
  rail.fields AS rail_fields`

export function methodColumns(alias: string, prefix: string): string {
  return ['id', 'value', 'fields', 'liquidity_account_id']
    .map((column) => `${alias}.${column} AS ${prefix}${column}`)
    .join(', ')
}

const text = (value: unknown): string => value as string
const whole = (value: unknown): bigint => BigInt(value as string)
const accountOf = (value: unknown): bigint | null => (value === null ? null : whole(value))

export function agentOf(row: Row): OrderAgent {
  return {
    id: text(row.agent_id_),
    name: text(row.agent_name),
    balanceAccountId: whole(row.agent_balance),
    creditAccountId: whole(row.agent_credit),
    creditLine: whole(row.agent_line),
    creditVersion: row.agent_version as number,
    enforceReceiptUpload: row.agent_receipt as boolean
  }
}

export function merchantOf(row: Row): OrderMerchant {
  return {
    id: text(row.merchant_id_),
    balanceAccountId: whole(row.merchant_balance),
    feeBasisPoints: row.merchant_fee as number | null
  }
}

export function customerOf(row: Row): OrderCustomer {
  return {
    id: text(row.customer_id_),
    email: text(row.customer_email),
    name: text(row.customer_name),
    countryCode: text(row.home_code),
    currencyCode: text(row.home_currency)
  }
}

export function placeOf(row: Row): OrderPlace {
  return {
    countryId: text(row.place_id),
    countryCode: text(row.place_code),
    currencyCode: text(row.place_currency),
    surchargeBasisPoints: row.place_surcharge as number
  }
}

export function railOf(row: Row): OrderRail {
  return {
    id: text(row.rail_id_),
    identifier: text(row.rail_identifier),
    label: text(row.rail_label),
    fields: row.rail_fields as RailField[]
  }
}

export function methodOf(row: Row, prefix: string): OrderMethod {
  return {
    id: text(row[`${prefix}id`]),
    value: text(row[`${prefix}value`]),
    fields: row[`${prefix}fields`] as MethodField[],
    liquidityAccountId: accountOf(row[`${prefix}liquidity_account_id`])
  }
}

export class Orders {
  private readonly payments: EntityColumns<RampPayment>
  private readonly requests: EntityReads<RampRequest>
  private readonly bare: EntityColumns<BareAssignment['payment']>
  private readonly bareAssignments: Loader<string, Row & { readonly payment_id: string }>
  private readonly assignments: Loader<string, Row & { readonly payment_id: string }>
  private readonly byPayment: Loader<string, Row & { readonly payment_id: string }>
  private readonly byRequest: Loader<string, Row & { readonly request_id: string }>

  constructor(entities: EntityReader, payments: Payments, reader: Reader) {
    this.payments = payments.columns
    this.requests = entities.of(RampRequest)
    this.bare = this.payments.part(BARE_PROPERTIES)
    this.bareAssignments = reader.loader('ramp_assignment_bare', this.bareStatement(), (row) => row.payment_id)
    this.assignments = reader.loader('ramp_assignment', this.assignmentStatement(), (row) => row.payment_id)
    const text = this.statement()
    this.byPayment = reader.loader(
      'ramp_order_of_payment',
      `${text} WHERE payment.id = ANY($1::uuid[])`,
      (row) => row.payment_id
    )
    this.byRequest = reader.loader(
      'ramp_order_of_request',
      `${text} WHERE payment.id = ANY(ARRAY(SELECT payment_id FROM ramp_request WHERE id = ANY($1::uuid[])))`,
      (row) => row.request_id
    )
  }

  /** The least of it, present or past: reading rows is most of what a step costs. */
  async bareAssignment(paymentId: string): Promise<BareAssignment | undefined> {
    const row = await this.bareAssignments.load(paymentId)
    if (!row) return undefined
    const payment = this.bare.entityOf(row, 'payment_')
    return { payment, agentMethod: { id: payment.agentPaymentMethodId, liquidityAccountId: accountOf(row.liquidity) } }
  }

  /** Present or past: less than all of its order, and less to read. */
  async assignment(paymentId: string): Promise<Assignment | undefined> {
    const row = await this.assignments.load(paymentId)
    return row && this.assignmentOf(row)
  }

  /** By an assignment, present or past. */
  async ofPayment(paymentId: string): Promise<Order | undefined> {
    const row = await this.byPayment.load(paymentId)
    return row && this.orderOf(row)
  }

  /** By the order, with its present assignment; undefined before the first. */
  async ofRequest(requestId: string): Promise<Order | undefined> {
    const row = await this.byRequest.load(requestId)
    return row && this.orderOf(row)
  }

  private bareStatement(): string {
    return `SELECT ${this.bare.select('payment', 'payment_')}, method.liquidity_account_id AS liquidity
      ${FROM_PAYMENTS}
      JOIN ramp_payment_method AS method ON method.id = payment.agent_payment_method_id
      WHERE payment.id = ANY($1::uuid[])`
  }

  private assignmentStatement(): string {
    return `SELECT ${this.payments.select('payment', 'payment_')}, ${CUSTOMER_NAME}, place.code AS place_code,
        rail.identifier AS rail_identifier, ${methodColumns('method', 'method_')}, ${methodColumns('payout', 'payout_')}
      ${FROM_PAYMENTS}
      JOIN ramp_customer AS customer ON customer.id = terms.customer_id
      JOIN ramp_rail AS rail ON rail.id = terms.rail_id
      JOIN ramp_country AS place ON place.id = rail.country_id
      JOIN ramp_payment_method AS method ON method.id = payment.agent_payment_method_id
      LEFT JOIN ramp_payment_method AS payout ON payout.id = terms.customer_payment_method_id
      WHERE payment.id = ANY($1::uuid[])`
  }

  private assignmentOf(row: Row): Assignment {
    return {
      payment: this.payments.entityOf(row, 'payment_'),
      customer: { name: text(row.customer_name) },
      place: { countryCode: text(row.place_code) },
      rail: { identifier: text(row.rail_identifier) },
      agentMethod: methodOf(row, 'method_'),
      customerMethod: row.payout_id === null ? null : methodOf(row, 'payout_')
    }
  }

  private statement(): string {
    return `SELECT ${this.payments.select('payment', 'payment_')}, ${this.requests.table.select('request', 'request_')},
        ${AGENT_COLUMNS}, ${MERCHANT_COLUMNS}, ${CUSTOMER_COLUMNS}, ${PLACE_COLUMNS}, ${RAIL_COLUMNS},
        ${methodColumns('method', 'method_')}, ${methodColumns('payout', 'payout_')}, known.hash AS transaction_hash
      ${FROM_PAYMENTS}
      JOIN ramp_request AS request ON request.id = terms.request_id
      JOIN ramp_agent AS agent ON agent.id = payment.agent_id
      JOIN ramp_merchant AS merchant ON merchant.id = request.merchant_id
      JOIN ramp_customer AS customer ON customer.id = request.customer_id
      JOIN ramp_country AS home ON home.id = customer.country_id
      JOIN ramp_rail AS rail ON rail.id = terms.rail_id
      JOIN ramp_country AS place ON place.id = rail.country_id
      JOIN ramp_payment_method AS method ON method.id = payment.agent_payment_method_id
      LEFT JOIN ramp_payment_method AS payout ON payout.id = terms.customer_payment_method_id
      LEFT JOIN ramp_transaction_hash AS known ON known.request_id = request.id`
  }

  private orderOf(row: Row): Order {
    return {
      payment: this.payments.entityOf(row, 'payment_'),
      request: this.requests.table.entityOf(row, 'request_'),
      agent: agentOf(row),
      merchant: merchantOf(row),
      customer: customerOf(row),
      place: placeOf(row),
      rail: railOf(row),
      agentMethod: methodOf(row, 'method_'),
      customerMethod: row.payout_id === null ? null : methodOf(row, 'payout_'),
      transactionHash: row.transaction_hash as string | null
    }
  }
}

/** Where the fiat of an order goes. */
export function receivingMethod({
  agentMethod,
  customerMethod
}: Pick<Order, 'agentMethod' | 'customerMethod'>): OrderMethod {
  return customerMethod ?? agentMethod
}

/** The same as a line for people. */
function paymentDetails(order: Pick<Order, 'agentMethod' | 'customerMethod' | 'rail'>): string {
  const { fields } = receivingMethod(order)
  const labels = new Map(order.rail.fields.map(({ identifier, label }) => [identifier, label]))
  const parts = fields.map(({ identifier, value }) => `${labels.get(identifier) ?? identifier}: ${value}`)
  return [order.rail.label, ...parts].join(', ')
}

/** As its merchant or its customer is told of it. */
export function placedOrder(order: Order): PlacedOrder {
  return {
    request: order.request,
    payment: order.payment,
    agent: order.agent.name,
    paymentDetails: paymentDetails(order)
  }
}
