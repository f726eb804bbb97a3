// Interleaved rounds: what is compared runs in turns, so that a busy minute of the machine meets everyone.

/** Runs each variant once to warm up, then `rounds` times in turns. */
export async function interleave<Name extends string, Result>(
  variants: Record<Name, () => Promise<Result>>,
  { rounds, say }: { rounds: number; say: (line: string) => void },
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(variants) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Result[]>
  for (const name of names) {
    say(`warm-up: ${name}`)
    await variants[name]()
  }
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      say(`round ${round} of ${rounds}: ${name}`)
      results[name].push(await variants[name]())
    }
  }
  return results
}
