/**
 * Goal: the house stays as it is drawn: each room uses only the rooms below it, and no module needs itself.
 * Method: the imports of every source file, as the compiler sees them, against one table. An import that only
 * brings types couples less, so it may reach a little further.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

const ROOT = resolve(__dirname, '../..')
const SOURCE = join(ROOT, 'src')

interface Import {
  /** Below `src`, without extension: `ledger/types`; the name of a package otherwise. */
  readonly target: string
  readonly isPackage: boolean
  readonly isType: boolean
}

interface Rule {
  /** Folders or files that may be used. */
  readonly uses: readonly string[]
  /** Those of which only types may be used. */
  readonly types?: readonly string[]
  /** Packages that have no business here. */
  readonly withoutPackages?: readonly string[]
}

const GRAPHQL = ['graphql', 'graphql-yoga', 'graphql-jit', 'type-graphql']
const SQL = ['pg', 'typeorm']

/** The first rule whose place a file lies in. The order is from the inside of a room to its outside. */
const RULES: Readonly<Record<string, Rule>> = {
  config: { uses: [], withoutPackages: [...GRAPHQL, ...SQL] },
  logging: { uses: [], types: ['services/context'] },
  entities: { uses: [], withoutPackages: GRAPHQL },
  database: { uses: ['entities', 'config', '../ormconfig'], withoutPackages: GRAPHQL },
  'ledger/postgres': { uses: ['ledger', 'database'], withoutPackages: GRAPHQL },
  ledger: { uses: ['database/write-errors'], types: ['database/statement'], withoutPackages: [...GRAPHQL, ...SQL] },
  services: { uses: ['ledger', 'entities', 'database'], types: ['logging'], withoutPackages: GRAPHQL },
  interledger: { uses: ['services', 'ledger'], types: ['entities', 'database', 'logging'], withoutPackages: GRAPHQL },
  resolvers: {
    uses: ['services', 'entities', 'ledger/types', 'database/keyset', 'database/write-errors'],
    types: ['ledger', 'logging'],
    withoutPackages: SQL
  },
  workers: { uses: ['services', 'database'], types: ['entities', 'logging'], withoutPackages: GRAPHQL },
  'http/operator': {
    uses: ['http', 'services', 'entities'],
    types: ['logging'],
    withoutPackages: [...GRAPHQL, ...SQL]
  },
  http: { uses: ['resolvers', 'services', 'interledger'], types: ['database', 'logging'], withoutPackages: SQL },
  demo: { uses: ['ledger/types'], withoutPackages: SQL },
  container: { uses: ['*', '../ormconfig'] },
  main: { uses: ['*'] },
  cli: { uses: ['*'] }
}

