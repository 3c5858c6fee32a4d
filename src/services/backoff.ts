/**
 * How long to wait after so many failures in a row: from `first` on, twice as long each time up to `longest`,
 * and up to a fifth more at random, so that those who failed together do not come back together. Never less
 * than the plain value.
 */
export function backoffMilliseconds(
  failures: number,
  first: number,
  longest: number,
  random: () => number = Math.random
): number {
  // Past thirty doublings every sensible pause has reached its longest.
  const doublings = Math.min(Math.max(failures, 1) - 1, 30)
  const plain = Math.min(first * 2 ** doublings, longest)
  return plain + Math.floor((random() * plain) / 5)
}
