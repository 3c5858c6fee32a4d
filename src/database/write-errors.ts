/** Why what somebody wanted to write was not stored, or is not known to be. Known above the database too. */

/** What somebody wanted to write was refused. Nothing of its group was stored. */
export class AttachmentRefused extends Error {
  /** Name of the statement. */
  readonly statement: string
  /** The violated constraint, where the database named one. */
  readonly constraint: string | undefined
  constructor(statement: string, constraint: string | undefined, cause?: unknown) {
    super(`${statement} was refused${constraint ? ` by ${constraint}` : ''}`, { cause })
    this.name = 'AttachmentRefused'
    this.statement = statement
    this.constraint = constraint
  }
}

/** The queue is full, or somebody else is in the way; nothing was stored. Try again later. */
export class WriterBusy extends Error {
  constructor(message = 'too much is waiting to be written; try again later', options?: ErrorOptions) {
    super(message, options)
    this.name = 'WriterBusy'
  }
}

/** Somebody else has had a row for too long, so that a statement waited for it in vain. */
export class RowLocked extends WriterBusy {
  /** As the database calls it. */
  readonly code = '55P03'
  constructor(
    /** Name of the statement that waited. */
    readonly statement: string,
    cause: unknown
  ) {
    super(`${statement} waited too long for a row that somebody else has locked; try again later`, { cause })
    this.name = 'RowLocked'
  }
}

/** Nobody knows whether it was stored: the connection was lost while committing. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown, message = 'the database connection was lost while committing') {
    super(message, { cause })
    this.name = 'OutcomeUnknown'
  }
}
