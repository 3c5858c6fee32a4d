/**
 * Whole instances in one test, each on a database of its own, neighbours over HTTP on the loopback interface.
 * Receivers of another node are looked up in that node itself, as if its Open Payments server had answered.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { OutgoingPayment } from '../../src/entities'
import { EntityReader } from '../../src/database/entity-reader'
import { Reader } from '../../src/database/reader'
import { StreamCredentials } from '../../src/interledger/stream/credentials'
import type { IlpReceiver, RemoteReceivers } from '../../src/interledger/stream/ilp-method'
import { Ledger } from '../../src/ledger/ledger'
import { availableOf } from '../../src/ledger/types'
import { LocalPaymentMethod } from '../../src/services/payments/methods/local-payment-method'
import type { Resolution } from '../../src/services/payments/methods/payment-method'
import { OutgoingPaymentClaims } from '../../src/services/payments/outgoing/outgoing-payment-claims'
import { OutgoingPaymentSender } from '../../src/services/payments/outgoing/outgoing-payment-sender'
import { PAYMENT_LEASE_MILLISECONDS } from '../../src/services/payments/outgoing/lease'
import { createAsset, createPaymentPointer } from '../admin-v2/fixtures'
import { ANSWER, unique, type Fields, type TestApi } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { OUTGOING, QUOTE } from '../payments/outgoing-support'
import { AMOUNT, assetOf, createIncomingPayment, eventsOf, type Unit } from '../payments/support'
import { NodeParts, type NodeSettings } from './node-parts'

/** An asset of a node, with a payment pointer in it. */
export interface Wallet {
  readonly assetId: string
  readonly paymentPointerId: string
  readonly url: string
  readonly unit: Unit
}

export interface Invoice {
  readonly id: string
  readonly url: string
}

/** Where each node finds the receivers of the others. */
export class Network implements RemoteReceivers {
  readonly nodes: Node[] = []
  /** What a test wants to be answered instead. */
  override: Resolution['state'] | undefined

  async open(name: string, settings: Partial<NodeSettings> = {}): Promise<Node> {
    const { ilpAddress = `test.${unique(name)}` } = settings
    const node = new Node(await NodeParts.open({ ...settings, ilpAddress, remoteReceivers: this }), ilpAddress)
    this.nodes.push(node)
    return node
  }

  async resolve(_context: unknown, url: string): Promise<Resolution<IlpReceiver> | undefined> {
    if (this.override && this.override !== 'open') return { state: this.override }
    for (const node of this.nodes) {
      const resolution = await node.receiver(url)
      if (resolution) return resolution
    }
    return undefined
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.parts.close()
  }
}

export interface PeeringOptions {
  /** Largest packet that each takes from the other. */
  readonly maxPacketAmount?: bigint
  /** What each may send at first. */
  readonly balance?: bigint
}

export class Node {
  constructor(
    readonly parts: NodeParts,
    readonly ilpAddress: string
  ) {}

  get api(): TestApi {
    return this.parts.api
  }

  async wallet(code: string, scale = 2, liquidity = 10n ** 12n): Promise<Wallet> {
    const asset = await createAsset(this.api, { code, scale })
    const pointer = await createPaymentPointer(this.api, asset.id)
    if (liquidity > 0n)
      await this.deposit('addAssetLiquidity', 'AddAssetLiquidityInput', { assetId: asset.id }, liquidity)
    const unit = { assetCode: code, assetScale: scale }
    return { assetId: asset.id, paymentPointerId: pointer.id, url: pointer.url, unit }
  }

  /** A neighbour in an asset of this node. Returns its id here. */
  async addPeer(
    assetId: string,
    peer: { ilpAddress: string; endpoint: string; sends: string; takes: string },
    { maxPacketAmount, balance = 10n ** 12n }: PeeringOptions
  ): Promise<string> {
    const input = {
      assetId,
      staticIlpAddress: peer.ilpAddress,
      http: { outgoing: { authToken: peer.sends, endpoint: peer.endpoint }, incoming: { authTokens: [peer.takes] } },
      ...(maxPacketAmount !== undefined && { maxPacketAmount: String(maxPacketAmount) })
    }
    const answer = await this.api.mutate('createPeer', 'CreatePeerInput', input, `${ANSWER} peer { id }`)
    expect(answer).toMatchObject({ code: '200' })
    const peerId = answer.peer.id
    await this.parts.knows(peerId)
    if (balance > 0n) await this.deposit('addPeerLiquidity', 'AddPeerLiquidityInput', { peerId }, balance)
    return peerId
  }

  private async deposit(name: string, inputType: string, owner: object, amount: bigint): Promise<void> {
    const input = { ...owner, amount: String(amount), id: randomUUID(), idempotencyKey: randomUUID() }
    expect(await this.api.mutate(name, inputType, input, ANSWER)).toMatchObject({ code: '200' })
  }

  async invoice(wallet: Wallet, value?: bigint, more: object = {}): Promise<Invoice> {
    const amount = value === undefined ? {} : { incomingAmount: { value: String(value), ...wallet.unit } }
    const { id } = await createIncomingPayment(this.api, wallet.paymentPointerId, { ...amount, ...more })
    return { id, url: `${wallet.url}/incoming-payments/${id}` }
  }

  /** What an incoming payment has got. */
  async received(id: string): Promise<{ state: string; amount: bigint }> {
    const { data } = await this.api.run(
      `query ($id: String!) { incomingPayment(id: $id) { state receivedAmount ${AMOUNT} } }`,
      { id }
    )
    const payment = data.incomingPayment as { state: string; receivedAmount: { value: string } }
    return { state: payment.state, amount: BigInt(payment.receivedAmount.value) }
  }

