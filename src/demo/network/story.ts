/**
 * Two nodes, two currencies. Alice has dollars at Accra, Bob takes euros at Berlin. The nodes are neighbours in
 * dollars: Berlin lets Accra send up to what Accra has prefunded there, and turns dollars into euros out of its
 * own liquidity. Accra only knows the URL of Bob's payment pointer.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { formatAmount, type AssetUnit } from '../amount'
import { StoryFailed, type Node } from './node'

export const USD: AssetUnit = { code: 'USD', scale: 2 }
export const EUR: AssetUnit = { code: 'EUR', scale: 2 }
/** Two dollars for a euro, at both nodes. */
export const RATES = { base: 'USD', rates: { EUR: 0.5 } }

const ALICE_HAS = 1_000_00n
const BOB_ASKS = 100_00n
const PREFUNDED = 1_000_00n
const EUROS = 1_000_00n
/** Small enough that one payment is several packets. */
const PACKET_MAX = 50_00n

export interface Scene {
  readonly accra: Node
  readonly berlin: Node
  /** Accounts of the ledger that the payment goes through, by their owners' ids. */
  readonly owners: {
    /** At Accra: the neighbour Berlin. */
    readonly berlinAtAccra: string
    /** At Berlin: the neighbour Accra, and its two pools. */
    readonly accraAtBerlin: string
    readonly dollars: string
    readonly euros: string
  }
  readonly alice: string
}

export interface Paid {
  readonly receiver: string
  readonly sent: bigint
}

type Print = (line: string) => void
type WithId = { readonly id: string }

const CREATE_ASSET = 'mutation ($input: CreateAssetInput!) { createAsset(input: $input) { code message asset { id } } }'
const CREATE_PEER = 'mutation ($input: CreatePeerInput!) { createPeer(input: $input) { code message peer { id } } }'
const ADD_PEER_LIQUIDITY =
  'mutation ($input: AddPeerLiquidityInput!) { addPeerLiquidity(input: $input) { code message error } }'
const ADD_ASSET_LIQUIDITY =
  'mutation ($input: AddAssetLiquidityInput!) { addAssetLiquidity(input: $input) { code message error } }'
const CREATE_POINTER = `mutation ($input: CreatePaymentPointerInput!) {
  createPaymentPointer(input: $input) { code message paymentPointer { id } }
}`
const CREATE_RECEIVER = `mutation ($input: CreateReceiverInput!) {
  createReceiver(input: $input) { code message receiver { id } }
}`
const CREATE_QUOTE = `mutation ($input: CreateQuoteInput!) {
  createQuote(input: $input) { code message quote { id sendAmount { value } receiveAmount { value } } }
}`
const CREATE_OUTGOING = `mutation ($input: CreateOutgoingPaymentInput!) {
  createOutgoingPayment(input: $input) { code message payment { id } }
}`
const OUTGOING = 'query ($id: String!) { outgoingPayment(id: $id) { state error sentAmount { value } } }'

