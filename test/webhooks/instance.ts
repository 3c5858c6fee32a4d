/** One instance of the workers in a process of its own, to be killed. Arguments: database, receiver. */
import 'reflect-metadata'
import { startWorkers } from './support'

const [, , databaseUrl, url] = process.argv
if (databaseUrl === undefined || url === undefined) throw new Error('usage: instance.ts <database> <receiver>')
startWorkers(databaseUrl, { url, leaseMarginMilliseconds: 0, timeoutMilliseconds: 1_500 })
