/**
 * The schemas as text.
 *
 * Goal: what is committed in `schema/` is what the code says, whichever compiler read the code; and clients
 * find everything that was ever promised them. Method: the schema is printed here, where the code came
 * through swc, and by a build of tsc, and both are compared with the committed text.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isScalarType, type GraphQLSchema } from 'graphql'
import { container } from 'tsyringe'
import { printSorted, SCHEMAS } from '../../src/resolvers/schemas'

/** How tsc ends when it complained and built nevertheless. */
const BUILT_WITH_ERRORS = 2

const ROOT = join(__dirname, '../..')
const run = promisify(execFile)

const BUILT = Object.entries(SCHEMAS).map(([name, build]) => [name, build(container)] as const)

function committed(name: string): string {
  return readFileSync(join(ROOT, 'schema', `${name}.graphql`), 'utf8')
}

describe.each(BUILT)('%s', (name, schema) => {
  it('is committed as it is', () => {
    expect(printSorted(schema)).toBe(committed(name))
  })

  it('describes every type, field, argument and value', () => {
    expect(undescribed(schema)).toEqual([])
  })
})

it('has no committed text without a schema', () => {
  const texts = readdirSync(join(ROOT, 'schema')).filter((name) => name.endsWith('.graphql'))
  expect(texts.sort()).toEqual(
    Object.keys(SCHEMAS)
      .map((name) => `${name}.graphql`)
      .sort()
  )
})

describe('the build', () => {
  let folder: string

  beforeAll(async () => {
    mkdirSync(join(ROOT, '.cache'), { recursive: true })
    folder = mkdtempSync(join(ROOT, '.cache', 'schemas-'))
    const compiler = require.resolve('typescript/bin/tsc')
    const options = [
      '--outDir',
      join(folder, 'dist'),
      '--incremental',
      'false',
      '--tsBuildInfoFile',
      'null',
      '--sourceMap',
      'false'
    ]
    const command = [compiler, '-p', 'tsconfig.build.json', ...options]
    await run(process.execPath, command, { cwd: ROOT }).catch((error: { code?: unknown }) => {
      // What is wrong with the types is told elsewhere; here it matters that there is a build.
      if (error.code !== BUILT_WITH_ERRORS) throw error
    })
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function emit(...args: string[]): Promise<{ stderr: string }> {
    return run(process.execPath, [join(folder, 'dist/src/cli/emit-schemas.js'), ...args], { cwd: folder })
  }

  it('prints the same schemas, and the check tells a difference', async () => {
    await emit()
    for (const [name] of BUILT)
      expect(readFileSync(join(folder, 'schema', `${name}.graphql`), 'utf8')).toBe(committed(name))
    await emit('--check')
    const [first] = BUILT
    const file = join('schema', `${first?.[0]}.graphql`)
    writeFileSync(join(folder, file), 'type Query { nothing: String }\n')
    await expect(emit('--check')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(file) as string })
    await expect(emit('--check', 'elsewhere')).rejects.toMatchObject({ code: 1 })
  })
})

function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = []
  const look = (name: string, thing: { readonly description?: string | null }): void => {
    if (!thing.description) missing.push(name)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(
      type as never
    )
    if (!isRoot) look(type.name, type)
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value)
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field)
      if (!('args' in field)) continue
      // The one argument of a mutation is described by its type.
      for (const argument of field.args)
        if (argument.name !== 'input') look(`${type.name}.${field.name}(${argument.name})`, argument)
    }
  }
  return missing
}

/** What clients were promised: each line must stay as it is; more may come. */
describe.each(BUILT)('the contract of %s', (name, schema) => {
  const lines = readFileSync(join(__dirname, 'contracts', `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n')
  const promised = new Set(lines.map(qualified(lines)))

  it('is kept', () => {
    const actual = new Set(contractOf(schema))
    expect([...promised].filter((line) => !actual.has(line))).toEqual([])
    expect(lines.length).toBeGreaterThan(100)
  })

  it('asks nothing more of a client', () => {
    const known = new Set(lines.filter((line) => line.startsWith('input ')))
    const demands = contractOf(schema).filter((line) => /^input \w+\.\w+: .*!$/.test(line) && !promised.has(line))
    expect(demands.filter((line) => known.has(line.split('.')[0] ?? ''))).toEqual([])
  })
})

/** `  field: Type` below `type Name` becomes `type Name.field: Type`. */
function qualified(lines: readonly string[]): (line: string, index: number) => string {
  return (line, index) => {
    if (!line.startsWith('  ')) return line
    const head = lines.slice(0, index).findLast((earlier) => !earlier.startsWith('  ')) ?? ''
    return `${head.split(' implements ')[0]}.${line.trim()}`
  }
}

function contractOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isScalarType(type)) return [`scalar ${type.name}`]
    if (isEnumType(type))
      return [`enum ${type.name}`, ...type.getValues().map((value) => `enum ${type.name}.${value.name}`)]
    if (isInputObjectType(type)) {
      return [
        `input ${type.name}`,
        ...Object.values(type.getFields()).map((field) => `input ${type.name}.${field.name}: ${String(field.type)}`)
      ]
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    const kind = isObjectType(type) ? 'type' : 'interface'
    const faces = type
      .getInterfaces()
      .map(({ name }) => name)
      .sort()
    const fields = Object.values(type.getFields()).map((field) => {
      const args = field.args.map((argument) => `${argument.name}: ${String(argument.type)}`).sort()
      return `${kind} ${type.name}.${field.name}${args.length ? `(${args.join(', ')})` : ''}: ${String(field.type)}`
    })
    return [`${kind} ${type.name}${faces.length ? ` implements ${faces.join(' & ')}` : ''}`, ...fields]
  })
}
