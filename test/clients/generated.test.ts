/**
 * Goal: the client says what the schema says, all of it, and is as strict as its types promise.
 * Method: generate it from the file and from a running service and compare; hold its operations against the schema's
 * list; compile it, and wrong uses of it, with the compiler that a wallet would use.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema, Kind, parse } from 'graphql'
import * as ts from 'typescript'
import { createTestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'

const ROOT = join(__dirname, '../..')
const CLIENT = join(ROOT, 'clients/typescript')
const GENERATED = readFileSync(join(CLIENT, 'generated.ts'), 'utf8')
const SCHEMA = join(ROOT, 'schema/admin-v2.graphql')

test('what is committed is what the schema gives', async () => {
  expect(await generate('--print')).toEqual({ code: 0, out: GENERATED, error: '' })
})

test('a running service gives the same client, to whom it knows', async () => {
  const database = await createTestDatabase()
  const service = await ServiceProcess.start({ DATABASE_URL: database.url, ADMIN_API_TOKEN: 'a-token' })
  try {
    const args = ['--print', '--schema', service.url]
    expect(await generate(...args)).toMatchObject({
      code: 1,
      error: expect.stringContaining('UNAUTHENTICATED') as string
    })
    process.env['ADMIN_API_TOKEN'] = 'a-token'
    expect(await generate(...args)).toEqual({ code: 0, out: GENERATED, error: '' })
  } finally {
    delete process.env['ADMIN_API_TOKEN']
    await service.kill('SIGTERM')
    await database.drop()
  }
})

test('every query and every mutation has an operation', () => {
  expect(fieldsOfOperations()).toEqual(rootFields())
})

describe('a schema that has changed', () => {
  let folder: string
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'hazina-client-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function changed(from: RegExp, to: string): string {
    const file = join(folder, 'changed.graphql')
    const text = readFileSync(SCHEMA, 'utf8')
    expect(text).toMatch(from)
    writeFileSync(file, text.replace(from, to))
    return file
  }

  test('is drift that the check reports', async () => {
    const file = changed(/basisPoints: Int!/, 'basisPoints: Int')
    const { code, error } = await generate('--check', '--schema', file)
    expect({ code, error }).toEqual({ code: 1, error: expect.stringMatching(/^out of date/) as string })
    expect((await generate('--check')).code).toBe(0)
  })

  test('gives no client if it lacks what an operation asks for', async () => {
    const { code, error } = await generate('--print', '--schema', changed(/  createAsset\(/, '  makeAsset('))
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining('"createAsset"') as string })
  })
})

interface Generated {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** The generator as `npm run client` runs it. */
function generate(...args: string[]): Promise<Generated> {
  const program = ['-r', './scripts/register.cjs', 'clients/typescript/generate.ts', ...args]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      program,
      { cwd: ROOT, env: { ...process.env }, maxBuffer: 16_777_216 },
      (failure, out, error) => {
        resolve({ code: failure ? Number(failure.code) : 0, out, error })
      }
    )
  })
}

function rootFields(): string[] {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'))
  const types = [schema.getQueryType(), schema.getMutationType()]
  return types.flatMap((type) => Object.keys(type!.getFields())).sort()
}

function fieldsOfOperations(): string[] {
  const folder = join(CLIENT, 'operations')
  const fields = readdirSync(folder).flatMap((name) =>
    parse(readFileSync(join(folder, name), 'utf8')).definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? definition.selectionSet.selections.map((field) => (field.kind === Kind.FIELD ? field.name.value : '…'))
        : []
    )
  )
  return [...new Set(fields)].sort()
}

describe('under a strict compiler', () => {
  const TAKEN = {
    nothing: '',
    'an amount as a bigint': `client.mutate(AddAssetLiquidityDocument, { input: { ...ids, amount: 1n } })`,
    'a payload that may be null': `(await client.mutate(CreateAssetDocument, { input: asset })).asset?.id`,
    'an error of the closed set': `(await client.mutate(AddAssetLiquidityDocument, deposit)).error === 'AmountZero'`
  }
  const REFUSED: Readonly<Record<string, readonly [code: string, reason: string]>> = {
    'a variable that is missing': [`client.mutate(CreateAssetDocument, { input: { code: 'USD' } })`, 'scale'],
    'a variable of another type': [`client.request(AssetDocument, { id: 5 })`, 'number'],
    'a member that there is not': [`client.request(AssetDocument, { id: 'x', name: 'y' })`, 'name'],
    'a field that was not asked for': [`(await client.request(AssetDocument, { id: 'x' })).asset?.peers`, 'peers'],
    'a null that was not looked at': [`(await client.request(AssetDocument, { id: 'x' })).asset.id`, 'null'],
    'an amount as a number': [
      `const n: number = (await client.mutate(CreateAssetDocument, { input: asset })).asset!.liquidity!`,
      'string'
    ],
    'an error that there is not': [
      `(await client.mutate(AddAssetLiquidityDocument, deposit)).error === 'Amount'`,
      'no overlap'
    ],
    'a query as a mutation': [`(await client.mutate(AssetDocument, { id: 'x' })).success`, 'success']
  }
  let problems: ReadonlyMap<string, readonly string[]>

  beforeAll(() => {
    const refused = Object.entries(REFUSED).map(([name, [code]]) => [name, code] as const)
    problems = problemsOf([...Object.entries(TAKEN), ...refused])
  })

  test('it compiles with nothing but what browsers and Node share', () => {
    expect(problems.get('')).toEqual([])
  })

  test.each(Object.keys(TAKEN))('it takes %s', (name) => {
    expect(problems.get(name)).toEqual([])
  })

  test.each(Object.entries(REFUSED))('it refuses %s', (name, [, reason]) => {
    expect(problems.get(name)).toEqual([expect.stringContaining(reason)])
  })
})

/** What the compiler says of each piece of code that uses the client, and under no name of the client itself. */
function problemsOf(pieces: readonly (readonly [name: string, code: string])[]): Map<string, string[]> {
  const texts = new Map(
    pieces.map(([name, code], index) => [join(CLIENT, `use-${index}.ts`), { name, text: useOf(code) }])
  )
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: []
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.getSourceFile = (path, ...rest) => {
    const own = texts.get(path)
    return own ? ts.createSourceFile(path, own.text, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest)
  }
  const problems = new Map<string, string[]>([['', []], ...pieces.map(([name]): [string, string[]] => [name, []])])
  for (const { file, messageText } of ts.getPreEmitDiagnostics(ts.createProgram([...texts.keys()], options, host))) {
    const name = texts.get(file?.fileName ?? '')?.name ?? ''
    problems.get(name)!.push(ts.flattenDiagnosticMessageText(messageText, ' '))
  }
  return problems
}

function useOf(code: string): string {
  return `import { AddAssetLiquidityDocument, AssetDocument, CreateAssetDocument, HazinaClient } from './index'
    export const used = [AddAssetLiquidityDocument, AssetDocument, CreateAssetDocument, HazinaClient]
    export async function use(client: HazinaClient) {
      const ids = { assetId: 'a', id: 'b', idempotencyKey: 'c' }
      const deposit = { input: { ...ids, amount: '1' } }
      const asset = { code: 'USD', scale: 2 };
      ${code}
      return { deposit, asset }
    }`
}
