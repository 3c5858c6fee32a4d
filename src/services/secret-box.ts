/**
 * Credentials of others, which the service has to show again when it uses them: tokens that it sends to peers
 * and to other servers. With a key they are stored encrypted, so that a copy of the database alone gives none
 * away; without one they are stored as they are. Both are read, whatever the setting is now.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export interface SecretBoxSettings {
  /** 32 bytes. Unset: what is stored from now on is stored as it is. */
  readonly secretsKey: Buffer | undefined
  /** The key before it was changed, for what is stored already. */
  readonly secretsKeyPrevious: Buffer | undefined
}

export type SealedKind = 'peer token' | 'grant token'

const SEALED = 'sealed:1:'
const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

export class SecretBox {
  private readonly keys: readonly Buffer[]

  constructor(private readonly settings: SecretBoxSettings) {
    const { secretsKey, secretsKeyPrevious } = settings
    this.keys = [secretsKey, secretsKeyPrevious].filter((key) => key !== undefined)
  }

  /** What is stored in its place. `kind` keeps what is sealed for one use from being put to another. */
  seal(kind: SealedKind, secret: string): string {
    const { secretsKey } = this.settings
    if (!secretsKey) {
      if (secret.startsWith(SEALED)) throw new RangeError(`a ${kind} that begins with ${SEALED} needs SECRETS_KEY`)
      return secret
    }
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, secretsKey, nonce).setAAD(Buffer.from(kind))
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** @throws Error when none of the keys is the one that it was sealed with, or it was changed. */
  open(kind: SealedKind, stored: string): string {
    if (!stored.startsWith(SEALED)) return stored
    const bytes = Buffer.from(stored.slice(SEALED.length), 'base64')
    for (const key of this.keys) {
      const opened = decrypt(kind, key, bytes)
      if (opened !== undefined) return opened
    }
    throw new Error(
      `a stored ${kind} cannot be read: SECRETS_KEY or SECRETS_KEY_PREVIOUS must be the key it was sealed with`
    )
  }
}

function decrypt(kind: SealedKind, key: Buffer, bytes: Buffer): string | undefined {
  const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)]
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(kind))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
