// The frame that every dashboard has: its id, time, links to the others, deployments; panels in rows, numbered in order.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DashboardCursorSync,
  type Dashboard as DashboardModel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { deployments } from './annotations.ts'
import { otherDashboards } from './links.ts'
import type { PanelDraft } from './panels.ts'

export type About = {
  /** Part of its address: what links to it breaks when it changes. */
  uid: string
  title: string
  /** The question it answers. */
  question: string
  from: string
  refresh: string
  variables?: Builder<VariableModel>[]
  rows: { title: string; panels: PanelDraft[] }[]
}

/** Grafana 12 reads this form and Grafana 13 brings it up to its own. */
const schemaVersion = 41

export function buildDashboard({ uid, title, question, from, refresh, variables = [], rows }: About): DashboardModel {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(question)
    .tags(['leadlight'])
    .readonly()
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh(refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables)
    .annotation(deployments)
    .link(otherDashboards)
  let id = 0
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title).id(++id))
    for (const panel of row.panels) dashboard.withPanel(panel.id(++id))
  }
  return { ...dashboard.build(), schemaVersion }
}
