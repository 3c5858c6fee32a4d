import { isStorable, LONG_TEXT_LENGTH_MAX } from '../text'

/** The trimmed form of an http or https URL that has a host; undefined for anything else. */
export function parseHttpEndpoint(text: string): string | undefined {
  const trimmed = text.trim()
  if (!isStorable(trimmed, LONG_TEXT_LENGTH_MAX) || !URL.canParse(trimmed)) return undefined
  const { protocol, hostname } = new URL(trimmed)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  return hostname.split('.').every((label) => label !== '') ? trimmed : undefined
}