  askForQuote(wallet: Wallet, receiver: string, more: object = {}): Promise<Fields> {
    const input = { paymentPointerId: wallet.paymentPointerId, receiver, ...more }
    return this.api.mutate('createQuote', 'CreateQuoteInput', input, `${ANSWER} quote { ${QUOTE} }`)
  }

  async quote(wallet: Wallet, receiver: string, more: object = {}): Promise<Fields> {
    const answer = await this.askForQuote(wallet, receiver, more)
    expect(answer).toMatchObject({ code: '200', success: true, message: null })
    return answer.quote as Fields
  }

  /** A payment that waits to be sent. */
  async funded(wallet: Wallet, receiver: string, more: object = {}): Promise<string> {
    const { id: quoteId } = await this.quote(wallet, receiver, more)
    return this.fund(wallet, quoteId)
  }

  async fund({ paymentPointerId }: Wallet, quoteId: string): Promise<string> {
    const made = await this.api.mutate(
      'createOutgoingPayment',
      'CreateOutgoingPaymentInput',
      { paymentPointerId, quoteId },
      `${ANSWER} payment { id }`
    )
    expect(made).toMatchObject({ code: '200' })
    const [event] = await eventsOf(this.api, quoteId)
    const input = { eventId: event!.id, idempotencyKey: randomUUID() }
    const funded = await this.api.mutate('depositEventLiquidity', 'DepositEventLiquidityInput', input, ANSWER)
    expect(funded).toMatchObject({ code: '200' })
    return quoteId
  }

  /** One attempt at each payment that is due, as the worker makes it. Returns how many. */
  async step(): Promise<number> {
    const { container } = this.api
    const reader = container.resolve(Reader)
    const claims = new OutgoingPaymentClaims(
      container.resolve(EntityReader),
      { query: (statement) => reader.rows(statement) },
      PAYMENT_LEASE_MILLISECONDS
    )
    const claimed = await claims.claim(this.api.context().now(), 100)
    const sender = container.resolve(OutgoingPaymentSender)
    await Promise.all(claimed.map((payment) => sender.send(this.api.context(), payment)))
    return claimed.length
  }

  async outgoing(id: string): Promise<Fields> {
    const { data, errors } = await this.api.run(`query ($id: String!) { outgoingPayment(id: $id) { ${OUTGOING} } }`, {
      id
    })
    expect(errors).toEqual([])
    return data.outgoingPayment as Fields
  }

  stored(id: string): Promise<OutgoingPayment> {
    return this.api.container.resolve(DataSource).manager.findOneByOrFail(OutgoingPayment, { id })
  }

  /** What the operator is told last of a payment. */
  async lastEvent(id: string): Promise<{ type: string; data: Record<string, unknown> }> {
    return (await eventsOf(this.api, id)).at(-1)!
  }

  async assetLiquidity({ assetId }: Wallet): Promise<bigint> {
    return this.available((await assetOf(this.api, assetId)).liquidityAccountId)
  }

  async peerBalance(peerId: string): Promise<bigint> {
    const [row] = await this.api.container
      .resolve(DataSource)
      .query<{ account: string }[]>('SELECT liquidity_account_id AS account FROM peer WHERE id = $1', [peerId])
    return this.available(BigInt(row!.account))
  }

  async available(accountId: bigint): Promise<bigint> {
    return availableOf((await this.api.container.resolve(Ledger).account(accountId))!)
  }

  /** What is set aside in all accounts together. */
  async held(): Promise<bigint> {
    const [row] = await this.api.container
      .resolve(DataSource)
      .query<{ held: string }[]>('SELECT coalesce(sum(debits_pending), 0)::text AS held FROM ledger_account')
    return BigInt(row!.held)
  }

  /** The books are right: every debit has its credit, and nobody changed anything. */
  async expectSound(): Promise<void> {
    const unbalanced = await this.api.container.resolve(DataSource).query<unknown[]>(`
      SELECT ledger FROM ledger_account GROUP BY ledger
      HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)`)
    expect(unbalanced).toEqual([])
    expect((await verify(this.parts.database.url)).firstBad).toBeUndefined()
  }

  /** A receiver of this node, as another one sees it: with credentials of its own every time. */
  async receiver(url: string): Promise<Resolution<IlpReceiver> | undefined> {
    const { container } = this.api
    const found = await container.resolve(LocalPaymentMethod).resolve(this.api.context(), url)
    if (found === undefined || found.state === 'unknown') return undefined
    if (found.state !== 'open') return found
    const { payment, asset, ...receiver } = found.receiver
    const credentials = container.resolve(StreamCredentials).issue({ paymentTag: payment.id, asset })
    return { state: 'open', receiver: { ...receiver, ...credentials } }
  }
}

/** Makes two nodes neighbours, each in an asset of its own that has the same unit. Returns the id of the other in each. */
export async function connect(
  [left, leftAssetId]: readonly [Node, string],
  [right, rightAssetId]: readonly [Node, string],
  options: PeeringOptions = {}
): Promise<readonly [string, string]> {
  const [toRight, toLeft] = [unique('token'), unique('token')]
  const atLeft = await left.addPeer(
    leftAssetId,
    { ilpAddress: right.ilpAddress, endpoint: right.parts.connectorUrl, sends: toRight, takes: toLeft },
    options
  )
  const atRight = await right.addPeer(
    rightAssetId,
    { ilpAddress: left.ilpAddress, endpoint: left.parts.connectorUrl, sends: toLeft, takes: toRight },
    options
  )
  return [atLeft, atRight]
}
