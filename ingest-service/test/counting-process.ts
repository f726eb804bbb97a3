// A replica's roll-up as a process of its own, for the tests to kill.
import { openPool } from '../src/database.ts'
import { rollUp } from '../src/rollup.ts'

const db = openPool(process.env.DATABASE_URL ?? '', {
  role: 'leadlight_rollup',
  size: 1,
  statementMs: 60_000,
  onError: () => {},
})
for (;;) await rollUp(db, new Date(0))
