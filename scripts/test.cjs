// Everything that a change must pass, one step after the other, each shown as it runs. The first line that fails
// does not stop the others: a run says all that is wrong. The last line counts the tests.
//
//   npm test
const { spawnSync } = require('node:child_process')
const { mkdtempSync, readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const folder = mkdtempSync(join(tmpdir(), 'hazina-tests-'))
const report = join(folder, 'jest.json')
const npm = (script) => ['npm', ['run', '--silent', script]]

const STEPS = [
  ['types', ...npm('typecheck')],
  ['lint', ...npm('lint')],
  ['the table of settings', ...npm('settings:check')],
  ['the emitted schemas', ...npm('schema:check')],
  ['the generated client', ...npm('client:check')],
  ['tests', process.execPath, ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, '--silent']],
  ['the container', ...npm('container:rehearsal')]
]

const failed = []
for (const [index, [name, command, args]] of STEPS.entries()) {
  const start = Date.now()
  console.log(`\n[${index + 1}/${STEPS.length}] ${name}`)
  // Jest prints its report in JSON on standard output besides the file; its progress is on standard error.
  const stdio = name === 'tests' ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'inherit', 'inherit']
  const { status } = spawnSync(command, args, { stdio })
  const seconds = Math.round((Date.now() - start) / 1_000)
  console.log(`[${index + 1}/${STEPS.length}] ${name}: ${status === 0 ? 'passed' : 'FAILED'} (${seconds} s)`)
  if (status !== 0) failed.push(name)
}

const { passed, failing, skipped } = counts()
rmSync(folder, { recursive: true, force: true })
console.log(failed.length > 0 ? `\nFailed: ${failed.join(', ')}.` : '\nAll steps passed.')
// Steps that are not tests of their own count as one each.
const others = STEPS.length - 1
const othersFailed = failed.filter((name) => name !== 'tests').length
console.log(`${passed + others - othersFailed} passed, ${failing + othersFailed} failed, ${skipped} skipped`)
process.exitCode = failed.length > 0 ? 1 : 0

function counts() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8')
    )
    return { passed: numPassedTests, failing: Math.max(numFailedTests, numFailedTestSuites), skipped: numPendingTests }
  } catch {
    return { passed: 0, failing: 1, skipped: 0 }
  }
}
