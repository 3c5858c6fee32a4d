/** The kinds of settings: what their texts may be, and what they are read as. */

/** A setting's text cannot be used; the message says what could. */
export class Unusable extends Error {}

export interface Setting<Value> {
  /** The environment variable. */
  readonly name: string
  /** What it holds, for people. */
  readonly type: string
  readonly fallback: Value
  /** The default as the documentation shows it, where the value itself does not read well. */
  readonly fallbackText?: string
  readonly description: string
  /** Whether its value must never be shown. */
  readonly isSecret?: boolean
  /** @throws Unusable */
  readonly parse: (text: string) => Value
}

export type Described<Value> = Pick<Setting<Value>, 'fallbackText'>

/** A whole number within bounds, ends included. */
export function integer(
  name: string,
  range: readonly [number, number],
  fallback: number,
  description: string
): Setting<number> {
  const [min, max] = range
  const type = `${min} … ${max}`
  const parse = (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN
    if (!(value >= min && value <= max)) throw new Unusable(`must be a whole number, ${type}`)
    return value
  }
  return { name, type, fallback, description, parse }
}

export function optionalInteger(
  name: string,
  range: readonly [number, number],
  description: string
): Setting<number | undefined> {
  return { ...integer(name, range, range[0], description), fallback: undefined }
}

export function port(name: string, fallback: number, description: string): Setting<number> {
  return { ...integer(name, [0, 65_535], fallback, description), type: 'port' }
}

export function optionalPort(name: string, description: string): Setting<number | undefined> {
  return { ...integer(name, [1, 65_535], 1, description), type: 'port', fallback: undefined }
}

export function flag(name: string, fallback: boolean, description: string): Setting<boolean> {
  const parse = (text: string): boolean => {
    if (text !== 'true' && text !== 'false') throw new Unusable('must be true or false')
    return text === 'true'
  }
  return { name, type: 'true or false', fallback, description, parse }
}

export function choice<Value extends string>(
  name: string,
  values: readonly Value[],
  fallback: Value,
  description: string
): Setting<Value> {
  const type = values.join(', ')
  const parse = (text: string): Value => {
    const value = values.find((known) => known === text)
    if (value === undefined) throw new Unusable(`must be one of ${type}`)
    return value
  }
  return { name, type, fallback, description, parse }
}

export function text(name: string, type: string, fallback: string, description: string): Setting<string> {
  return { name, type, fallback, description, parse: (given) => given }
}

export function secret(name: string, description: string): Setting<string | undefined> {
  return { name, type: 'secret', fallback: undefined, description, isSecret: true, parse: (given) => given }
}

export function key32(name: string, description: string): Setting<Buffer | undefined> {
  const parse = (given: string): Buffer => {
    const bytes = Buffer.from(given, 'base64')
    if (bytes.length !== 32) throw new Unusable('must be 32 bytes in base64, as `openssl rand -base64 32` makes them')
    return bytes
  }
  return { name, type: '32 bytes in base64', fallback: undefined, description, isSecret: true, parse }
}

export function path(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => {
    if (!/^(\/[\w.~-]+)+$/.test(given)) throw new Unusable('must be a path such as /graphql')
    return given
  }
  return { name, type: 'path', fallback, description, parse }
}

export function parseHttpUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Unusable('must be a URL such as https://example.com/path')
  return given
}

export function ilpAddress(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => {
    if (given.length > 800 || !/^(g|private|example|test[1-3]?|local)(\.[A-Za-z0-9_~-]+)+$/.test(given)) {
      throw new Unusable('must be an ILP address such as g.example.node, of at most 800 characters')
    }
    return given
  }
  return { name, type: 'ILP address', fallback, description, parse }
}

/** Some of a few, with commas between. */
export function choices<Value extends string>(
  name: string,
  values: readonly Value[],
  description: string
): Setting<readonly Value[]> {
  const parse = (given: string): readonly Value[] => {
    const chosen = given.split(',').map((part) => values.find((value) => value === part.trim()))
    if (chosen.includes(undefined)) throw new Unusable(`must be some of ${values.join(',')}`)
    return chosen as Value[]
  }
  return {
    name,
    type: `some of ${values.join(', ')}`,
    fallback: values,
    fallbackText: `\`${values.join(',')}\``,
    description,
    parse
  }
}

/** What paths are put behind, so it has no slash at its end. */
export function httpUrl(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => parseHttpUrl(given).replace(/\/+$/, '')
  return { name, type: 'URL', fallback, description, parse }
}

export function optionalHttpUrl(name: string, description: string): Setting<string | undefined> {
  return { name, type: 'URL', fallback: undefined, description, parse: parseHttpUrl }
}

export function optionalText(name: string, type: string, description: string): Setting<string | undefined> {
  return { name, type, fallback: undefined, description, parse: (given) => given }
}

