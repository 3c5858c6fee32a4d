/**
 * Writes each schema to `schema/<name>.graphql` and the document of the operator routes to
 * `schema/operator.openapi.json`, or with `--check` compares and fails on a difference.
 *
 *   npm run schema
 *   npm run schema:check
 */
import 'reflect-metadata'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { container } from 'tsyringe'
import { documentText } from '../http/operator/document'
import { OPERATIONS } from '../http/operator/operations'
import { printSorted, SCHEMAS } from '../resolvers/schemas'

function texts(): [name: string, text: string][] {
  const schemas = Object.entries(SCHEMAS).map(([name, build]): [string, string] => [
    `${name}.graphql`,
    printSorted(build(container))
  ])
  return [...schemas, ['operator.openapi.json', documentText(OPERATIONS)]]
}

function main(folder: string, check: boolean): void {
  const differing: string[] = []
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of texts()) {
    const file = join(folder, name)
    if (!check) writeFileSync(file, text)
    else if (readOrNothing(file) !== text) differing.push(file)
  }
  if (differing.length === 0) return
  console.error(`out of date: ${differing.join(', ')}; run npm run schema`)
  process.exitCode = 1
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const [flag, folder = flag === '--check' ? undefined : flag] = process.argv.slice(2)
main(folder ?? 'schema', flag === '--check')
