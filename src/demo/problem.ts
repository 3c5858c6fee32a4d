/** A place in the demo's file, as editors count: from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One thing that is wrong with the file. */
export class Problem extends Error {
  constructor(
    readonly place: Place,
    reason: string
  ) {
    super(reason)
    this.name = 'Problem'
  }
}

/** Wrong only because an earlier step is: not worth a line of its own. */
export class FollowUp extends Problem {}

/** The file cannot be run; nothing was sent. */
export class WrongFile extends Error {
  constructor(
    readonly file: string,
    readonly problems: readonly Problem[]
  ) {
    super(problems.map(({ place, message }) => `${file}:${place.line}:${place.column}: ${message}`).join('\n'))
    this.name = 'WrongFile'
  }
}

/** Names the candidate that a reader most likely meant, for the end of a sentence. */
export function didYouMean(given: string, candidates: readonly string[]): string {
  const closest = candidates
    .map((candidate) => ({ candidate, distance: editDistance(given.toLowerCase(), candidate.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance)[0]
  return closest && closest.distance <= Math.max(2, given.length / 3) ? `; did you mean ${closest.candidate}?` : ''
}

/** Levenshtein's distance, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[right.length]!
}
