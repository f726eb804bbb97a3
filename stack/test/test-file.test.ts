import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runTestFile } from '../src/test-file.ts'

const head = `import t from ${JSON.stringify(import.meta.resolve('tap'))}\n`

const cases: [name: string, source: string, counts: [passed: number, failed: number, skipped: number], said: RegExp][] =
  [
    [
      'assertions are counted, sums of them are not',
      't.test("a", async (t) => { t.ok(1); t.test("b", async (t) => { t.ok(1) }) })',
      [2, 0, 0],
      /^$/,
    ],
    ['a test without assertions that does not throw passes', 't.test("a", async () => {})', [1, 0, 0], /^$/],
    [
      'a failed assertion comes with its difference',
      't.test("a", async (t) => { t.same({ x: 1 }, { x: 2 }) })',
      [0, 1, 0],
      /a › should be equivalent[\s\S]*-\s+"x": 2,\n\s+\+\s+"x": 1,/,
    ],
    [
      'an exception in a test is a failure',
      't.test("a", async (t) => { t.ok(1); throw new Error("boom") })',
      [1, 1, 0],
      /a › boom/,
    ],
    [
      'what is skipped or still to do is skipped, with its reason',
      't.test("a", { skip: "no moon" }, async () => {}); t.test("b", { todo: "soon" }, async () => {})',
      [0, 0, 2],
      /^$/,
    ],
    ['a file without a test fails', '', [0, 1, 0], /has no test/],
    ['a file that cannot be read fails with why', 'syntax error', [0, 1, 0], /SyntaxError/],
    ['a crash after good assertions fails', 't.ok(1); process.kill(process.pid, "SIGSEGV")', [1, 1, 0], /SIGSEGV/],
    [
      'leaving in the middle fails',
      't.test("a", async (t) => { t.ok(1); process.exit(0) })',
      [1, 1, 0],
      /test unfinished/,
    ],
    [
      'a bad exit code after good assertions fails',
      't.ok(1); process.on("exit", () => { process.exitCode = 3 })',
      [1, 1, 0],
      /exit code 3/,
    ],
    ['bailing out fails', 't.ok(1); t.bailout("no more")', [1, 1, 0], /bailed out: no more/],
    [
      'a test that is stuck fails',
      't.test("a", async () => { setInterval(() => {}, 1e6); await new Promise(() => {}) })',
      [0, 1, 0],
      /timeout/,
    ],
  ]

for (const [name, source, counts, said] of cases)
  t.test(name, async (t) => {
    const file = join(t.testdir({}), 'x.test.ts')
    writeFileSync(file, head + source)
    const { passed, failed, skipped, failures } = await runTestFile(t.testdirName, file, 3_000, 60_000)
    t.same([passed, Math.min(failed, 1), skipped], counts)
    t.match(failures.join('\n'), said)
  })

t.test('a process that answers nothing is killed', async (t) => {
  const file = join(t.testdir({}), 'x.test.ts')
  writeFileSync(file, 'while (true);')
  const { failed, failures } = await runTestFile(t.testdirName, file, 500, 500)
  t.equal(failed, 1)
  t.match(failures, ['was not done within 0.5 s'])
})

t.test('what a test tells beside its verdict is kept, what TAP itself comments is not', async (t) => {
  const file = join(t.testdir({}), 'x.test.ts')
  writeFileSync(file, `${head}t.test('a', async (t) => { t.ok(1); t.comment('7 kills') })\nt.comment('the end')`)
  const { comments } = await runTestFile(t.testdirName, file, 10_000, 60_000)
  t.same(comments.sort(), ['7 kills', 'the end'])
})
