// How much of something a test does: little each time, much in the long suite.

/** What `npm test -- --long FILE` sets for the test files it runs. */
export const longSuite = 'LEADLIGHT_LONG_SUITE'

/** @returns `long` under `npm test -- --long`, otherwise `short`. */
export const dose = <T>({ short, long }: { short: T; long: T }): T => (process.env[longSuite] === 'true' ? long : short)
