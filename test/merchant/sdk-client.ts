/** A client of both APIs that sends the documents of the published ones to the letter and reads answers as they do. */

export interface Result {
  readonly success: boolean
  readonly result?: unknown
  readonly error?: string
}

export type Options = Record<string, unknown>

/** As the published clients are made: one method an operation, its document to the letter. */
export class Client {
  constructor(
    private readonly merchantUrl: string,
    private readonly botUrl: string,
    private readonly secretKey: string
  ) {}

  getAvailableCountries = (): Promise<Result> =>
    this.send('availableCountries', 'query { availableCountries { id name code } }')

  getMarketRate = ({ countryCode }: Options): Promise<Result> =>
    this.send(
      'marketRate',
      `query ($countryCode: String!) { marketRate(countryCode: $countryCode) { depositRate withdrawalRate } }`,
      { countryCode }
    )

  getPaymentMethodTypes = ({ country }: Options): Promise<Result> =>
    this.send(
      'p2pPaymentMethodTypes',
      `query ($country: ID!) { p2pPaymentMethodTypes(country: $country) { id identifier label fields { label identifier required } } }`,
      { country }
    )

  getRampableAssets = (): Promise<Result> =>
    this.send('rampableAssets', 'query { rampableAssets { name symbol networks contractAddress } }')

  getRampLimits = (): Promise<Result> =>
    this.send(
      'rampLimits',
      'query { rampLimits { minimumDepositUsd maximumDepositUsd minimumWithdrawalUsd maximumWithdrawalUsd dailyLimitUsd } }'
    )

  getPaymentRequest = ({ reference }: Options): Promise<Result> =>
    this.send(
      'merchantPaymentRequest',
      `query ($reference: String!) { merchantPaymentRequest(reference: $reference) { id paymentType hostedLink amount currency reference status } }`,
      { reference }
    )

  getAccount = (): Promise<Result> => this.send('account', 'query { account { id accountBalance depositAddress } }')

  getRampQuote = ({ customer, amount, currency, paymentType, paymentMethodType, country }: Options): Promise<Result> =>
    this.send(
      'rampQuote',
      `query ($customer: ID!, $amount: Decimal!, $currency: P2PPaymentCurrency!, $paymentType: PaymentTypeType, $paymentMethodType: String!, $country: String) {
        rampQuote(customer: $customer, amount: $amount, currency: $currency, paymentType: $paymentType, paymentMethodType: $paymentMethodType, country: $country) { id exchangeRate paymentType }
      }`,
      { customer, amount, currency, paymentType, paymentMethodType, country }
    )

  /** As releases sent it before quotes had directions. */
  getOldRampQuote = ({ customer, amount, currency, paymentMethodType }: Options): Promise<Result> =>
    this.send(
      'rampQuote',
      `query ($customer: ID!, $amount: Decimal!, $currency: P2PPaymentCurrency!, $paymentMethodType: String!) {
        rampQuote(customer: $customer, amount: $amount, currency: $currency, paymentMethodType: $paymentMethodType) { id exchangeRate }
      }`,
      { customer, amount, currency, paymentMethodType }
    )

  refreshRampQuote = ({ rampQuote, amount }: Options): Promise<Result> =>
    this.send(
      'refreshRampQuote',
      `query ($rampQuote: ID!, $amount: Decimal) { refreshRampQuote(rampQuote: $rampQuote, amount: $amount) { id exchangeRate paymentType } }`,
      { rampQuote, amount }
    )

  confirmTransaction = ({ paymentRequest, transactionHash }: Options): Promise<Result> =>
    this.send(
      'confirmTransaction',
      `mutation ($paymentRequest: ID!, $transactionHash: String!) { confirmTransaction(paymentRequest: $paymentRequest, transactionHash: $transactionHash) }`,
      { paymentRequest, transactionHash }
    )

  initiateHostedPayment = ({ currency = 'usd', ...options }: Options): Promise<Result> =>
    this.send(
      'initiateHostedPayment',
      `mutation ($amount: Decimal!, $currency: P2PPaymentCurrency, $countryCode: String!, $email: String!, $paymentType: P2PPaymentTypeType!, $reference: String!, $firstName: String!, $lastName: String!, $redirectUrl: String, $metadata: JSON) {
        initiateHostedPayment(paymentType: $paymentType, amount: $amount, countryCode: $countryCode, currency: $currency, email: $email, reference: $reference, redirectUrl: $redirectUrl, firstName: $firstName, lastName: $lastName, metadata: $metadata) { id hostedLink status }
      }`,
      { currency, ...options }
    )

