/**
 * Documentation that runs: the shell examples of a page, in order, and the output that the page shows.
 *
 * A fenced block says what is done with it: ```sh run executes it, ```sh start starts it and leaves it running,
 * and the block ```text output or ```json output after it is what it must print.
 */
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'

export const ROOT = resolve(__dirname, '../../..')

export interface Example {
  readonly kind: 'run' | 'start'
  readonly line: number
  readonly command: string
  readonly output: string | undefined
}

export interface Page {
  readonly name: string
  readonly text: string
  readonly examples: readonly Example[]
  /** Shell blocks that nobody runs. */
  readonly unmarked: readonly { readonly line: number; readonly command: string }[]
}

interface Block {
  readonly info: string
  readonly line: number
  readonly body: string
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm
const SHELLS = ['sh', 'bash', 'shell', 'console', 'powershell', 'zsh']

export function readPage(path: string): Page {
  const text = readFileSync(resolve(ROOT, path), 'utf8')
  const blocks = [...text.matchAll(FENCE)].map((match): Block => ({
    info: match[1]!.trim(),
    line: text.slice(0, match.index).split('\n').length,
    body: match[2]!
  }))
  const examples = blocks.flatMap(({ info, line, body }, index): Example[] => {
    const kind = info === 'sh run' ? 'run' : info === 'sh start' ? 'start' : undefined
    if (!kind) return []
    const next = blocks[index + 1]
    const output = next?.info.endsWith(' output') ? next.body : undefined
    return [{ kind, line, command: body, output }]
  })
  const unmarked = blocks
    .filter(({ info }) => SHELLS.includes(info.split(' ')[0]!) && info !== 'sh run' && info !== 'sh start')
    .map(({ line, body }) => ({ line, command: body }))
  return { name: relative(ROOT, resolve(ROOT, path)), text, examples, unmarked }
}

const PATTERNS: readonly [string, RegExp][] = [
  ['uuid', /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi],
  ['time', /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g],
  ['hash', /\b[0-9a-f]{64}\b/g],
  ['run', /\b[0-9a-f]{8}\b/g]
]

/**
 * The text with everything that differs from run to run replaced by what it is, numbered in order of
 * appearance, so that two places that show the same id must still agree.
 */
export function normalise(text: string): string {
  let result = text
  for (const [name, pattern] of PATTERNS) {
    const seen = new Map<string, string>()
    result = result.replace(pattern, (found) => {
      if (name === 'time') return '<time>'
      if (!seen.has(found)) seen.set(found, `<${name} ${seen.size + 1}>`)
      return seen.get(found)!
    })
  }
  return result
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
}

/** JSON compares as a value, so that a page may lay it out for people. */
export function comparable(text: string): unknown {
  const normal = normalise(text)
  try {
    return JSON.parse(normal) as unknown
  } catch {
    return normal
  }
}