/** `https` with a path, and nothing else that a payment pointer could not have. */
export function optionalPointerUrl(name: string, description: string): Setting<string | undefined> {
  const parse = (given: string): string => {
    const url = URL.canParse(given) ? new URL(given) : undefined
    const isPointer = url?.protocol === 'https:' && url.pathname !== '/' && !/[?#@]/.test(given)
    if (!isPointer) throw new Unusable('must be a URL such as https://example.com/path')
    return given.replace(/\/+$/, '')
  }
  return { name, type: 'URL', fallback: undefined, description, parse }
}

/** A percent sign begins a character in UTF-8, or stands before a space, where it can only mean itself. */
function isEncoded(given: string): boolean {
  try {
    decodeURIComponent(given.replaceAll('% ', '%25 '))
    return true
  } catch {
    return false
  }
}

/** A password with `/`, `#` or `?` ends the part of the URL that it stands in, and its `@` lands in what follows. */
function isWhole(given: string): boolean {
  // A socket needs no host, not even behind a password.
  const text = [given, given.replace('@/', '@socket/')].find((written) => URL.canParse(written))
  if (text === undefined) return false
  const { username, pathname, search, hash } = new URL(text)
  return username !== '' || !/^[^=]*@/.test(pathname + search + hash)
}

export function databaseUrl(
  name: string,
  more: Described<undefined>,
  description: string
): Setting<string | undefined> {
  const parse = (given: string): string => {
    if (!/^postgres(ql)?:\/\/./.test(given)) {
      throw new Unusable('must be a URL such as postgres://user:password@host:5432/database')
    }
    if (!isEncoded(given) || !isWhole(given)) {
      throw new Unusable(
        'must be a URL such as postgres://user:password@host:5432/database: percent-encode what is special in the password'
      )
    }
    return given
  }
  return { name, type: 'URL', fallback: undefined, description, isSecret: true, parse, ...more }
}

/** Whole numbers within bounds, ends included, at most 50 of them, with commas between. */
export function integers(
  name: string,
  [min, max]: readonly [number, number],
  fallback: readonly number[],
  description: string
): Setting<readonly number[]> {
  const type = `numbers ${min} … ${max}`
  const parse = (given: string): readonly number[] => {
    const values = given.split(',').map((part) => (/^ *\d{1,15} *$/.test(part) ? Number(part) : NaN))
    const isRight = values.length <= 50 && values.every((value) => value >= min && value <= max)
    if (!isRight) throw new Unusable(`must be at most 50 whole numbers, ${min} … ${max}, with commas between`)
    return values
  }
  return { name, type, fallback, fallbackText: `\`${fallback.join(',')}\``, description, parse }
}

/** A decimal number, 0 or more and less than 1, kept as text so that nothing of it is lost. */
export function fraction(name: string, fallback: string, description: string): Setting<string> {
  const parse = (given: string): string => {
    if (!/^0(\.\d{1,18})?$/.test(given)) throw new Unusable('must be 0 or more and less than 1, such as 0.01')
    return given
  }
  return { name, type: '0 … less than 1', fallback, description, parse }
}

export const SECRET_BYTES = 32

export function base64Secret(name: string, description: string): Setting<string | undefined> {
  const parse = (given: string): string => {
    const bytes = /^[A-Za-z0-9+/_-]+=*$/.test(given) ? Buffer.from(given, 'base64').length : 0
    if (bytes !== SECRET_BYTES) throw new Unusable(`must be base64 of ${SECRET_BYTES} bytes`)
    return given
  }
  return { ...secret(name, description), parse }
}

/** An amount in USD with at most six decimals, in millionths. */
export function usd(name: string, fallback: string, description: string): Setting<bigint> {
  return {
    name,
    type: 'USD',
    fallback: parseUsd(fallback),
    fallbackText: `\`${fallback}\``,
    description,
    parse: parseUsd
  }
}

export function parseUsd(given: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(given) ?? []
  if (whole === undefined) throw new Unusable('must be an amount in USD such as 1.25, with at most six decimals')
  return BigInt(`${whole}${fraction.padEnd(6, '0')}`)
}

/** An amount in USD for each of some names. What is given replaces the defaults of the names it has. */
export function usdByName(
  name: string,
  fallback: Readonly<Record<string, string>>,
  description: string
): Setting<Readonly<Record<string, bigint>>> {
  const amounts = Object.fromEntries(Object.entries(fallback).map(([key, amount]) => [key, parseUsd(amount)]))
  const shown = Object.entries(fallback).map(([key, amount]) => `${key}=${amount}`)
  const parse = (given: string): Readonly<Record<string, bigint>> => {
    const pairs = given.split(',').map((pair): [string, bigint] => {
      const [key = '', amount = ''] = pair.split('=').map((part) => part.trim())
      if (!Object.hasOwn(fallback, key))
        throw new Unusable(`names ${key || 'nothing'}: there is ${Object.keys(fallback).join(', ')}`)
      return [key, parseUsd(amount)]
    })
    return { ...amounts, ...Object.fromEntries(pairs) }
  }
  return { name, type: 'name=USD,…', fallback: amounts, fallbackText: `\`${shown.join(',')}\``, description, parse }
}
