/** The script and the stylesheet of the pages: read once, and nothing else is served from the folder. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure'
import { READING, type Route } from '../routes'

const FOLDER = join(__dirname, 'assets')
const TYPES: Readonly<Record<string, string>> = {
  'pay.css': 'text/css; charset=utf-8',
  'pay.js': 'text/javascript; charset=utf-8',
  'pay.svg': 'image/svg+xml'
}

export function assetRoute(path: string): Route {
  const texts = new Map(Object.keys(TYPES).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]))
  return {
    path: `${path}/*`,
    methods: READING,
    handle: (exchange) => {
      const name = exchange.path.slice(path.length + 1)
      const text = texts.get(name)
      if (text === undefined) throw new Failure('NOT_FOUND', 'Nothing is served at this path')
      exchange.send(200, text, TYPES[name])
    }
  }
}
