/** Puts together what pays, and asks for payments, at other Open Payments servers. */
import { ReceiverService } from '../../../services/payments/receivers/receiver-service'
import type { Registry } from '../../../services/registry'
import { RemoteGrantStore } from '../../../services/remote-grants/remote-grant-store'
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
  const store = get(RemoteGrantStore)
  const grants = new RemoteGrants(store, http, { clientUrl: identity.paymentPointerUrl })
  const client = new OpenPaymentsClient(http, grants)
  get(ReceiverService).add(new RemoteReceiverSource(client))
  return { receivers: new RemoteReceivers(client), close: () => http.close() }
}
