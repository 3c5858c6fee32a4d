/**
 * What the service counts. Counting a request is two map look-ups and an addition; everything that costs
 * more happens when somebody reads the figures.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry, type Metric } from 'prom-client'
import type { Authenticate } from './access'
import type { Exchange } from './exchange'
import { UNAUTHENTICATED } from './failure'
import { READING, type Route } from './routes'

/** A number that another part of the service knows. */
export interface Figure {
  /** In Prometheus' manner: `hazina_ledger_queue_length`. */
  readonly name: string
  readonly help: string
  /** A counter only grows while the process lives; a gauge moves. */
  readonly kind: 'counter' | 'gauge'
  readonly read: () => number | Promise<number>
}

/** Numbers with labels that another part of the service knows, in the shape of a family of Prometheus. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  read(): readonly FamilyValue[] | Promise<readonly FamilyValue[]>
}

export interface FamilyValue {
  /** Of a part of a histogram; the family's name otherwise. */
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** Upper bounds of the histogram's buckets, in seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A bound for labels that should be bounded already; what is over it is counted under one name. */
const SERIES_MAX = 2_000
const OTHER = 'other'

interface Labels {
  readonly path: string
  readonly operation: string
  readonly status: number
}

class Series {
  readonly buckets = new Float64Array(BUCKETS.length + 1)
  sum = 0
  constructor(readonly labels: Labels) {}

  add(seconds: number): void {
    let bucket = 0
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? Infinity)) bucket += 1
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
    this.sum += seconds
  }
}

/** A histogram by path, operation and status in the shape that prom-client's registry reads. */
class DurationHistogram {
  readonly name = 'hazina_http_request_duration_seconds'
  readonly help = 'Time from the head of a request to the end of its answer'
  readonly type = 'histogram'
  readonly aggregator = 'sum'
  private readonly series = new Map<string, Series>()

  observe(labels: Labels, seconds: number): void {
    const key = `${labels.path}\n${labels.operation}\n${labels.status}`
    const known = this.series.get(key)
    if (known) return known.add(seconds)
    if (this.series.size >= SERIES_MAX && labels.operation !== OTHER) {
      return this.observe({ path: OTHER, operation: OTHER, status: labels.status }, seconds)
    }
    const fresh = new Series(labels)
    this.series.set(key, fresh)
    fresh.add(seconds)
  }

  get(): Promise<unknown> {
    const { name, help, type, aggregator } = this
    const values = [...this.series.values()].flatMap((series) => this.valuesOf(series))
    return Promise.resolve({ name, help, type, aggregator, values })
  }

  reset(): void {
    this.series.clear()
  }

  private valuesOf({ labels, buckets, sum }: Series): unknown[] {
    let count = 0
    const values = [...BUCKETS, '+Inf'].map((le, bucket) => {
      count += buckets[bucket] ?? 0
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: count }
    })
    return [
      ...values,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count }
    ]
  }
}

export interface MetricsOptions {
  readonly figures?: readonly Figure[]
  readonly families?: readonly Family[]
  /** Whether to tell about memory, event loop and garbage collection too; true by default. */
  readonly hasProcessFigures?: boolean
}

export class Metrics {
  private readonly registry = new Registry()
  private readonly durations = new DurationHistogram()

  constructor({ figures = [], families = [], hasProcessFigures = true }: MetricsOptions = {}) {
    this.registry.registerMetric(this.durations as unknown as Metric)
    if (hasProcessFigures) collectDefaultMetrics({ register: this.registry, prefix: 'hazina_' })
    for (const figure of figures) this.add(figure)
    for (const family of families) {
      const { name, help, type } = family
      const get = async (): Promise<unknown> => ({ name, help, type, aggregator: 'sum', values: await family.read() })
      this.registry.registerMetric({ name, help, type, get, reset: () => undefined } as unknown as Metric)
    }
  }

  add({ name, help, kind, read }: Figure): void {
    const registers = [this.registry]
    if (kind === 'gauge') {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read())
        }
      })
    } else {
      new Counter({
        name,
        help,
        registers,
        async collect() {
          this.reset()
          this.inc(await read())
        }
      })
    }
  }

  /** Counts a finished exchange. */
  observe(exchange: Exchange, status: number, milliseconds: number): void {
    const { route = OTHER, operation = OTHER } = exchange
    this.durations.observe({ path: route, operation, status }, milliseconds / 1_000)
  }

  /** The figures in Prometheus' text format, for whoever may come in. */
  route(authenticate: Authenticate): Route {
    return {
      path: '/metrics',
      methods: READING,
      handle: async (exchange) => {
        if (!(await authenticate(exchange))) return exchange.fail(UNAUTHENTICATED, ['www-authenticate', 'Bearer'])
        exchange.send(200, await this.registry.metrics(), this.registry.contentType)
      }
    }
  }
}
