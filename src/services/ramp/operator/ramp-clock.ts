/**
 * The ramp's clock. It is the machine's, unless an operator moved it in test mode, so that what time does to
 * orders can be seen without waiting for it.
 */
export class RampClock {
  private offset = 0

  constructor(private readonly machine: () => Date = () => new Date()) {}

  /** How far it is ahead of the machine's clock, in milliseconds. */
  get offsetMilliseconds(): number {
    return this.offset
  }

  readonly now = (): Date => new Date(this.machine().getTime() + this.offset)

  /** Only in test mode, which its caller has to make sure of. */
  move(offsetMilliseconds: number): void {
    this.offset = offsetMilliseconds
  }
}
