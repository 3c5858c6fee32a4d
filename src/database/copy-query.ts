/**
 * COPY FROM STDIN on a pipelined connection: the statement and all its data are sent at once, without
 * waiting for the server to ask for them. The protocol allows it: a server that refuses the statement reads
 * and discards the data that follows.
 */
import type { Connection } from 'pg'
import { SettledQuery } from './settled-query'

/** The parts of pg's connection that its published types leave out. */
interface CopyConnection extends Connection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** Done when the server has taken in all rows. */
export class CopyQuery extends SettledQuery<never> {
  constructor(statement: string, data: Buffer) {
    super(statement, [])
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