  cancelHostedPayment = ({ paymentRequest }: Options): Promise<Result> =>
    this.send(
      'cancelHostedPayment',
      `mutation ($paymentRequest: ID!) { cancelHostedPayment(paymentRequest: $paymentRequest) }`,
      { paymentRequest }
    )

  createCustomer = ({ firstName, lastName, email, country }: Options): Promise<Result> =>
    this.send(
      'createCustomer',
      `mutation ($email: String!, $firstName: String!, $lastName: String!, $country: ID!) {
        createCustomer(email: $email, firstName: $firstName, lastName: $lastName, country: $country) { id email firstName lastName country { id name code } }
      }`,
      { firstName, lastName, email, country }
    )

  /** As releases sent it when rails had ids alone. */
  addOldPaymentMethod = ({ customer, paymentMethodType, fields }: Options): Promise<Result> =>
    this.send(
      'addPaymentMethod',
      `mutation ($customer: ID!, $paymentMethodType: ID!, $fields: [P2PPaymentMethodFieldInput!]!) {
        addPaymentMethod(customer: $customer, p2pPaymentMethodType: $paymentMethodType, fields: $fields) { id value fields { identifier value } }
      }`,
      { customer, paymentMethodType, fields }
    )

  addPaymentMethod = ({ customer, paymentMethodType, fields, ownership }: Options): Promise<Result> =>
    this.send(
      'addPaymentMethod',
      `mutation ($customer: ID!, $paymentMethodType: String!, $fields: [P2PPaymentMethodFieldInput!]!, $ownership: P2PPaymentMethodOwnership) {
        addPaymentMethod(customer: $customer, paymentMethodType: $paymentMethodType, fields: $fields, ownership: $ownership) { id value fields { identifier value } }
      }`,
      { customer, paymentMethodType, fields, ownership }
    )

  withdrawOnchain = ({ address, amountUsd, network, metadata }: Options): Promise<Result> =>
    this.send(
      'withdrawOnchain',
      `mutation ($address: String!, $amountUsd: Decimal!, $network: String, $metadata: JSON) {
        withdrawOnchain(address: $address, amountUsd: $amountUsd, network: $network, metadata: $metadata) { id status }
      }`,
      { address, amountUsd, network, metadata }
    )

  initiateRampQuoteDeposit = (options: Options): Promise<Result> =>
    this.send(
      'initiateRampQuoteDeposit',
      `mutation ($rampQuote: ID!, $reference: String, $phoneNumber: String, $bankAccountNumber: String, $onchainTransferInfo: OnchainTransferInfo) {
        initiateRampQuoteDeposit(rampQuote: $rampQuote, reference: $reference, phoneNumber: $phoneNumber, bankAccountNumber: $bankAccountNumber, onchainTransferInfo: $onchainTransferInfo) { id status agent paymentDetails exchangeRate amountLocal amountUsd expiresAt }
      }`,
      options
    )

  initiateRampQuoteWithdrawal = (options: Options): Promise<Result> =>
    this.send(
      'initiateRampQuoteWithdrawal',
      `mutation ($rampQuote: ID!, $paymentMethod: ID!, $reference: String) {
        initiateRampQuoteWithdrawal(rampQuote: $rampQuote, paymentMethod: $paymentMethod, reference: $reference) { id status agent paymentDetails exchangeRate amountLocal amountUsd }
      }`,
      options
    )

  markDepositAsPaid = ({ paymentRequest, receipt }: Options): Promise<Result> =>
    this.send(
      'markDepositAsPaid',
      `mutation ($paymentRequest: ID!, $receipt: String) { markDepositAsPaid(paymentRequest: $paymentRequest, receipt: $receipt) }`,
      { paymentRequest, receipt }
    )

  cancelDeposit = ({ paymentRequest }: Options): Promise<Result> =>
    this.send('cancelDeposit', `mutation ($paymentRequest: ID!) { cancelDeposit(paymentRequest: $paymentRequest) }`, {
      paymentRequest
    })

  markWithdrawalAsReceived = ({ paymentRequest }: Options): Promise<Result> =>
    this.send(
      'markWithdrawalAsReceived',
      `mutation ($paymentRequest: ID!) { markWithdrawalAsReceived(paymentRequest: $paymentRequest) }`,
      { paymentRequest }
    )

