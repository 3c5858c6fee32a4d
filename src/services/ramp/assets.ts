/** The stablecoins of the ramp and the networks that they live on. */

export interface RampNetwork {
  /** As it is answered. */
  readonly code: string
  /** Other names that callers use, in capitals. */
  readonly aliases: readonly string[]
  readonly addressRegex: string
  /** Null: transfers on the network carry no memo. */
  readonly memoRegex: string | null
  /** Where a transaction can be looked at; its hash follows. */
  readonly transactionUrl: string
}

const EVM_ADDRESS = '^0x[0-9a-fA-F]{40}$'

function evm(code: string, aliases: readonly string[], transactionUrl: string): RampNetwork {
  return { code, aliases, addressRegex: EVM_ADDRESS, memoRegex: null, transactionUrl }
}

export const RAMP_NETWORKS = {
  OP: evm('OP', ['OPTIMISM'], 'https://optimistic.etherscan.io/tx/'),
  CELO: evm('CELO', [], 'https://celoscan.io/tx/'),
  BASE: evm('BASE', [], 'https://basescan.org/tx/'),
  MATIC: evm('MATIC', ['POLYGON'], 'https://polygonscan.com/tx/'),
  BSC: evm('BSC', ['BNB'], 'https://bscscan.com/tx/')
} as const
export type NetworkCode = keyof typeof RAMP_NETWORKS
export const NETWORK_CODES = Object.keys(RAMP_NETWORKS) as readonly NetworkCode[]

export interface RampAsset {
  readonly symbol: string
  readonly name: string
  /** Other names that callers use, in capitals. */
  readonly aliases: readonly string[]
  readonly icon: string | null
  /** The contract on each network that it lives on. */
  readonly contracts: Readonly<Record<NetworkCode, string>>
}

export const RAMP_ASSETS = {
  USDC: {
    symbol: 'USDC',
    name: 'USD Coin',
    aliases: ['USD_COIN'],
    icon: null,
    contracts: {
      OP: '0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85',
      CELO: '0xcebA9300f2b948710d2653dD7B07f33A8B32118C',
      BASE: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
      MATIC: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359',
      BSC: '0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d'
    }
  },
  USDT: {
    symbol: 'USDT',
    name: 'Tether USD',
    aliases: ['USD_TETHER', 'TETHER'],
    icon: null,
    contracts: {
      OP: '0x94b008aA00579c1307B0EF2c499aD98a8ce58e58',
      CELO: '0x48065fbBE25f71C9282ddf5e1cD6D6A887483D5e',
      BASE: '0xfde4C96c8593536E31F229EA8f37b2ADa2699bb2',
      MATIC: '0xc2132D05D31c914a87C6611C10748AEb04B58e8F',
      BSC: '0x55d398326f99059fF775485246999027B3197955'
    }
  }
} as const satisfies Record<string, RampAsset>
export type AssetSymbol = keyof typeof RAMP_ASSETS
export const ASSET_SYMBOLS = Object.keys(RAMP_ASSETS) as readonly AssetSymbol[]

/** By its symbol or another name of it, in any case. */
export function findAsset(name: string): (typeof RAMP_ASSETS)[AssetSymbol] | undefined {
  return namedIn(Object.values(RAMP_ASSETS), name, ({ symbol }) => symbol)
}

/** By its code or another name of it, in any case. */
export function findNetwork(name: string): (RampNetwork & { readonly code: NetworkCode }) | undefined {
  const found = namedIn<RampNetwork>(Object.values(RAMP_NETWORKS), name, ({ code }) => code)
  return found as (RampNetwork & { readonly code: NetworkCode }) | undefined
}

export function isAddress({ addressRegex }: RampNetwork, address: string): boolean {
  return new RegExp(addressRegex).test(address)
}

function namedIn<Thing extends { readonly aliases: readonly string[] }>(
  things: readonly Thing[],
  name: string,
  codeOf: (thing: Thing) => string
): Thing | undefined {
  const wanted = name.trim().toUpperCase()
  return things.find((thing) => codeOf(thing) === wanted || thing.aliases.includes(wanted))
}
