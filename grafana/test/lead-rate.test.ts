// The alert that only the stored events can raise: leads against the same weekday before.
import { query } from 'stack/postgres'
import { cloneDatabase } from 'stack/test-database'
import t from 'tap'
import { ruleGroups } from './files.ts'
import { addQuarterHour, quarterAgo } from './quarter-hours.ts'

const rule = ruleGroups.flatMap(({ rules }) => rules).find(({ title }) => title === 'LeadRateFallen')
const sql = rule?.data[0]?.model.rawSql ?? ''
const [least = Number.NaN] = rule?.data[1]?.model.conditions[0]?.evaluator.params ?? []

t.test(
  'the alert on leads compares a day with the same weekday before, and is quiet where chance decides',
  async (t) => {
    const { url: serviceUrl, superuserUrl: url } = await cloneDatabase(t)
    const [tenant] = (
      await query(url, "insert into leadlight.tenants (name, time_zone) values ('a', 'UTC') returning tenant_id")
    ).rows
    let place = 0
    /** In a quarter hour of its own, of the last hours of that day. */
    const add = (opened: number, opened_lead: number, daysAgo: number) =>
      addQuarterHour(url, tenant.tenant_id, quarterAgo(daysAgo, ++place), { opened, opened_lead })
    const fires = async () => {
      const [, { rows }] = (await query(serviceUrl, `set role leadlight_dashboards; ${sql}`)) as any
      t.equal(rows.length, 1)
      return rows[0].rate < least
    }
    t.notOk(await fires(), 'nothing at all')
    await add(300, 90, 3)
    t.notOk(await fires(), 'another weekday says nothing')
    for (const daysAgo of [7, 14, 21, 28]) await add(250, 25, daysAgo)
    t.notOk(await fires(), 'a quiet day after four normal ones')
    await add(150, 0, 0)
    t.notOk(await fires(), 'no lead among 150 opened widgets')
    await add(50, 11, 0)
    t.notOk(await fires(), '11 of 200 after 100 of 1,000 is just above half')
    await add(40, 0, 0)
    t.ok(await fires(), '11 of 240 is below half')
    await add(200, 40, 0)
    t.notOk(await fires(), 'and it ends when leads come again')
  },
)
