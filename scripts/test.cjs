// `npm test`: everything that has to hold, in one command. `npm test -- <paths>` runs those test files only.
// HAZINA_TEST_LONG=1 takes the long form of the suites that have one. The last line tells the totals.
const { spawn } = require('node:child_process')
const { readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const ROOT = join(__dirname, '..')
const REGISTER = ['-r', join(ROOT, 'scripts', 'register.cjs')]
const bin = (...path) => join(ROOT, 'node_modules', ...path)
const CHECKS = [
  // Two lanes that run beside each other; what is in a lane takes turns.
  [
    ['types', [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit']],
    ['build', ['scripts/build.cjs']],
    ['schemas are up to date', ['dist/src/cli/emit-schemas.js', '--check']],
    ['generated client is up to date', [...REGISTER, 'clients/typescript/generate.ts', '--check']],
    ['table of settings is up to date', [...REGISTER, 'scripts/settings-table.ts', '--check']],
    ['format', [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']]
  ],
  [
    ['lint', [bin('eslint', 'bin', 'eslint.js'), '.']],
    ['container rehearsal', [...REGISTER, 'scripts/container-rehearsal.ts']]
  ]
]

function run(args, stdio) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

async function check([name, args]) {
  const begun = Date.now()
  const { code, output } = await run(args, ['ignore', 'pipe', 'pipe'])
  const seconds = ((Date.now() - begun) / 1_000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
  if (code !== 0) console.log(output.trimEnd())
  return code === 0
}

async function lane(checks) {
  const results = []
  for (const each of checks) results.push(await check(each))
  return results
}

async function jest(paths) {
  const report = join(tmpdir(), `hazina-jest-${process.pid}.json`)
  const args = [bin('jest', 'bin', 'jest.js'), '--json', '--outputFile', report, ...paths]
  const { code } = await run(args, ['ignore', 'ignore', 'inherit'])
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'))
    const failed = numFailedTests + numRuntimeErrorTestSuites
    return { passed: numPassedTests, failed: code === 0 ? failed : Math.max(1, failed) }
  } catch (error) {
    console.error(`jest ended with ${code} and left no report: ${error.message}`)
    return { passed: 0, failed: 1 }
  } finally {
    rmSync(report, { force: true })
  }
}

async function main(paths) {
  const checks = paths.length > 0 ? [] : (await Promise.all(CHECKS.map(lane))).flat()
  const tests = await jest(paths)
  const passed = tests.passed + checks.filter((isFine) => isFine).length
  const failed = tests.failed + checks.filter((isFine) => !isFine).length
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

main(process.argv.slice(2))
