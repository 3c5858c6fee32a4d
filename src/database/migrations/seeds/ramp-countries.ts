/** The countries and rails that a new database has. */

export const RAMP_COUNTRIES = [
  { code: 'NG', name: 'Nigeria', currency_code: 'NGN', currency_name: 'Nigerian naira' },
  { code: 'GH', name: 'Ghana', currency_code: 'GHS', currency_name: 'Ghanaian cedi' },
  { code: 'KE', name: 'Kenya', currency_code: 'KES', currency_name: 'Kenyan shilling' },
  { code: 'ZA', name: 'South Africa', currency_code: 'ZAR', currency_name: 'South African rand' },
  { code: 'CM', name: 'Cameroon', currency_code: 'XAF', currency_name: 'Central African CFA franc' },
  { code: 'UG', name: 'Uganda', currency_code: 'UGX', currency_name: 'Ugandan shilling' },
  { code: 'ZM', name: 'Zambia', currency_code: 'ZMW', currency_name: 'Zambian kwacha' },
  { code: 'MW', name: 'Malawi', currency_code: 'MWK', currency_name: 'Malawian kwacha' }
] as const

type Code = (typeof RAMP_COUNTRIES)[number]['code']

const MOBILE_MONEY = [
  { identifier: 'name', label: 'Name', required: true },
  { identifier: 'phone_number', label: 'Phone number', required: true }
] as const

const BANK = [
  { identifier: 'account_name', label: 'Account name', required: true },
  { identifier: 'account_number', label: 'Account number', required: true },
  { identifier: 'bank_name', label: 'Bank name', required: true }
] as const

interface Rail {
  readonly country: Code
  readonly identifier: string
  readonly label: string
  readonly fields: typeof MOBILE_MONEY | typeof BANK
}

/** A rail's identifier ends with its country. */
function mobileMoney(country: Code, name: string, label: string): Rail {
  return { country, identifier: `${name}_${country.toLowerCase()}`, label, fields: MOBILE_MONEY }
}

function bankTransfer({ code }: { readonly code: Code }): Rail {
  return { country: code, identifier: `bank_transfer_${code.toLowerCase()}`, label: 'Bank transfer', fields: BANK }
}

export const RAMP_RAILS: readonly Rail[] = [
  ...RAMP_COUNTRIES.map(bankTransfer),
  mobileMoney('GH', 'mtn_momo', 'MTN MoMo'),
  mobileMoney('GH', 'telecel_cash', 'Telecel Cash'),
  mobileMoney('GH', 'airteltigo_money', 'AirtelTigo Money'),
  mobileMoney('KE', 'mpesa', 'M-Pesa'),
  mobileMoney('KE', 'airtel_money', 'Airtel Money'),
  mobileMoney('CM', 'mtn_momo', 'MTN MoMo'),
  mobileMoney('CM', 'orange_money', 'Orange Money'),
  mobileMoney('UG', 'mtn_momo', 'MTN MoMo'),
  mobileMoney('UG', 'airtel_money', 'Airtel Money'),
  mobileMoney('ZM', 'mtn_momo', 'MTN MoMo'),
  mobileMoney('ZM', 'airtel_money', 'Airtel Money'),
  mobileMoney('MW', 'airtel_money', 'Airtel Money'),
  mobileMoney('MW', 'tnm_mpamba', 'TNM Mpamba')
]
