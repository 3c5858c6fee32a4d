/** Puts together what customers see of their orders. */
import { EntityReader } from '../../../database/entity-reader'
import type { Registry } from '../../registry'
import { OrderLimits } from '../limits'
import { Orders } from '../orders/order'
import { OrderService } from '../orders/order-service'
import { Selection } from '../orders/selection'
import { CountryService } from '../parties/country-service'
import { MerchantService } from '../parties/merchant-service'
import { HostedPages } from './hosted-pages'

export function registerHosted({ register, get }: Registry): void {
  register(
    HostedPages,
    () =>
      new HostedPages(
        get(EntityReader),
        get(Orders),
        get(OrderService),
        get(Selection),
        get(MerchantService),
        get(CountryService),
        get(OrderLimits)
      )
  )
}
