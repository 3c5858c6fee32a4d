/**
 * Writes the table of settings into README.md, or with `--check` fails when it is not up to date.
 *
 *   npm run settings
 *   npm run settings:check
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsTable } from '../src/config'

const FILE = join(__dirname, '..', 'README.md')
const PLACE = /(<!-- settings:begin -->)[\s\S]*?(<!-- settings:end -->)/

function main(isCheck: boolean): void {
  const text = readFileSync(FILE, 'utf8')
  if (!PLACE.test(text))
    throw new Error('README.md has no place for the settings: <!-- settings:begin -->, <!-- settings:end -->')
  const wanted = text.replace(PLACE, (_, begin: string, end: string) => `${begin}\n\n${settingsTable()}\n\n${end}`)
  if (wanted === text) return
  if (!isCheck) return writeFileSync(FILE, wanted)
  console.error('The table of settings in README.md is out of date: run npm run settings')
  process.exitCode = 1
}

main(process.argv.includes('--check'))
