/** One node of the network: a service and its wallet, each a process of its own, that others only know by URLs. */
import { randomUUID } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { Client, Unreachable, type MutationResponse, type Variables } from '../client'
import { OwnService, type Program } from '../own-service'
import { chooseWalletPlace, OwnWallet, serviceSettings } from '../own-wallet'
import { WalletLink } from '../wallet-link'

export interface NodeOptions {
  /** For the reader, and the last part of its ILP address. */
  readonly name: string
  /** Units of each currency for one of the base, as a rates endpoint answers. */
  readonly rates: object
}

/** The service said no to something that this story takes for granted. */
export class StoryFailed extends Error {}

export class Node {
  private wallet: OwnWallet | undefined

  private constructor(
    readonly name: string,
    readonly ilpAddress: string,
    private readonly ports: Ports,
    private readonly service: OwnService,
    private readonly client: Client
  ) {}

  static async start(program: Program, stopping: AbortSignal, { name, rates }: NodeOptions): Promise<Node> {
    const [ports, place] = [await choosePorts(), await chooseWalletPlace()]
    const ilpAddress = `test.${name.toLowerCase()}`
    const { settings } = serviceSettings(place)
    const service = await OwnService.start(program, stopping, {
      settings: { ...settings, ...networkSettings(ilpAddress, ports) },
      rates
    })
    const link = new WalletLink(`http://127.0.0.1:${place.port}`, stopping)
    const node = new Node(name, ilpAddress, ports, service, new Client(service.url, service.token, stopping, link))
    try {
      node.wallet = await OwnWallet.start(program, place, service)
    } catch (error) {
      await service.remove()
      throw error
    }
    return node
  }

  /** Where neighbours send packets. */
  get connectorUrl(): string {
    return `http://127.0.0.1:${this.ports.connector}/ilp`
  }

  /** URL of a payment pointer at this node. */
  pointerUrl(customer: string): string {
    return `https://127.0.0.1:${this.ports.openPayments}/${customer.toLowerCase()}`
  }

  /** What a query answers for its only field. */
  async query<Value>(document: string, variables: Variables = {}): Promise<Value> {
    const { data, errors } = await this.client.send(document, variables)
    const [value] = Object.values(data ?? {})
    if (value == null) throw new StoryFailed(`${this.name}: ${errors[0] ?? 'nothing is there'}\n${document}`)
    return value as Value
  }

  async mutate<Response extends object>(document: string, input: Variables): Promise<Response> {
    const response = await this.query<MutationResponse>(document, { input })
    if (response.code !== '200')
      throw new StoryFailed(`${this.name}: ${response.code} ${response.message}\n${document}`)
    return response as unknown as Response
  }

  /** Makes somebody a customer of this node's wallet, with some money. */
  async customer(name: string, paymentPointerId: string, money: bigint): Promise<void> {
    await this.tell('/accounts', { customer: name, paymentPointerId })
    if (money > 0n) await this.tell('/top-ups', { id: randomUUID(), paymentPointerId, amount: money.toString() })
  }

  /** What a customer has, once the wallet has dealt with all that it was told. */
  async balance(customer: string): Promise<bigint | undefined> {
    const { body } = await this.link.get('/balances')
    const { balances, unsettled } = body as {
      balances: readonly { account: string; balance: string }[]
      unsettled: number
    }
    if (unsettled > 0) return undefined
    return BigInt(balances.find(({ account }) => account === `customer/${customer}`)?.balance ?? 0)
  }

  /** Stops both in order; the data stay until `remove`. */
  async stop(): Promise<void> {
    await this.wallet?.stop()
    this.wallet = undefined
    await this.service.stop()
  }

  verify(print: (line: string) => void): Promise<boolean> {
    return this.service.verify(print)
  }

  async remove(): Promise<void> {
    await this.wallet?.stop()
    await this.service.remove()
  }

  private get link(): WalletLink {
    return this.client.wallet!
  }

  private async tell(path: string, body: object): Promise<void> {
    const { status, body: answer } = await this.link.post(path, body)
    if (status !== 200) throw new Unreachable(this.link.url, `answers ${status}: ${JSON.stringify(answer)}`)
  }
}

interface Ports {
  readonly openPayments: number
  readonly connector: number
  readonly authority: number
}

/** On one machine, without TLS: URLs say https as everywhere, and http is spoken. */
function networkSettings(ilpAddress: string, ports: Ports): Record<string, string> {
  return {
    ILP_ADDRESS: ilpAddress,
    OPEN_PAYMENTS_PORT: String(ports.openPayments),
    OPEN_PAYMENTS_URL: `https://127.0.0.1:${ports.openPayments}`,
    PAYMENT_POINTER_URL: `https://127.0.0.1:${ports.openPayments}/node`,
    CONNECTOR_PORT: String(ports.connector),
    AUTH_PORT: String(ports.authority),
    AUTH_SERVER_GRANT_URL: `https://127.0.0.1:${ports.authority}`,
    OPEN_PAYMENTS_INSECURE_HTTP: 'true',
    OPEN_PAYMENTS_ALLOW_PRIVATE_HOSTS: 'true'
  }
}

/** They are named in URLs before anybody listens on them. */
async function choosePorts(): Promise<Ports> {
  const servers = [1, 2, 3].map(() => createServer())
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve())))
  )
  const [openPayments, connector, authority] = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return { openPayments: openPayments!, connector: connector!, authority: authority! }
}
