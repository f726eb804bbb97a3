// How much of an objective's error budget is left, as PromQL: what dashboards and people ask; no rule does, it reads a month.
import type { Objective } from './thresholds.ts'

/** 1 is all, 0 nothing; below 0 the objective is missed. Nothing without requests in its window. */
export function budgetLeft({ route, target, seconds, window }: Objective): string {
  const all = seconds
    ? `sum(increase(leadlight_http_request_duration_seconds_count{route="${route}"}[${window}]))`
    : `sum(increase(leadlight_http_requests_total{route="${route}"}[${window}]))`
  const bad = seconds
    ? `(${all} - sum(increase(leadlight_http_request_duration_seconds_bucket{route="${route}", le="${seconds}"}[${window}])))`
    : `sum(increase(leadlight_http_requests_total{route="${route}", outcome="error"}[${window}]))`
  return `1 - ${bad} / (${all} > 0) / ${allowedShare(target)}`
}

/** Share of requests that may be bad. */
export const allowedShare = (target: number): number => Number((1 - target).toFixed(6))
