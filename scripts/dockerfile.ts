/** A Dockerfile as its instructions, as far as ours uses them. Whatever is not known is an error. */

export interface Instruction {
  readonly name: string
  readonly text: string
}

export interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly Instruction[]
}

const KNOWN = ['COPY', 'RUN', 'ENV', 'WORKDIR', 'USER', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD']

export function parseDockerfile(source: string): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const line of source.replace(/\\\n/g, ' ').split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
    if (name === 'FROM') {
      const [, base = '', stage] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text) ?? []
      stages.push({ name: stage ?? String(stages.length), base, instructions: [] })
    } else if (KNOWN.includes(name)) {
      stages.at(-1)!.instructions.push({ name, text })
    } else throw new Error(`Dockerfile: ${line}: an instruction that the rehearsal does not know`)
  }
  return stages
}

export interface Copy {
  /** The stage that is copied from; undefined for the context. */
  readonly from: string | undefined
  readonly sources: readonly string[]
  readonly target: string
}

export function parseCopy(text: string): Copy {
  const words = text.split(/\s+/)
  const flags = words.filter((word) => word.startsWith('--'))
  const paths = words.filter((word) => !word.startsWith('--'))
  const unknown = flags.find((flag) => !flag.startsWith('--from='))
  if (unknown || paths.length < 2) throw new Error(`Dockerfile: COPY ${text}: not known to the rehearsal`)
  return { from: flags[0]?.slice('--from='.length), sources: paths.slice(0, -1), target: paths.at(-1)! }
}

export function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/\s+/).map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Error(`Dockerfile: ENV ${text}: not known to the rehearsal`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    })
  )
}

/** The exec form of CMD and HEALTHCHECK: a JSON array after the flags. */
export function parseExec(text: string): [string, ...string[]] {
  const words: unknown = JSON.parse(text.slice(text.indexOf('[')))
  if (!Array.isArray(words) || words.length === 0 || !words.every((word) => typeof word === 'string')) {
    throw new Error(`Dockerfile: ${text}: write it as a JSON array, so that no shell stands between`)
  }
  return words as [string, ...string[]]
}

/** Whether `.dockerignore` keeps a path of the context out. Names of folders and files only, no patterns. */
export function isIgnored(path: string, ignore: string): boolean {
  const names = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const pattern = names.find((name) => /[*?!]/.test(name))
  if (pattern) throw new Error(`.dockerignore: ${pattern}: the rehearsal knows no patterns`)
  return names.some((name) => path === name || path.startsWith(`${name}/`))
}
