/** Records what the connections of this process send, also inside sequences. */
import { Query } from 'pg'

export interface Sent {
  readonly name: string | undefined
  readonly text: string
  readonly values: readonly unknown[]
}

/** Calls `take` with each statement until the mocks are restored. */
export function recordStatements(take: (statement: Sent) => void): void {
  const original = Query.prototype.submit
  jest.spyOn(Query.prototype, 'submit').mockImplementation(function (this: Query, connection): void {
    const { name, text, values } = this as unknown as Sent
    take({ name, text, values: values ?? [] })
    // What it returns says whether it was sent.
    return original.call(this, connection)
  })
}
