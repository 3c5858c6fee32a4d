import { injectable } from 'tsyringe'
import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { CountryService } from '../../services/ramp/parties/country-service'
import { PaymentMethodService } from '../../services/ramp/parties/payment-method-service'
import { RampKeyService } from '../../services/ramp/parties/ramp-key-service'
import { ProfileService } from '../../services/ramp/profile/profile-service'
import type { RampContext } from '../ramp/context'
import { Country, countryNode } from '../ramp/types'
import { P2PPaymentMethod, paymentMethodNode } from './payment-method-types'
import { AgentProfile, profileNode } from './profile-types'

@injectable()
@Resolver(() => AgentProfile)
export class ProfileResolver {
  constructor(
    private readonly profiles: ProfileService,
    private readonly keys: RampKeyService,
    private readonly countries: CountryService,
    private readonly methods: PaymentMethodService
  ) {}

  @Query(() => AgentProfile, { description: 'The agent whose key this is, with its balances as they are now.' })
  async profile(@Ctx() { principal }: RampContext): Promise<AgentProfile> {
    return profileNode(await this.profiles.view(principal.id))
  }

  @FieldResolver(() => String, {
    description: 'The API key of this request, masked. Nobody can see the whole of it again.'
  })
  async apiKey(@Ctx() { principal }: RampContext): Promise<string> {
    return this.keys.masked(principal.keyId)
  }

  @FieldResolver(() => Country, { description: 'The country where the agent works.' })
  async country(@Root() { countryId }: AgentProfile): Promise<Country> {
    return countryNode(await this.countries.get(countryId))
  }

  @FieldResolver(() => [P2PPaymentMethod], {
    description: "The agent's payment methods, oldest first, without removed ones."
  })
  async paymentMethods(@Root() { agentId }: AgentProfile): Promise<P2PPaymentMethod[]> {
    return (await this.methods.list('agent', agentId)).map(paymentMethodNode)
  }
}
