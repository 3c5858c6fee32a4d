/**
 * Writes the document of the operator routes to `schema/operator.openapi.json`, or with `--check` compares and
 * fails on a difference. `npm run schema` and `npm run schema:check` do both kinds of schemas.
 */
import 'reflect-metadata'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentText } from './document'
import { OPERATIONS } from './operations'

function main(folder: string, check: boolean): void {
  const file = join(folder, 'operator.openapi.json')
  const text = documentText(OPERATIONS)
  if (!check) return writeFileSync(file, text)
  if (readOrNothing(file) === text) return
  console.error(`out of date: ${file}; run npm run schema`)
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
