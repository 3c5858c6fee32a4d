// Test files are run as they are written, through swc; types are checked by `npm run typecheck`.
const transform = [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false }
    },
    module: { type: 'commonjs' }
  }
]

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.'],
  transform: { '\\.ts$': transform },
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // One worker a core: the tests wait for processes and servers more than they compute.
  maxWorkers: '100%',
  // Tests start servers and processes; a bound that only a hanging test reaches.
  testTimeout: process.env.HAZINA_TEST_LONG === '1' ? 1_800_000 : 120_000
}
