import { randomUUID } from 'node:crypto'

/** A UUID that says it is of version 1. */
export function v1(): string {
  return randomUUID().replace(/^(.{14})4/, '$11')
}
