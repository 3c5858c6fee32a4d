import { injectable } from 'tsyringe'
import { FieldResolver, Resolver, Root } from 'type-graphql'
import { CountryService } from '../../services/ramp/parties/country-service'
import { P2PPaymentMethodType, railNode } from '../ramp/types'
import { P2PPaymentMethod } from './customer-types'

@injectable()
@Resolver(() => P2PPaymentMethod)
export class PaymentMethodResolver {
  constructor(private readonly countries: CountryService) {}

  @FieldResolver(() => P2PPaymentMethodType, { description: 'The rail that the payment method is on.' })
  async type(@Root() { railId }: P2PPaymentMethod): Promise<P2PPaymentMethodType> {
    return railNode(await this.countries.rail(railId))
  }
}
