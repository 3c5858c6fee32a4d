/**
 * Who uses the server, by process number. The pipe decides how long the server runs; this list only tells the
 * one who leaves whether to wait for its end.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './embedded-lock'

export function addUser(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, String(process.pid))
  // A file of this name is of a process that was killed, maybe of another account.
  rmSync(file, { force: true })
  writeFileSync(file, '')
}

/** True when nobody else is left. Of several who leave at once, at least the last one is told so. */
export function removeUser(folder: string): boolean {
  rmSync(join(folder, String(process.pid)), { force: true })
  const others = readdirSync(folder).filter((name) => {
    if (isAlive(Number(name))) return true
    rmSync(join(folder, name), { force: true })
    return false
  })
  return others.length === 0
}
