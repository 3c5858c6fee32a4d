/**
 * Goal: two nodes that only know each other by URLs pay across currencies, and the demo that shows it tells the truth.
 * Method: run it as a newcomer does, and hold what it prints against the numbers of its story.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'

const ROOT = resolve(__dirname, '../..')

function demo(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = ['-r', './scripts/register.cjs', 'src/cli/hazina.ts', 'demo-network', ...args]
  const child = spawn(process.execPath, program, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })))
}

const leftBehind = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('hazina-demo-'))

test('a payment across two nodes: what leaves one arrives at the other at the rate, and both ledgers are clean', async () => {
  const before = new Set(leftBehind())
  const { code, out, err } = await demo()
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const line of [
    /Quote: at most 202\.03 USD/,
    /Payment: COMPLETED, 200\.00 USD sent/,
    /Accra: what left towards Berlin +200\.00 USD +ok/,
    /Berlin: what arrived from Accra +200\.00 USD +ok/,
    /Berlin: what Bob received, at the rate +100\.00 EUR +ok/,
    /what Alice has +800\.00 USD +ok/,
    /what Bob has +100\.00 EUR +ok/,
    /Accra owes Berlin 200\.00 USD/
  ]) {
    expect(out).toMatch(line)
  }
  expect(out).not.toContain('NOT')
  expect(out.match(/^ {2}OK: \d+ transfers.* 0 open holds/gm)).toHaveLength(2)
  expect(leftBehind().filter((name) => !before.has(name))).toEqual([])
}, 180_000)

test('it says what it does', async () => {
  const { code, out } = await demo('--help')
  expect(code).toBe(0)
  expect(out).toContain('Starts two nodes with different currencies')
})
