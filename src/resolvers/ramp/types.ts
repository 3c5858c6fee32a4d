/** Types that the Agent and the Merchant API share. */
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import type { RampCountry, RampRail } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'

export const P2PPaymentTypeType = { deposit: 'deposit', withdrawal: 'withdrawal' } as const
export type P2PPaymentTypeType = keyof typeof P2PPaymentTypeType
registerEnumType(P2PPaymentTypeType, {
  name: 'P2PPaymentTypeType',
  description: 'Which way an order goes.',
  valuesConfig: {
    deposit: { description: 'Fiat in, USD out: the customer pays an agent, the merchant is credited.' },
    withdrawal: { description: 'USD in, fiat out: the merchant is debited, an agent pays the customer.' }
  }
})

export const P2PPaymentMethodOwnership = { first_party: 'first_party', third_party: 'third_party' } as const
export type P2PPaymentMethodOwnership = keyof typeof P2PPaymentMethodOwnership
registerEnumType(P2PPaymentMethodOwnership, {
  name: 'P2PPaymentMethodOwnership',
  description: 'Whose account a payment method is.',
  valuesConfig: {
    first_party: { description: 'The account belongs to whoever registered it.' },
    third_party: { description: 'The account belongs to somebody else than whoever registered it.' }
  }
})

@ObjectType('Currency', { description: 'The money of a country.' })
export class Currency {
  @Field(() => String, { description: 'Code of the currency by ISO 4217, such as `NGN`.' })
  isoCode!: string

  @Field(() => String, { description: 'Name of the currency in English.' })
  name!: string
}

@ObjectType('Country', { description: 'A country in which orders can be placed.' })
export class Country {
  @Field(() => ID, { description: 'Global id of the country.' })
  id!: string

  @Field(() => String, { description: 'Name of the country in English.' })
  name!: string

  @Field(() => String, { description: 'Code of the country, two letters by ISO 3166, such as `NG`.' })
  code!: string

  @Field(() => Currency, { description: 'The money that customers in the country pay and are paid in.' })
  currency!: Currency
}

export function countryNode(country: RampCountry): Country {
  const { id, name, code, currencyCode, currencyName } = country
  return {
    id: globalId('Types::Country', id),
    name,
    code,
    currency: { isoCode: currencyCode, name: currencyName }
  }
}

@ObjectType('P2PPaymentMethodTypeField', { description: 'A field that payment methods on a rail have.' })
export class P2PPaymentMethodTypeField {
  @Field(() => String, { description: 'Name of the field for people, such as `Account number`.' })
  label!: string

  @Field(() => String, { description: 'Name of the field for programs, such as `account_number`.' })
  identifier!: string

  @Field(() => Boolean, { description: 'Whether a payment method must have the field.' })
  required!: boolean
}

@ObjectType('P2PPaymentMethodType', { description: 'A rail: a way in which fiat moves within a country.' })
export class P2PPaymentMethodType {
  @Field(() => ID, { description: 'Global id of the rail.' })
  id!: string

  @Field(() => String, { description: 'Name of the rail for programs, such as `bank_transfer_ng`.' })
  identifier!: string

  @Field(() => String, { description: 'Name of the rail for people, such as `Bank transfer`.' })
  label!: string

  @Field(() => [P2PPaymentMethodTypeField], { description: 'The fields that payment methods on the rail have.' })
  fields!: P2PPaymentMethodTypeField[]
}

export function railNode(rail: RampRail): P2PPaymentMethodType {
  const { id, identifier, label, fields } = rail
  return { id: globalId('P2PPaymentMethodTypeType', id), identifier, label, fields }
}

@ObjectType('P2PPaymentMethodField', { description: 'A field of a payment method, with its value.' })
export class P2PPaymentMethodField {
  @Field(() => String, { description: 'Name of the field, such as `account_number`.' })
  identifier!: string

  @Field(() => String, { description: 'What the field says, such as `0123456789`.' })
  value!: string
}
