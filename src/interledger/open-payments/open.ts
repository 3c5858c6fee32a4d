/** Puts together what others find here: the resource server and, unless there is another one, its authority. */
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import type { Reader } from '../../database/reader'
import { AssetService } from '../../services/assets/asset-service'
import { ClientService } from '../../services/clients/client-service'
import { GrantService } from '../../services/grants/grant-service'
import { PaymentPointerKeyService } from '../../services/payment-pointers/payment-pointer-key-service'
import { PaymentPointerSearch } from '../../services/payment-pointers/payment-pointer-search'
import { PaymentPointerService } from '../../services/payment-pointers/payment-pointer-service'
import { IncomingPaymentService } from '../../services/payments/incoming/incoming-payment-service'
import { OutgoingPaymentService } from '../../services/payments/outgoing/outgoing-payment-service'
import { QuoteService } from '../../services/payments/quotes/quote-service'
import type { StreamCredentials } from '../stream/credentials'
import { Authority } from './authority/authority'
import { GrantLimits, type GrantLimitSettings } from './authority/grant-limits'
import { EmbeddedIntrospector } from './authority/introspector'
import { RemoteIntrospector } from './authority/remote-introspector'
import { ClientKeys, KEYS_BYTES_MAX, KEYS_TIMEOUT_MILLISECONDS } from './client-keys'
import { GuardedHttp } from './client/guarded-http'
import type { OpenPaymentsAnswer, OpenPaymentsRequest } from './messages'
import { openNodeIdentity, type NodeIdentity, type NodeIdentitySettings } from './node-identity'
import { RequestCounts } from './request-counts'
import { Guard } from './server/guard'
import { IncomingPayments } from './server/incoming-payments'
import { OutgoingPayments } from './server/outgoing-payments'
import { Pointers } from './server/pointers'
import { Quotes } from './server/quotes'
import { ResourceServer } from './server/resource-server'
import { RequestValidation } from './server/validation'
import { signatureHeaders } from './signatures'

export interface OpenPaymentsSettings extends NodeIdentitySettings, GrantLimitSettings {
  readonly authPort: number
  /** Absent: the host of the resource server, at the port of the authority. */
  readonly authServerGrantUrl?: string
  /** Absent: the service is its own authority. */
  readonly authServerIntrospectionUrl?: string
  readonly openPaymentsInsecureHttp: boolean
  readonly openPaymentsAllowPrivateHosts: boolean
}

export interface OpenPaymentsSurroundings {
  readonly container: DependencyContainer
  readonly reader: Pick<Reader, 'rows'>
  readonly credentials: StreamCredentials
  readonly settings: OpenPaymentsSettings
  readonly now: () => Date
}

/** Something that answers requests, and throws only what nobody expected. */
export interface OpenPaymentsHandler {
  handle(request: OpenPaymentsRequest): Promise<OpenPaymentsAnswer>
}

export interface OpenPayments {
  /** As whom the service asks others. */
  readonly identity: NodeIdentity
  readonly resourceServer: OpenPaymentsHandler
  /** Absent: another one tells what tokens allow. */
  readonly authority: OpenPaymentsHandler | undefined
  /** What `/metrics` tells of requests. */
  readonly requests: RequestCounts
  /** Removes what nobody needs any more. */
  readonly tidy: () => Promise<void>
  close(): Promise<void>
}

export async function openOpenPayments(surroundings: OpenPaymentsSurroundings): Promise<OpenPayments> {
  const { container, reader, credentials, settings, now } = surroundings
  const get = <Service>(token: InjectionToken<Service>): Service => container.resolve(token)
  const { openPaymentsUrl, openPaymentsInsecureHttp: insecureHttp } = settings
  const identity = await openNodeIdentity(reader, settings)
  const authServer = authServerOf(settings)
  const http = keysHttp(identity, settings)
  const keys = new ClientKeys(identity, get(PaymentPointerService), get(PaymentPointerKeyService), http)
  const remote = settings.authServerIntrospectionUrl
    ? new RemoteIntrospector({ url: settings.authServerIntrospectionUrl })
    : undefined
  const pointers = new Pointers(
    get(AssetService),
    get(PaymentPointerKeyService),
    get(ClientService),
    get(IncomingPaymentService),
    credentials,
    { openPaymentsUrl, authServer }
  )
  const resourceServer = new ResourceServer({
    search: get(PaymentPointerSearch),
    validation: await RequestValidation.open(),
    guard: new Guard(remote ?? new EmbeddedIntrospector(get(GrantService)), keys, { insecureHttp }),
    pointers,
    incomingPayments: new IncomingPayments(get(IncomingPaymentService), pointers),
    outgoingPayments: new OutgoingPayments(get(OutgoingPaymentService)),
    quotes: new Quotes(get(QuoteService)),
    identity,
    authServer
  })
  const requests = new RequestCounts()
  const authority = new Authority(get(GrantService), keys, new GrantLimits(settings), { url: authServer, insecureHttp })
  return {
    identity,
    resourceServer: requests.of(resourceServer),
    authority: remote ? undefined : requests.of(authority),
    requests,
    tidy: () => get(GrantService).purge(now()),
    close: async () => {
      await Promise.all([http.close(), remote?.close()])
    }
  }
}

/** Without a slash at the end, as what is below it is put behind. */
export function authServerOf({
  authServerGrantUrl,
  openPaymentsUrl,
  authPort
}: Pick<OpenPaymentsSettings, 'authServerGrantUrl' | 'openPaymentsUrl' | 'authPort'>): string {
  if (authServerGrantUrl !== undefined) return authServerGrantUrl.replace(/\/+$/, '')
  const { protocol, hostname } = new URL(openPaymentsUrl)
  return `${protocol}//${hostname}:${authPort}`
}

function keysHttp(identity: NodeIdentity, settings: OpenPaymentsSettings): GuardedHttp {
  return new GuardedHttp({
    signer: { sign: (request) => signatureHeaders(request, identity) },
    isInsecure: settings.openPaymentsInsecureHttp,
    allowsPrivateHosts: settings.openPaymentsAllowPrivateHosts,
    timeoutMilliseconds: KEYS_TIMEOUT_MILLISECONDS,
    bytesMax: KEYS_BYTES_MAX
  })
}
