/** What benchmarks print: one JSON line a measurement on standard output, progress on standard error. */

export interface Measurement {
  readonly name: string
  readonly unit: string
  readonly figure: number
  /** The same work at its floor, measured in the same run. */
  readonly ceiling?: number
  /** CPU of the server's process, microseconds a unit, and of that at the floor: other processes are not in it. */
  readonly cpuMicroseconds?: number
  readonly ceilingCpuMicroseconds?: number
  readonly [detail: string]: unknown
}

export function report({ ceiling, figure, ...rest }: Measurement): void {
  const { cpuMicroseconds: cpu, ceilingCpuMicroseconds: ceilingCpu } = rest
  const cpuRatio = cpu && ceilingCpu ? { cpuRatio: Number((ceilingCpu / cpu).toFixed(3)) } : {}
  const ratio =
    ceiling === undefined ? {} : { ceiling: Math.round(ceiling), ratio: Number((figure / ceiling).toFixed(3)) }
  process.stdout.write(
    `${JSON.stringify({ ...rest, figure: Number(figure.toFixed(figure < 100 ? 2 : 0)), ...ratio, ...cpuRatio })}\n`
  )
}

export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Runs `work` over and over for at least `seconds`; returns units done a second. */
export async function ratePerSecond(seconds: number, work: () => Promise<number>): Promise<number> {
  const start = process.hrtime.bigint()
  const end = start + BigInt(Math.round(seconds * 1e9))
  let done = 0
  while (process.hrtime.bigint() < end) done += await work()
  return (done * 1e9) / Number(process.hrtime.bigint() - start)
}
