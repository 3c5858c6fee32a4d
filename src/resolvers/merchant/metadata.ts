import { refusal } from '../ramp/failures'

const BYTES_MAX = 16_384

/** What a merchant notes: an object of at most 16 KiB. @throws GraphQLError */
export function metadataOf(value: unknown): Record<string, unknown> | null {
  if (value == null) return null
  if (typeof value !== 'object' || Array.isArray(value)) throw refusal('GRAPHQL_VALIDATION_FAILED')
  if (Buffer.byteLength(JSON.stringify(value)) > BYTES_MAX) throw refusal('GRAPHQL_VALIDATION_FAILED')
  return value as Record<string, unknown>
}
