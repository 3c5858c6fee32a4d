/** What a customer can say about an order, read from what a script or a plain form has sent. */
import { isUtf8 } from 'node:buffer'
import type { PickUpInput } from '../../services/ramp/orders/inputs'
import { isStorable, LONG_TEXT_LENGTH_MAX } from '../../services/text'
import { Failure } from '../failure'

export const COMMANDS = ['pick_up', 'paid', 'received', 'cancel'] as const
export type Command = (typeof COMMANDS)[number]

/** The content of a body, whatever form it came in. */
export type Content = Readonly<Record<string, unknown>>

type Field = NonNullable<PickUpInput['fields']>[number]

const FIELDS_MAX = 32
/** Of the fields of a rail in a plain form. */
const FIELD_PREFIX = 'fields.'

/** @throws Failure */
export function readContent(bytes: Buffer, contentType: string | undefined): Content {
  if (!isUtf8(bytes)) throw new Failure('BAD_REQUEST', 'The body is not UTF-8')
  const text = bytes.toString('utf8')
  switch (contentType?.split(';')[0]?.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded':
      return formContent(text)
    case 'application/json':
      return jsonContent(text)
    default:
      throw new Failure('UNSUPPORTED_MEDIA_TYPE', 'The body is application/json, or a form')
  }
}

export function isForm(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

function jsonContent(text: string): Content {
  if (text.trim() === '') return {}
  try {
    const content: unknown = JSON.parse(text)
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Content
  } catch {
    // Said below.
  }
  throw new Failure('BAD_REQUEST', 'The body is not a JSON object')
}

/** A form sends what was left empty as well. */
function formContent(text: string): Content {
  const given = [...new URLSearchParams(text)].filter(([, value]) => value !== '')
  const fields = given
    .filter(([name]) => name.startsWith(FIELD_PREFIX))
    .map(([name, value]) => ({ identifier: name.slice(FIELD_PREFIX.length), value }))
  return { ...Object.fromEntries(given.filter(([name]) => !name.startsWith(FIELD_PREFIX))), fields }
}

/** @throws Failure */
export function pickUpOf(content: Content): PickUpInput {
  return {
    paymentMethodType: textOf(content, 'paymentMethodType') ?? '',
    fields: fieldsOf(content.fields),
    phoneNumber: textOf(content, 'phoneNumber'),
    bankAccountNumber: textOf(content, 'bankAccountNumber')
  }
}

/** @throws Failure */
export function receiptOf(content: Content): string | undefined {
  return textOf(content, 'receipt', LONG_TEXT_LENGTH_MAX)
}

function textOf(content: Content, name: string, lengthMax?: number): string | undefined {
  const value = content[name]
  if (value == null || value === '') return undefined
  if (typeof value !== 'string' || !isStorable(value, lengthMax)) {
    throw new Failure('BAD_REQUEST', `\`${name}\` is not a text of reasonable length`)
  }
  return value
}

/** As a list like `[{ "identifier": …, "value": … }]`, or by name. */
function fieldsOf(value: unknown): Field[] | undefined {
  if (value == null) return undefined
  const entries: unknown[] = Array.isArray(value)
    ? value
    : Object.entries(value as object).map(([identifier, inner]: [string, unknown]) => ({ identifier, value: inner }))
  if (typeof value === 'object' && entries.length <= FIELDS_MAX && entries.every(isField)) return entries
  throw new Failure('BAD_REQUEST', '`fields` is not a list of fields with `identifier` and `value`')
}

function isField(entry: unknown): entry is Field {
  if (typeof entry !== 'object' || entry === null) return false
  const { identifier, value } = entry as Record<string, unknown>
  return typeof identifier === 'string' && typeof value === 'string' && isStorable(identifier) && isStorable(value)
}
