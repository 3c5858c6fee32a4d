/** Puts together the orders of the ramp. */
import { EntityReader } from '../../../database/entity-reader'
import { GroupWriter } from '../../../database/group-writer'
import { Reader } from '../../../database/reader'
import { Ledger } from '../../../ledger/ledger'
import { Identifiers } from '../../identifiers'
import type { Registry } from '../../registry'
import { HostedLinks } from '../hosted/hosted-links'
import { OrderLimits } from '../limits'
import { OnchainDelivery } from '../onchain/onchain-delivery'
import { CountryService } from '../parties/country-service'
import { CustomerService } from '../parties/customer-service'
import { PaymentMethodService } from '../parties/payment-method-service'
import { RampAccounts } from '../parties/ramp-accounts'
import { Payments } from '../payments'
import { RampOutbox } from '../webhooks/outbox'
import { AgentCommands } from './agent-commands'
import { Assigning } from './assigning'
import { CreatedOrders } from './created-orders'
import { CustomerCommands } from './customer-commands'
import { DirectOrders } from './direct-orders'
import { OrderEvents } from './events'
import { Orders } from './order'
import { OrderClock } from './order-clock'
import { OrderService } from './order-service'
import { OrderWriter } from './order-writer'
import { Passing } from './passing'
import { PickingUp } from './picking-up'
import { Quotes } from './quotes'
import { References } from './references'
import { Resolving } from './resolving'
import { Selection } from './selection'
import type { OrderSettings } from './settings'
import { OrderSteps } from './steps'

export function registerOrders({ register, get }: Registry, settings: OrderSettings): void {
  registerGround({ register, get }, settings)
  register(
    DirectOrders,
    () =>
      new DirectOrders(
        get(EntityReader),
        get(Reader),
        get(Orders),
        get(References),
        get(Selection),
        get(Assigning),
        get(PaymentMethodService),
        get(OnchainDelivery),
        get(Identifiers)
      )
  )
  register(
    CreatedOrders,
    () =>
      new CreatedOrders(
        get(EntityReader),
        get(Reader),
        get(CustomerService),
        get(CountryService),
        get(References),
        get(Assigning),
        get(OrderWriter),
        get(OrderEvents),
        get(Identifiers),
        get(OrderLimits),
        settings
      )
  )
  register(OrderService, () => {
    const [entities, orders, steps] = [get(EntityReader), get(Orders), get(OrderSteps)]
    const limits = get(OrderLimits)
    return new OrderService(entities, {
      orders,
      payments: get(Payments),
      references: get(References),
      quotes: new Quotes(entities, get(Reader), get(GroupWriter), get(Selection), get(Identifiers), limits, settings),
      direct: get(DirectOrders),
      created: get(CreatedOrders),
      pickingUp: new PickingUp(
        entities,
        get(Reader),
        get(CustomerService),
        get(PaymentMethodService),
        get(Selection),
        get(Assigning),
        limits
      ),
      customers: new CustomerCommands(entities, orders, steps, get(CreatedOrders)),
      agents: new AgentCommands(orders, steps, get(PaymentMethodService)),
      resolving: new Resolving(get(Payments), get(Reader), orders, steps)
    })
  })
  register(
    OrderClock,
    () => new OrderClock(get(EntityReader), get(Reader), get(Orders), get(OrderSteps), get(CreatedOrders), settings)
  )
}

/** What the use cases share. */
function registerGround({ register, get }: Registry, settings: OrderSettings): void {
  register(OrderLimits, () => new OrderLimits(settings))
  register(Payments, () => new Payments(get(EntityReader), get(Reader)))
  register(Orders, () => new Orders(get(EntityReader), get(Payments), get(Reader)))
  register(References, () => new References(get(EntityReader)))
  register(Selection, () => new Selection(get(Reader), get(Ledger)))
  register(OrderEvents, () => new OrderEvents(get(HostedLinks)))
  register(OrderWriter, () => new OrderWriter(get(Ledger), get(RampOutbox), get(RampAccounts)))
  register(
    Assigning,
    () =>
      new Assigning(
        get(EntityReader),
        get(Payments),
        get(Ledger),
        get(OrderWriter),
        get(OrderEvents),
        get(Identifiers),
        settings
      )
  )
  register(OrderSteps, () => {
    const passing = new Passing(get(Payments), get(Selection), get(Assigning), get(OrderEvents), settings)
    const [writer, events, delivery] = [get(OrderWriter), get(OrderEvents), get(OnchainDelivery)]
    return new OrderSteps(get(EntityReader), get(Ledger), writer, events, delivery, passing, settings)
  })
}
