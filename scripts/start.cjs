// The service's command line from the sources: builds what has changed, then runs the command in this very process,
// so that signals reach it directly.
const { build, PROGRAM } = require('./build.cjs')

const code = build()
if (code !== 0) process.exit(code)
process.argv = [process.execPath, PROGRAM, ...process.argv.slice(2)]
require(PROGRAM)
