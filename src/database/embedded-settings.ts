/**
 * Server settings of the embedded PostgreSQL: durable first, then sized for a ledger, which writes much,
 * reads by index and keeps its hot accounts in memory.
 */
import { totalmem } from 'node:os'

const MEBIBYTE = 1_048_576
const SHARED_BUFFERS_MEBIBYTES_MIN = 128
const SHARED_BUFFERS_MEBIBYTES_MAX = 1_024

export function serverSettings(port: number | undefined): Record<string, string> {
  const memory = Math.floor(memoryBytes() / MEBIBYTE)
  const buffers = Math.min(SHARED_BUFFERS_MEBIBYTES_MAX, Math.max(SHARED_BUFFERS_MEBIBYTES_MIN, Math.floor(memory / 8)))
  return {
    // What is acknowledged is on disk.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Local only: the socket by default, the loopback interface when a port was asked for.
    listen_addresses: port === undefined ? '' : '127.0.0.1',
    port: String(port ?? 5432),
    unix_socket_permissions: '0700',
    max_connections: '200',
    shared_buffers: `${buffers}MB`,
    effective_cache_size: `${Math.max(256, Math.floor(memory / 2))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    // Rare checkpoints: each one makes the next change of every page log the whole page.
    max_wal_size: '2GB',
    min_wal_size: '160MB',
    wal_buffers: '16MB',
    wal_compression: 'pglz',
    checkpoint_timeout: '15min',
    // Index reads cost about the same as sequential ones on what people run this on; no query is long
    // enough to be worth compiling.
    random_page_cost: '1.1',
    jit: 'off',
    // The hot accounts are updated all the time: look often, and do not be shy.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_cost_limit: '1000',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    cluster_name: 'hazina'
  }
}

/** Memory of the machine, or of the container when it has less. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
