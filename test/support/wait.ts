const POLL_MILLISECONDS = 10

/** Waits for what must come; the test's own limit is the end of patience. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS))
}
