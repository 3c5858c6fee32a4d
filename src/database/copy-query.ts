/**
 * COPY FROM STDIN on a pipelined connection: the statement and all its data are sent at once, without
 * waiting for the server to ask for them. The protocol allows it: a server that refuses the statement reads
 * and discards the data that follows.
 */
import { Query, type Connection } from 'pg'

/** The parts of pg's connection that its published types leave out. */
interface CopyConnection extends Connection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

export class CopyQuery extends Query {
  /** Resolves when the server has taken in all rows. */
  readonly done: Promise<void>

  constructor(statement: string, data: Buffer) {
    let settle: (error?: Error | null) => void = () => undefined
    const done = new Promise<void>((resolve, reject) => {
      settle = (error) => (error ? reject(error) : resolve())
    })
    super({ text: statement, values: [] })
    this.done = done
    Object.assign(this, { callback: settle })
    this.submit = (connection: Connection): void => {
      const copy = connection as CopyConnection
      copy.query(statement)
      copy.sendCopyFromChunk(data)
      copy.endCopyFrom()
    }
  }

  handleCopyInResponse(): void {
    // The data is already on its way.
  }
}
