// What was released under which version: browsers keep those files for a year, so they never change.
import type { Manifest } from './build.ts'

/** By version and file, its integrity. */
export type Released = Record<string, Record<string, string>>

/** What must be done before this build may go out with this changelog; empty when nothing. */
export function findBreaches(released: Released, { version, files }: Manifest, changelog: string): string[] {
  const kept = released[version] ?? {}
  // /widget.js is asked for anew every five minutes
  const entry = Object.entries(files).filter(([name]) => name !== 'widget.js')
  const changed = Object.keys(kept).filter((name) => files[name]?.integrity !== kept[name])
  const unkept = [...changelog.matchAll(/^## \[(\d[^\]]*)\]/gm)]
    .map(([, of]) => String(of))
    .filter((of) => !released[of])
  return [
    ...(changed.length
      ? [`${changed.join(', ')} changed since release ${version}: raise the version in widget-otel/package.json`]
      : []),
    ...unkept.map(
      (of) =>
        `CHANGELOG.md has released ${of}: keep it in widget-otel/released.json` +
        (of === version
          ? ` as ${JSON.stringify(Object.fromEntries(entry.map(([name, { integrity }]) => [name, integrity])))}`
          : ', from the manifest.json of its build'),
    ),
  ]
}
