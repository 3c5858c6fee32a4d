/**
 * `hazina ramp`: what an operator of a ramp does, one command for each operator route of a running service. The
 * commands are made from what the routes say of themselves, so that there is one for each and none is out of date.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { OPERATOR_PREFIX } from '../http/operator/document'
import type { OperatorOperation } from '../http/operator/operation'
import { OPERATIONS } from '../http/operator/operations'
import type { JsonSchema, Shape } from '../http/operator/shape'

/** Exit codes. */
const RAMP_REFUSED = 1
const RAMP_NO_SERVICE = 3

const TIMEOUT_MILLISECONDS = 60_000
/** What `null` stands for: the parser of commands makes a text of null itself. */
const NOTHING = Symbol('null')

interface Connection {
  readonly url: string
  readonly token?: string
}

export function rampCommand(): Command {
  const ramp = new Command('ramp')
    .description('Operates the ramp of a running service: merchants, agents, rates, money, orders, webhooks')
    .addOption(new Option('--url <url>', 'the running service').env('OPERATOR_URL').default('http://127.0.0.1:3001'))
    .addOption(new Option('--token <token>', 'shown to it').env('OPERATOR_API_TOKEN'))
    .addHelpText(
      'after',
      `
Each command prints the answer as JSON. Amounts and rates are decimals such as 20.0.

Exit codes:
  0  it was done
  1  it was refused; the code and the reason are on the standard error
  3  the service could not be reached`
    )
  for (const operation of OPERATIONS) ramp.addCommand(commandOf(operation, () => ramp.opts<Connection>()))
  return ramp
}

/** `createAgent` is `hazina ramp create-agent`. */
function commandOf(operation: OperatorOperation, connection: () => Connection): Command {
  const { id, summary, description, parts, query = {}, body = {} } = operation
  const command = new Command(kebab(id)).description(
    description === undefined ? summary : `${summary}\n\n${description}`
  )
  command.summary(summary)
  for (const [name, help] of Object.entries(parts)) command.argument(`<${kebab(name)}>`, help)
  for (const [name, shape] of Object.entries({ ...query, ...body })) command.addOption(optionOf(name, shape))
  return command.action(async (...given: unknown[]) => {
    const names = Object.keys(parts)
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(given[names.indexOf(name)]))
    )
    process.exitCode = await send(operation, path, given[names.length] as Record<string, unknown>, connection())
  })
}

function optionOf(name: string, shape: Shape): Option {
  const schema = plainOf(shape.schema)
  const option = new Option(`--${kebab(name)} <${valueName(schema)}>`, String(shape.schema['description'] ?? ''))
  if (!('isOptional' in shape)) option.makeOptionMandatory()
  const choices = schema['enum'] as string[] | undefined
  if (choices) return option.choices(choices)
  const parse = parserOf(schema)
  const isNullable = schema !== shape.schema
  return option.argParser((text, before) => (isNullable && text === 'null' ? NOTHING : parse(text, before)))
}

/** What is not null. */
function plainOf(schema: JsonSchema): JsonSchema {
  const [first] = (schema['anyOf'] ?? []) as JsonSchema[]
  return first ?? schema
}

function valueName({ type }: JsonSchema): string {
  if (type === 'boolean') return 'true|false'
  if (type === 'integer') return 'number'
  return type === 'object' ? 'name=value' : 'text'
}

function parserOf({ type }: JsonSchema): (text: string, before: unknown) => unknown {
  switch (type) {
    case 'boolean':
      return (text) => {
        if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It is true or false.')
        return text === 'true'
      }
    case 'integer':
      return (text) => {
        if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
        return Number(text)
      }
    case 'object':
      return (text, before) => {
        const at = text.indexOf('=')
        if (at < 1) throw new InvalidArgumentError('It is name=value, once for each name.')
        return { ...(before as object | undefined), [text.slice(0, at)]: text.slice(at + 1) }
      }
    default:
      return (text) => text
  }
}

async function send(
  { method, query, body }: OperatorOperation,
  path: string,
  options: Readonly<Record<string, unknown>>,
  { url, token }: Connection
): Promise<number> {
  const search = new URLSearchParams(
    Object.keys(query ?? {}).flatMap((name) => (options[name] === undefined ? [] : [[name, String(options[name])]]))
  ).toString()
  const target = `${url.replace(/\/+$/, '')}${OPERATOR_PREFIX}${path}${search === '' ? '' : `?${search}`}`
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const content =
    body &&
    JSON.stringify(
      Object.fromEntries(Object.keys(body).map((name) => [name, options[name] === NOTHING ? null : options[name]]))
    )
  let response: Response
  try {
    response = await fetch(target, {
      method,
      headers,
      body: content,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS)
    })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    console.error(`${url} does not answer: ${cause}`)
    return RAMP_NO_SERVICE
  }
  const answer = (await response.json().catch(() => undefined)) as Refused | undefined
  if (response.ok) {
    console.log(JSON.stringify(answer, null, 2))
    return 0
  }
  const { message, extensions } = answer?.errors?.[0] ?? {}
  console.error(
    `${extensions?.code ?? `HTTP ${response.status}`}: ${extensions?.detail ?? message ?? 'no reason was given'}`
  )
  return RAMP_REFUSED
}

interface Refused {
  readonly errors?: readonly {
    readonly message?: string
    readonly extensions?: { readonly code?: string; readonly detail?: string }
  }[]
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
