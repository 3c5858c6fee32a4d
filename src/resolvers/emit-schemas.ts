/**
 * Writes each schema to `schema/<name>.graphql`, or with `--check` compares and fails on a difference.
 *
 *   npm run schema
 *   npm run schema:check
 */
import 'reflect-metadata'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { container } from 'tsyringe'
import { printSorted, SCHEMAS } from './schemas'

function main(folder: string, check: boolean): void {
  const differing: string[] = []
  mkdirSync(folder, { recursive: true })
  for (const [name, build] of Object.entries(SCHEMAS)) {
    const file = join(folder, `${name}.graphql`)
    const text = printSorted(build(container))
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
