// The visitor's clock, put right once the service has shown it to be wrong.

let offsetMs = 0

/** Milliseconds since 1970, as right as we know. */
export const now = (): number => Date.now() + offsetMs

/** By how much the browser's own clock is corrected, in milliseconds. */
export const clockOffsetMs = (): number => offsetMs

export function setClockOffset(ms: number): void {
  offsetMs = ms
}
