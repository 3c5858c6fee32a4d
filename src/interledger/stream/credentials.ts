/**
 * STREAM credentials: an ILP address and a secret with which somebody can pay one thing of this service.
 *
 * Nothing is stored when they are handed out. The address itself carries, encrypted, what is paid; the secret
 * follows from the address. So every instance that knows the STREAM secret knows all credentials, and one that
 * is given another secret knows none of them. For a change of secret the previous one still opens addresses.
 */
import { StreamServer } from '@interledger/stream-receiver'

/** Length of the STREAM secret, of shared secrets and of receipt secrets, in bytes. */
export const SECRET_BYTES = 32
/** Length of the nonce of receipts, in bytes. */
export const RECEIPT_NONCE_BYTES = 16
/** Longer asset codes do not fit into an address; who pays learns the asset elsewhere. */
const ASSET_CODE_BYTES_MAX = 255

/** Who checks receipts gave these two; each receipt is signed with them. */
export interface ReceiptSetup {
  /** RECEIPT_NONCE_BYTES long. */
  readonly nonce: Buffer
  /** SECRET_BYTES long. */
  readonly secret: Buffer
}

export interface CredentialsRequest {
  /** Id of what is paid: an incoming payment, or a payment pointer. ASCII. */
  readonly paymentTag: string
  /** What arrives is in this asset; told to who pays. */
  readonly asset: { readonly code: string; readonly scale: number }
  /** Absent: no receipts. */
  readonly receipt?: ReceiptSetup
}

export interface Credentials {
  readonly ilpAddress: string
  /** SECRET_BYTES long. Never logged. */
  readonly sharedSecret: Buffer
}

export interface StreamIdentity {
  /** Prefix of every address that is handed out. */
  readonly ilpAddress: string
  /** SECRET_BYTES long. */
  readonly secret: Buffer
  /** Opens addresses that were handed out under it, and closes none. */
  readonly previousSecret?: Buffer
}

export class StreamCredentials {
  /** The first hands out; all of them open. */
  readonly servers: readonly [StreamServer, ...StreamServer[]]

  /** @throws Error if a secret has another length or the address is none */
  constructor({ ilpAddress: serverAddress, secret, previousSecret }: StreamIdentity) {
    const server = (serverSecret: Buffer): StreamServer => new StreamServer({ serverSecret, serverAddress })
    this.servers = [server(secret), ...(previousSecret ? [server(previousSecret)] : [])]
  }

  /**
   * Fresh credentials, other ones on every call; all of them are good for as long as what they pay is.
   *
   * @throws Error if the nonce or the secret of receipts has another length
   */
  issue({ paymentTag, asset, receipt }: CredentialsRequest): Credentials {
    const isTold = Buffer.byteLength(asset.code) <= ASSET_CODE_BYTES_MAX
    const { ilpAddress, sharedSecret } = this.servers[0].generateCredentials({
      paymentTag,
      asset: isTold ? { ...asset } : undefined,
      receiptSetup: receipt && { ...receipt }
    })
    return { ilpAddress, sharedSecret }
  }
}
