/** Most batches that ask what there is before one relies on what is known again. */
const ASKING_MAX = 64

/**
 * Whether a batch may rely on what the one before left behind. Alone, a process is always right; where several write in
 * turns it is mostly wrong. Wrong once, it asks once; each further time in a row it asks for twice as many batches.
 */
export class Confidence {
  private asking = 0
  private askingNext = 1

  /** To be asked once a batch. */
  isGiven(): boolean {
    if (this.asking === 0) return true
    this.asking--
    return false
  }

  wasRight(): void {
    this.askingNext = 1
  }

  wasWrong(): void {
    this.asking = this.askingNext
    this.askingNext = Math.min(2 * this.askingNext, ASKING_MAX)
  }
}
