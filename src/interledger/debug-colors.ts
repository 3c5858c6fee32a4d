/**
 * Imported before any Interledger library. Each packet makes loggers there, and each logger would ask the
 * terminal whether it shows colours: a quarter of what receiving a packet costs.
 */
process.env.DEBUG_COLORS ??= '0'
