#!/usr/bin/env node
/** The command line of the service. */
import 'reflect-metadata'
import '../interledger/debug-colors'
import { Command } from 'commander'
import { ConfigError, loadConfig, SETTINGS } from '../config'
import { DatabaseUnavailable } from '../database/connect'
import { UnsafeDatabase } from '../database/startup-checks'
import { demoCommand } from './demo'
import { demoNetworkCommand } from './demo-network'
import { grantCommand } from './grant'
import { migrateCommand } from './migrate'
import { rampCommand } from './ramp'
import { startCommand } from './start'
import { verifyCommand } from './verify'

function program(): Command {
  return new Command('hazina')
    .description('A payments core: a typed GraphQL API over a double-entry ledger on one PostgreSQL')
    .addHelpText('after', '\nSettings are environment variables; the README lists them.')
    .addCommand(startCommand())
    .addCommand(migrateCommand())
    .addCommand(verifyCommand())
    .addCommand(grantCommand())
    .addCommand(rampCommand())
    .addCommand(demoCommand())
    .addCommand(demoNetworkCommand())
}

/** Failures that say all there is to say; others keep their stack. */
function describe(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseUnavailable || error instanceof UnsafeDatabase) {
    return error.message
  }
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const setting = syscall === 'listen' ? portSetting(port) : ''
  if (syscall === 'listen' && code === 'EADDRINUSE') {
    return `${setting}=${port} is taken on ${address}. Is the service running already? Set ${setting} to start another.`
  }
  if (syscall === 'listen') return `The service cannot listen on HOST=${address} ${setting}=${port}: ${code}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** The setting that names a port. */
function portSetting(port: number | undefined): string {
  const config = loadConfig(process.env)
  const { adminPort, connectorPort, openPaymentsPort, authPort } = SETTINGS
  const settings = { adminPort, connectorPort, openPaymentsPort, authPort }
  const key = Object.keys(settings).find((name) => config[name as keyof typeof settings] === port)
  return settings[(key ?? 'adminPort') as keyof typeof settings].name
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    console.error(describe(error))
    process.exitCode = 1
  })
