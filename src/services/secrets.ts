/**
 * Credentials that the service hands out: random, shown once, and known afterwards by a keyed hash only.
 *
 * A credential has 122 random bits, so a fast hash is enough: nobody can guess it, and a slow one would only
 * let callers keep the service busy. An operator who sets the key of the hash keeps it out of the database, so
 * that a copy of the database alone cannot even test a guess.
 */
import { createHmac, randomUUID } from 'node:crypto'
import type { Reader } from '../database/reader'

const STORED_HASH_KEY = {
  name: 'credential_hash_key',
  text: `SELECT value FROM service_secret WHERE name = 'credential_hash_key'`,
  values: []
}

export class Secrets {
  private hashKey: Promise<string> | undefined

  constructor(
    private readonly reader: Reader,
    /** Unset: the key that the database was given when it was made. */
    private readonly givenHashKey: string | undefined
  ) {}

  /** A new credential: a UUID of version 4. */
  create(): string {
    return randomUUID()
  }

  /** What is stored and looked up in its place. `purpose` keeps credentials of different kinds apart. */
  async hash(purpose: 'api key' | 'ramp key' | 'session', secret: string): Promise<Buffer> {
    this.hashKey ??= this.loadHashKey()
    return createHmac('sha256', await this.hashKey)
      .update(`${purpose}:${secret}`)
      .digest()
  }

  private async loadHashKey(): Promise<string> {
    if (this.givenHashKey !== undefined) return this.givenHashKey
    try {
      const [row] = await this.reader.rows<{ value: string }>(STORED_HASH_KEY)
      if (!row) throw new Error('the database has no credential_hash_key: set CREDENTIAL_HASH_KEY')
      return row.value
    } catch (error) {
      // The next credential asks again.
      this.hashKey = undefined
      throw error
    }
  }
}
