/**
 * STREAM credentials: an ILP address and a secret with which somebody can pay one thing of this service.
 *
 * Nothing is stored when they are handed out. The address itself carries, encrypted, what is paid; the secret
 * follows from the address. So every instance that knows the STREAM secret knows all credentials, and one that
 * is given another secret knows none of them. For a change of secret the previous one still opens addresses.
 */
import '../debug-colors'
import { StreamServer } from '@interledger/stream-receiver'
import { hasReceipts, tokenKeyOf } from './token'

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

/** One secret, and all that can be done with it. */
export interface StreamKey {
  readonly server: StreamServer
  /** Whether receipts were agreed on with who was given the address. */
  hasReceipts(ilpAddress: string): boolean
}

export class StreamCredentials {
  /** The first hands out; all of them open. */
  readonly keys: readonly [StreamKey, ...StreamKey[]]

  /** @throws Error if a secret has another length or the address is none */
  constructor({ ilpAddress, secret, previousSecret }: StreamIdentity) {
    this.keys = [keyOf(ilpAddress, secret), ...(previousSecret ? [keyOf(ilpAddress, previousSecret)] : [])]
  }

  /**
   * Fresh credentials, other ones on every call; all of them are good for as long as what they pay is.
   *
   * @throws Error if the nonce or the secret of receipts has another length
   */
  issue({ paymentTag, asset, receipt }: CredentialsRequest): Credentials {
    const isTold = Buffer.byteLength(asset.code) <= ASSET_CODE_BYTES_MAX
    const { ilpAddress, sharedSecret } = this.keys[0].server.generateCredentials({
      paymentTag,
      asset: isTold ? { code: asset.code, scale: asset.scale } : undefined,
      receiptSetup: receipt && { nonce: receipt.nonce, secret: receipt.secret }
    })
    return { ilpAddress, sharedSecret }
  }
}

function keyOf(serverAddress: string, serverSecret: Buffer): StreamKey {
  const server = new StreamServer({ serverSecret, serverAddress })
  const tokenKey = tokenKeyOf(serverSecret)
  const tokenOf = (ilpAddress: string): string => ilpAddress.slice(serverAddress.length + 1).split('.', 1)[0]!
  return { server, hasReceipts: (ilpAddress) => hasReceipts(tokenOf(ilpAddress), tokenKey) }
}