/** Makes the two nodes neighbours, funds them, and opens a payment pointer at each. */
export async function prepare(accra: Node, berlin: Node, print: Print): Promise<Scene> {
  const tokens = { toBerlin: randomUUID(), toAccra: randomUUID() }
  const asset = async (node: Node, { code, scale }: AssetUnit): Promise<string> => {
    return (await node.mutate<{ asset: WithId }>(CREATE_ASSET, { code, scale })).asset.id
  }
  const [dollarsAtAccra, dollars, euros] = [await asset(accra, USD), await asset(berlin, USD), await asset(berlin, EUR)]
  const neighbour = async (at: Node, of: Node, assetId: string, send: string, receive: string): Promise<string> => {
    const http = {
      outgoing: { endpoint: of.connectorUrl, authToken: send },
      incoming: { authTokens: [receive] }
    }
    const input = { assetId, staticIlpAddress: of.ilpAddress, http, maxPacketAmount: PACKET_MAX.toString() }
    return (await at.mutate<{ peer: WithId }>(CREATE_PEER, input)).peer.id
  }
  print('Peering: each node knows the other by an address, a URL and two tokens')
  const berlinAtAccra = await neighbour(accra, berlin, dollarsAtAccra, tokens.toBerlin, tokens.toAccra)
  const accraAtBerlin = await neighbour(berlin, accra, dollars, tokens.toAccra, tokens.toBerlin)
  const ids = (): { id: string; idempotencyKey: string } => ({ id: randomUUID(), idempotencyKey: randomUUID() })
  print(
    `Funding: Accra may send Berlin up to ${formatAmount(PREFUNDED, USD)}; Berlin holds ${formatAmount(EUROS, EUR)}`
  )
  await berlin.mutate(ADD_PEER_LIQUIDITY, { peerId: accraAtBerlin, amount: PREFUNDED.toString(), ...ids() })
  await berlin.mutate(ADD_ASSET_LIQUIDITY, { assetId: euros, amount: EUROS.toString(), ...ids() })
  const pointer = async (node: Node, name: string, assetId: string): Promise<string> => {
    const input = { assetId, url: node.pointerUrl(name), publicName: name }
    return (await node.mutate<{ paymentPointer: WithId }>(CREATE_POINTER, input)).paymentPointer.id
  }
  const [alice, bob] = [await pointer(accra, 'Alice', dollarsAtAccra), await pointer(berlin, 'Bob', euros)]
  print(`Customers: Alice at ${accra.pointerUrl('Alice')}, Bob at ${berlin.pointerUrl('Bob')}`)
  await accra.customer('Alice', alice, ALICE_HAS)
  await berlin.customer('Bob', bob, 0n)
  return { accra, berlin, owners: { berlinAtAccra, accraAtBerlin, dollars, euros }, alice }
}

/** Alice pays Bob, whose node is only known by the URL of his payment pointer. */
export async function pay({ accra, berlin, alice }: Scene, print: Print): Promise<Paid> {
  const incomingAmount = { value: BOB_ASKS.toString(), assetCode: EUR.code, assetScale: EUR.scale }
  const asked = { paymentPointerUrl: berlin.pointerUrl('Bob'), incomingAmount }
  const { receiver } = await accra.mutate<{ receiver: WithId }>(CREATE_RECEIVER, asked)
  print(`Receiver: Accra asked Berlin for an incoming payment of ${formatAmount(BOB_ASKS, EUR)} at Bob's pointer`)
  const { quote } = await accra.mutate<{ quote: WithId & { sendAmount: { value: string } } }>(CREATE_QUOTE, {
    paymentPointerId: alice,
    receiver: receiver.id
  })
  print(
    `Quote: at most ${formatAmount(BigInt(quote.sendAmount.value), USD)}, slippage included, by a probe of the path`
  )
  const input = { paymentPointerId: alice, quoteId: quote.id }
  const { payment } = await accra.mutate<{ payment: WithId }>(CREATE_OUTGOING, input)
  const sent = await untilCompleted(accra, payment.id, print)
  return { receiver: receiver.id, sent }
}

const WAIT_MILLISECONDS_MAX = 60_000
const POLL_MILLISECONDS = 50

interface Outgoing {
  readonly state: string
  readonly error: string | null
  readonly sentAmount: { readonly value: string }
}

async function untilCompleted(node: Node, id: string, print: Print): Promise<bigint> {
  const deadline = Date.now() + WAIT_MILLISECONDS_MAX
  let shown = ''
  for (;;) {
    const { state, error, sentAmount } = await node.query<Outgoing>(OUTGOING, { id })
    const line = `Payment: ${state}${error ? ` (${error})` : ''}, ${formatAmount(BigInt(sentAmount.value), USD)} sent`
    if (line !== shown) print(line)
    shown = line
    if (state === 'COMPLETED') return BigInt(sentAmount.value)
    if (state === 'FAILED' || Date.now() > deadline) throw new StoryFailed(`the payment did not complete: ${line}`)
    await setTimeout(POLL_MILLISECONDS)
  }
}
