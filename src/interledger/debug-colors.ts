/**
 * Imported before any Interledger library, and by the process before everything else, since other libraries use
 * the same logger. Each packet makes loggers there, and each logger would ask the terminal whether it shows
 * colours: a quarter of what receiving a packet costs.
 */
process.env.DEBUG_COLORS ??= '0'
