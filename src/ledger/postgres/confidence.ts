/** Most batches that ask what there is before one relies on what is known again. */
const ASKING_MAX = 64
/** So many in a row that asked and found what was known already say that nobody else is writing any more. */
const UNCHANGED_ENOUGH = 3

/**
 * Whether a batch may rely on what the one before left behind. Alone, a process is always right; where several write in
 * turns it is mostly wrong. Wrong once, it asks once; each further time in a row it asks for twice as many batches, or
 * until what it finds says that it is alone again.
 */
export class Confidence {
  private asking = 0
  private askingNext = 1
  private unchanged = 0

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
    this.unchanged = 0
    this.asking = this.askingNext
    this.askingNext = Math.min(2 * this.askingNext, ASKING_MAX)
  }

  /** What a batch found that asked: whether the last batch was the one that was known. */
  found(isUnchanged: boolean): void {
    this.unchanged = isUnchanged ? this.unchanged + 1 : 0
    if (this.unchanged >= UNCHANGED_ENOUGH) this.asking = 0
  }
}
