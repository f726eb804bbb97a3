// The fetch under what a page's OpenTelemetry and Sentry have wrapped around it: of our requests they are to make no spans and breadcrumbs.

/** The marks that both leave on a fetch that they have wrapped. */
type Wrapped = typeof fetch & { __original?: Wrapped; __sentry_original__?: typeof fetch }

/** Whichever of the two came first. */
export const ownFetch = ({ __original: own = fetch }: Wrapped = fetch): typeof fetch => own.__sentry_original__ ?? own