  getBotAgentProfile = (): Promise<Result> =>
    this.send(
      'profile',
      `query { profile { id email accountBalance escrowBalance bonusEarnings depositAddress verificationStatus autoUpdateDepositRate autoUpdateWithdrawalRate creditLine usedCreditLine depositMargin withdrawalMargin averageDepositRate averageWithdrawalRate depositsCompleted withdrawalsCompleted totalDepositFiatAmount totalDepositUsdAmount totalWithdrawalFiatAmount totalWithdrawalUsdAmount enforceReceiptUpload apiKey } }`,
      {},
      'bot'
    )

  getBotAgentOrderHistory = ({ page, perPage, filter }: Options): Promise<Result> =>
    this.send(
      'orderHistory',
      `query ($filter: OrderHistoryFilter, $page: Int!, $perPage: Int) {
        orderHistory(filter: $filter, page: $page, perPage: $perPage) { data { id status paymentType exchangeRate exchangeRateMinusSurcharge orderId source instant createdAt expiresAt expiresAtSecs reassigning reassignAfter reassignAfterSecs agentCutOfFees fxSpreadRevenue } pagination { page perPage total } }
      }`,
      { page, perPage, filter },
      'bot'
    )

  getBotAgentWithdrawalInfo = ({ symbol }: Options): Promise<Result> =>
    this.send(
      'withdrawalInfo',
      `query ($symbol: String!) { withdrawalInfo(symbol: $symbol) { symbol networks addressRegex memoRegex } }`,
      { symbol },
      'bot'
    )

  acceptBotAgentWithdrawal = (options: Options): Promise<Result> => this.botCommand('acceptWithdrawal', options)
  cancelBotAgentWithdrawal = (options: Options): Promise<Result> => this.botCommand('cancelWithdrawal', options)
  markBotAgentDepositReceived = (options: Options): Promise<Result> => this.botCommand('markDepositAsReceived', options)

  markBotAgentWithdrawalPaid = ({ paymentRequest, paymentMethod, receipt }: Options): Promise<Result> =>
    this.send(
      'markWithdrawalAsPaid',
      `mutation ($p2pPayment: ID!, $paymentMethod: ID!, $receipt: String) { markWithdrawalAsPaid(p2pPayment: $p2pPayment, paymentMethod: $paymentMethod, receipt: $receipt) }`,
      { p2pPayment: paymentRequest, paymentMethod, receipt },
      'bot'
    )

  updateBotAgentRates = (rates: Options): Promise<Result> =>
    this.send(
      'updateRates',
      `mutation ($depositRate: Decimal, $depositMargin: Decimal, $withdrawalRate: Decimal, $withdrawalMargin: Decimal) {
        updateRates(depositRate: $depositRate, depositMargin: $depositMargin, withdrawalRate: $withdrawalRate, withdrawalMargin: $withdrawalMargin)
      }`,
      rates,
      'bot'
    )

  updateBotAgentPaymentMethodLiquidity = (options: Options): Promise<Result> =>
    this.send(
      'updatePaymentMethodLiquidity',
      `mutation ($paymentMethod: ID, $paymentMethodType: String, $amountLocal: Decimal!) {
        updatePaymentMethodLiquidity(paymentMethod: $paymentMethod, paymentMethodType: $paymentMethodType, amountLocal: $amountLocal) { id value displayValue localCurrencyAvailable deleted ownership designation instant }
      }`,
      options,
      'bot'
    )

  private botCommand(name: string, { paymentRequest }: Options): Promise<Result> {
    const query = `mutation ($p2pPayment: ID!) { ${name}(p2pPayment: $p2pPayment) }`
    return this.send(name, query, { p2pPayment: paymentRequest }, 'bot')
  }

  /** Variables that are undefined vanish from the JSON. */
  private async send(name: string, query: string, variables: Options = {}, endpoint = 'merchant'): Promise<Result> {
    const response = await fetch(endpoint === 'bot' ? this.botUrl : this.merchantUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.secretKey}` },
      body: JSON.stringify({ query, variables })
    })
    if (response.status !== 200) return { success: false, error: response.statusText }
    const { data, errors } = (await response.json()) as {
      data?: Record<string, unknown>
      errors?: { message: string }[]
    }
    if (errors) return { success: false, error: errors[0]?.message }
    return { success: true, result: data?.[name] }
  }
}
