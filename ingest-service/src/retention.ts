// Drops the days that are no longer kept. Safe when killed at any statement: the next run finishes what was begun.
import { keptCountsDays, keptDays } from 'contract/limits'
import type pg from 'pg'
import { keptRejectsDays } from './rejects.ts'

const dayMs = 86_400_000
/** One day more for time zones and one for the day that is not over yet: every zone has its 90 whole days. */
const droppedAfterDays = keptDays + 2

/**
 * Drops partitions from day 92 on, reports of losses as old as those, counts older than 400 days, and what was refused a
 * week ago. Not in a transaction; one process at a time (`maintenance.ts`).
 * @returns the names of the partitions dropped
 */
export async function dropOldDays(client: pg.ClientBase, now: Date): Promise<string[]> {
  const oldest = new Date(Math.floor(now.getTime() / dayMs) * dayMs - (droppedAfterDays - 1) * dayMs)
  const dropped: string[] = []
  for (const parent of ['events', 'sessions']) {
    await finishDetaching(client, parent)
    for (const partition of await listPartitions(client, parent, oldest)) {
      // not in a transaction, and without a DEFAULT partition: it waits for open queries and holds up no insert
      if (partition.attached)
        await client.query(`alter table leadlight.${parent} detach partition leadlight.${partition.name} concurrently`)
      await client.query(`drop table leadlight.${partition.name}`)
      dropped.push(partition.name)
    }
  }
  await client.query('delete from leadlight.drop_reports where received_at < $1', [oldest])
  await client.query('delete from leadlight.rejected_events where rejected_at < $1', [
    new Date(now.getTime() - keptRejectsDays * dayMs),
  ])
  // the owner sees no counts, as it sees no events
  await client.query('set role leadlight_rollup')
  await client.query('delete from leadlight.quarter_hours where quarter < $1', [
    new Date(oldest.getTime() - (keptCountsDays - keptDays) * dayMs),
  ])
  await client.query('delete from leadlight.segmented_stretches where ends <= $1', [oldest])
  await client.query('reset role')
  await client.query(
    `insert into leadlight.jobs (name, succeeded_at) values ('retention', $1)
       on conflict (name) do update set succeeded_at = greatest(jobs.succeeded_at, excluded.succeeded_at)`,
    [now],
  )
  return dropped
}

/** A detach that was killed half-way must be finished before any other may begin. */
async function finishDetaching(client: pg.ClientBase, parent: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = ('leadlight.' || $1)::regclass and inhdetachpending`,
    [parent],
  )
  for (const { name } of rows)
    await client.query(`alter table leadlight.${parent} detach partition leadlight.${name} finalize`)
}

/** Partitions of days before `oldest`, those included that a killed run left detached. */
async function listPartitions(
  client: pg.ClientBase,
  parent: string,
  oldest: Date,
): Promise<{ name: string; attached: boolean }[]> {
  const { rows } = await client.query<{ name: string; attached: boolean }>(
    `select relname as name, relispartition as attached from pg_class
     where relnamespace = 'leadlight'::regnamespace and relkind = 'r' and relname ~ ('^' || $1 || '_\\d{8}$') and relname < $1 || '_' || $2
     order by relname`,
    [parent, oldest.toISOString().slice(0, 10).replaceAll('-', '')],
  )
  return rows
}
