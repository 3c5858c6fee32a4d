// Runs TypeScript directly: node -r ./scripts/register.cjs file.ts
// Output is cached under node_modules/.cache by content, so a second start costs no compilation.
const { createHash } = require('node:crypto')
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const Module = require('node:module')

const options = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false }
  },
  module: { type: 'commonjs' }
}
const cache = join(__dirname, '..', 'node_modules', '.cache', 'hazina-register')
mkdirSync(cache, { recursive: true })
process.setSourceMapsEnabled(true)

Module._extensions['.ts'] = function compile(module, filename) {
  const source = readFileSync(filename, 'utf8')
  const key = createHash('sha256').update(JSON.stringify(options)).update(filename).update(source).digest('hex')
  const cached = join(cache, `${key}.js`)
  if (!existsSync(cached)) {
    const { code } = require('@swc/core').transformSync(source, { ...options, filename })
    writeFileSync(`${cached}.${process.pid}`, code)
    renameSync(`${cached}.${process.pid}`, cached)
  }
  module._compile(readFileSync(cached, 'utf8'), filename)
}
