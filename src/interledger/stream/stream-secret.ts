import type { Reader } from '../../database/reader'
import { SECRET_BYTES, StreamCredentials, type StreamIdentity } from './credentials'

const STORED_SECRET = {
  name: 'stream_secret',
  text: `SELECT value FROM service_secret WHERE name = 'stream_secret'`,
  values: []
}

/** What an operator can set of the credentials. */
export interface StreamSecretSettings {
  readonly ilpAddress: string
  /** Base64 of SECRET_BYTES. Absent: the secret that the database was given when it was made. */
  readonly streamSecret?: string
  readonly streamSecretPrevious?: string
}

/** The credentials that every instance on the database shares. */
export async function openStreamCredentials(
  reader: Pick<Reader, 'rows'>,
  { ilpAddress, streamSecret, streamSecretPrevious }: StreamSecretSettings
): Promise<StreamCredentials> {
  const secret = secretOf(streamSecret ?? (await storedSecret(reader)))
  const previous = streamSecretPrevious === undefined ? {} : { previousSecret: secretOf(streamSecretPrevious) }
  const identity: StreamIdentity = { ilpAddress, secret, ...previous }
  return new StreamCredentials(identity)
}

async function storedSecret(reader: Pick<Reader, 'rows'>): Promise<string> {
  const [row] = await reader.rows<{ value: string }>(STORED_SECRET)
  if (!row) throw new Error('the database has no stream_secret: set STREAM_SECRET')
  return row.value
}

function secretOf(text: string): Buffer {
  const secret = Buffer.from(text, 'base64')
  if (secret.length !== SECRET_BYTES) throw new Error(`a STREAM secret is base64 of ${SECRET_BYTES} bytes`)
  return secret
}
