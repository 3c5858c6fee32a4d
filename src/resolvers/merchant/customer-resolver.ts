import { injectable } from 'tsyringe'
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql'
import { CountryService } from '../../services/ramp/parties/country-service'
import { CustomerService } from '../../services/ramp/parties/customer-service'
import { PaymentMethodService } from '../../services/ramp/parties/payment-method-service'
import type { RampContext } from '../ramp/context'
import { refusal, valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { Country, countryNode, P2PPaymentMethodOwnership } from '../ramp/types'
import {
  customerNode,
  MerchantCustomer,
  P2PPaymentMethod,
  P2PPaymentMethodFieldInput,
  paymentMethodNode
} from './customer-types'

@injectable()
@Resolver(() => MerchantCustomer)
export class CustomerResolver {
  constructor(
    private readonly customers: CustomerService,
    private readonly countries: CountryService,
    private readonly methods: PaymentMethodService
  ) {}

  @Query(() => MerchantCustomer, { nullable: true, description: 'A customer by email; null if there is none.' })
  async merchantCustomer(
    @Arg('email', () => String, { description: 'Email of the customer; upper and lower case are the same.' })
    email: string,
    @Ctx() { principal }: RampContext
  ): Promise<MerchantCustomer | null> {
    const customer = await this.customers.findByEmail(principal.id, email)
    return customer ? customerNode(customer) : null
  }

  @Mutation(() => MerchantCustomer, {
    nullable: true,
    description: 'Register a customer. `EMAIL_TAKEN` if there is one of this email.'
  })
  async createCustomer(
    @Arg('email', () => String, {
      description: 'Email of the customer, used once in an account; upper and lower case are the same.'
    })
    email: string,
    @Arg('firstName', () => String, { description: 'Given name of the customer, not blank.' }) firstName: string,
    @Arg('lastName', () => String, { description: 'Family name of the customer, not blank.' }) lastName: string,
    @Arg('country', () => ID, { description: 'Global id of the country where the customer pays and is paid.' })
    country: string,
    @Ctx() context: RampContext
  ): Promise<MerchantCustomer> {
    const countryId = uuidOf('Types::Country', country)
    const input = { email, firstName, lastName, countryId }
    return customerNode(await valueOf(this.customers.create(context, context.principal.id, input)))
  }

  @Mutation(() => P2PPaymentMethod, {
    nullable: true,
    description:
      'Register an account of a customer. The same account again is the one that is there already. `INVALID_PAYMENT_METHOD` also for more than 100 of a customer.'
  })
  async addPaymentMethod(
    @Arg('customer', () => ID, { description: 'Global id of the customer whose account it is.' }) customer: string,
    @Arg('paymentMethodType', () => String, {
      nullable: true,
      description: "Identifier of the rail, such as `bank_transfer_ng`, or `bank_transfer` in the customer's country."
    })
    paymentMethodType: string | null | undefined,
    @Arg('p2pPaymentMethodType', () => ID, {
      nullable: true,
      description: 'Global id of the rail, in place of `paymentMethodType`.'
    })
    p2pPaymentMethodType: string | null | undefined,
    @Arg('fields', () => [P2PPaymentMethodFieldInput], {
      description: 'What identifies the account: a value for each field that the rail requires.'
    })
    fields: P2PPaymentMethodFieldInput[],
    @Arg('ownership', () => P2PPaymentMethodOwnership, {
      nullable: true,
      description: 'Whether the account belongs to the customer or to somebody else.'
    })
    ownership: P2PPaymentMethodOwnership | null | undefined,
    @Ctx() context: RampContext
  ): Promise<P2PPaymentMethod> {
    const customerId = uuidOf('MerchantCustomer', customer)
    const railId = p2pPaymentMethodType == null ? undefined : uuidOf('P2PPaymentMethodTypeType', p2pPaymentMethodType)
    if (paymentMethodType == null && railId === undefined) throw refusal('REQUIRED_ATTRIBUTES_MISSING')
    const owner = await this.customers.findOf(context.principal.id, customerId)
    if (!owner) throw refusal('NOT_FOUND')
    const input = { railId, railIdentifier: paymentMethodType, fields, ownership }
    return paymentMethodNode(await valueOf(this.methods.addForCustomer(context, owner, input)))
  }

  @FieldResolver(() => Country, { description: 'The country where the customer pays and is paid.' })
  async country(@Root() { countryId }: MerchantCustomer): Promise<Country> {
    return countryNode(await this.countries.get(countryId))
  }

  @FieldResolver(() => [P2PPaymentMethod], { description: "The customer's payment methods, oldest first." })
  async p2pPaymentMethods(@Root() { customerId }: MerchantCustomer): Promise<P2PPaymentMethod[]> {
    return (await this.methods.list('customer', customerId)).map(paymentMethodNode)
  }
}
