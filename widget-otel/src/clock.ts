// The visitor's clock, put right once the service has shown it to be wrong.

export const clock = {
  /** By how much the browser's own clock is corrected, in milliseconds. */
  correctionMs: 0,
}

/** Milliseconds since 1970, as right as we know. */
export const now = (): number => Date.now() + clock.correctionMs