/** Rooms whose inside is closed to others: only the composition root and these may look in. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  'ledger/postgres': ['ledger/postgres', 'container', 'cli/verify'],
  'database/embedded': ['database', 'cli'],
  'database/migrations': ['database']
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/').slice(0, -'.ts'.length))
  .sort()
const imports = new Map(files.map((file) => [file, importsOf(file)]))

const isIn = (file: string, place: string): boolean =>
  place === '*' ||
  file === place ||
  file.startsWith(`${place}/`) ||
  (place === 'database/embedded' && file.startsWith(place))

function importsOf(file: string): Import[] {
  const path = join(SOURCE, `${file}.ts`)
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022)
  return source.statements.flatMap((statement): Import[] => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const name = statement.moduleSpecifier
    if (!name || !ts.isStringLiteral(name)) return []
    const isPackage = !name.text.startsWith('.')
    const target = isPackage ? packageOf(name.text) : targetOf(path, name.text)
    return [{ target, isPackage, isType: bringsOnlyTypes(statement) }]
  })
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

function targetOf(path: string, name: string): string {
  const target = resolve(dirname(path), name)
  const file = existsSync(`${target}.ts`) ? target : join(target, 'index')
  return relative(SOURCE, file).replaceAll('\\', '/')
}

function bringsOnlyTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause, isTypeOnly } = statement
    if (isTypeOnly || !exportClause || !ts.isNamedExports(exportClause)) return isTypeOnly
    return exportClause.elements.every((element) => element.isTypeOnly)
  }
  const clause = statement.importClause
  if (!clause) return false
  if (clause.isTypeOnly) return true
  const bindings = clause.namedBindings
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false
  return bindings.elements.every((element) => element.isTypeOnly)
}

function ruleOf(file: string): [string, Rule] {
  const found = Object.entries(RULES).find(([place]) => isIn(file, place))
  if (!found) throw new Error(`src/${file}.ts is in no room: give its folder a rule`)
  return found
}

test('every import goes to a room below', () => {
  const offences = [...imports].flatMap(([file, all]) => {
    const [place, rule] = ruleOf(file)
    const room = place.split('/')[0]!
    return all
      .filter(({ target, isPackage, isType }) => {
        if (isPackage) return rule.withoutPackages?.includes(target)
        if (isIn(target, place) || (place === room && isIn(target, room))) return false
        const allowed = isType ? [...rule.uses, ...(rule.types ?? [])] : rule.uses
        return !allowed.some((use) => isIn(target, use))
      })
      .map(({ target, isType }) => `${file} -> ${target}${isType ? ' (types)' : ''}`)
  })
  expect(offences).toEqual([])
})

test('what is inside a closed room stays there', () => {
  const offences = [...imports].flatMap(([file, all]) =>
    all
      .filter(({ target, isPackage }) => {
        const closed = isPackage ? undefined : Object.entries(CLOSED).find(([place]) => isIn(target, place))
        return closed && !isIn(file, closed[0]) && !closed[1].some((place) => isIn(file, place))
      })
      .map(({ target }) => `${file} -> ${target}`)
  )
  expect(offences).toEqual([])
})

test.each([
  ['resolvers/admin-v1', 'resolvers/admin-v2'],
  ['resolvers/agent', 'resolvers/merchant']
])('%s and %s do not know each other', (one, other) => {
  const offences = [...imports].flatMap(([file, all]) =>
    all
      .filter(({ target }) => (isIn(file, one) && isIn(target, other)) || (isIn(file, other) && isIn(target, one)))
      .map(({ target }) => `${file} -> ${target}`)
  )
  expect(offences).toEqual([])
})

test('the rules of the ledger are pure: no clock, no chance, no input or output', () => {
  for (const file of ['ledger/rules', 'ledger/effects', 'ledger/book']) {
    const packages = imports.get(file)!.flatMap(({ target, isPackage }) => (isPackage ? [target] : []))
    expect({ file, packages: packages.filter((name) => name !== 'node:assert') }).toEqual({ file, packages: [] })
    const text = readFileSync(join(SOURCE, `${file}.ts`), 'utf8')
    expect({ file, impure: /\bDate\.|new Date|Math\.random|process\.|performance\.|setTimeout/.exec(text) }).toEqual({
      file,
      impure: null
    })
  }
})

test('no module needs itself, by whatever way round', () => {
  expect(findCycle()).toBeUndefined()
})

/** A way of imports of values that comes back to where it began. Entities refer to each other by thunks. */
function findCycle(): string | undefined {
  const done = new Set<string>()
  const way: string[] = []
  const walk = (file: string): string | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file].join(' -> ')
    if (done.has(file)) return undefined
    way.push(file)
    for (const { target, isPackage, isType } of imports.get(file) ?? []) {
      if (isPackage || isType || (isIn(file, 'entities') && isIn(target, 'entities'))) continue
      const cycle = walk(target)
      if (cycle) return cycle
    }
    way.pop()
    done.add(file)
    return undefined
  }
  for (const file of files) {
    const cycle = walk(file)
    if (cycle) return cycle
  }
  return undefined
}
