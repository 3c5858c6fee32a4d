/** Puts together what pays, and asks for payments, at other Open Payments servers. */
import { EntityReader } from '../../../database/entity-reader'
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Identifiers } from '../../../services/identifiers'
import { ReceiverService } from '../../../services/payments/receivers/receiver-service'
import type { Registry } from '../../../services/registry'
import { RemoteGrantStore } from '../../../services/remote-grants/remote-grant-store'
import { SecretBox } from '../../../services/secret-box'
import type { NodeIdentity } from '../node-identity'
import { signatureHeaders } from '../signatures'
import { RemoteGrants } from './grants'
import { GuardedHttp } from './guarded-http'
import { OpenPaymentsClient } from './open-payments-client'
import { RemoteReceiverSource } from './remote-receiver-source'
import { RemoteReceivers } from './remote-receivers'

export interface OpenPaymentsClientSettings {
  /** For development: `https` URLs are asked by `http`. */
  readonly openPaymentsInsecureHttp: boolean
  /** Whether addresses outside the public internet may be asked. */
  readonly openPaymentsAllowPrivateHosts: boolean
}

export interface RemotePayments {
  /** Where receivers elsewhere are looked up when they are paid. */
  readonly receivers: RemoteReceivers
  close(): Promise<void>
}

/** Longer than a rotation and a new grant take, with a server that answers each at the last moment. */
const LEASE_MILLISECONDS = 12_000

/** From now on receivers can be made at payment pointers elsewhere. */
export function addRemotePayments(
  { get }: Pick<Registry, 'get'>,
  identity: NodeIdentity,
  settings: OpenPaymentsClientSettings
): RemotePayments {
  const http = new GuardedHttp({
    signer: { sign: (request) => signatureHeaders(request, identity) },
    isInsecure: settings.openPaymentsInsecureHttp,
    allowsPrivateHosts: settings.openPaymentsAllowPrivateHosts
  })
  const store = new RemoteGrantStore(
    get(EntityReader),
    get(Reader),
    get(UnitOfWork),
    get(SecretBox),
    get(Identifiers),
    LEASE_MILLISECONDS
  )
  const grants = new RemoteGrants(store, http, { clientUrl: identity.paymentPointerUrl })
  const client = new OpenPaymentsClient(http, grants)
  get(ReceiverService).add(new RemoteReceiverSource(client))
  return { receivers: new RemoteReceivers(client), close: () => http.close() }
}
