/**
 * Starts a read that is needed a few steps later, so that it travels with the reads before it. If it turns
 * out not to be needed, its failure is nobody's concern.
 */
export function ahead<Value>(read: Promise<Value>): Promise<Value> {
  read.catch(() => undefined)
  return read
}
