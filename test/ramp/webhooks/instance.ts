/** One instance of the workers in a process of its own, to be killed. Argument: the database. */
import 'reflect-metadata'
import { startRampWorkers } from './support'

const [, , databaseUrl] = process.argv
if (databaseUrl === undefined) throw new Error('usage: instance.ts <database>')
startRampWorkers(databaseUrl, { rampWebhookTimeoutMilliseconds: 1_500 }, { leaseMarginMilliseconds: 0 })
