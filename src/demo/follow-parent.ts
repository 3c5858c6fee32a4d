/**
 * Loaded into the service that a demo starts: when the demo is gone, however it went, the service stops as if it
 * had been told to. The demo holds the other end of standard input and never writes to it.
 */
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'))
process.stdin.on('error', () => process.kill(process.pid, 'SIGTERM'))
process.stdin.resume()
// Waiting for the end of a parent is no reason to live.
;(process.stdin as unknown as { unref?: () => void }).unref?.()
