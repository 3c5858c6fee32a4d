/** The two texts that older clients write on a payment. They are kept as members of its metadata. */

export interface Notes {
  readonly description: string | null
  readonly externalRef: string | null
}

/** What of the metadata is such a text. */
export function notesOf(metadata: Readonly<Record<string, unknown>> | null): Notes {
  return { description: textOf(metadata?.description), externalRef: textOf(metadata?.externalRef) }
}

/** The metadata that holds these texts; undefined for none. */
export function metadataOf({ description, externalRef }: Partial<Notes>): Record<string, unknown> | undefined {
  if (description == null && externalRef == null) return undefined
  return { ...(description != null && { description }), ...(externalRef != null && { externalRef }) }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
