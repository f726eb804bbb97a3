// The mail itself: the same in plain text and in HTML with a picture. Every string from data is text, never HTML.
import type { FunnelType } from 'contract/analytics'
import { escapeHtml } from '../html.ts'
import { drawPicture, pictureSize } from './picture.ts'
import type { Report } from './report.ts'
import { describeWeek } from './sentences.ts'

export type Letter = { subject: string; text: string; html: string; picture: Buffer }

export const pictureId = 'funnel@leadlight'

const stepNames: Record<FunnelType, string> = {
  widget_loaded: 'saw the widget',
  widget_opened: 'opened it',
  message_sent: 'wrote',
  estimate_generated: 'got an estimate',
  lead_captured: 'left a contact',
  quote_requested: 'asked for a quote',
}

/** `pictureUrl` is where the HTML finds the picture: inside the mail, unless it is looked at outside of one. */
export function writeLetter(report: Report, publicUrl: string, pictureUrl = `cid:${pictureId}`): Letter {
  const days = formatDays(report.week)
  const sentences = describeWeek(report)
  const link = `${publicUrl}/portal/`
  const reason = 'You get this each Monday because it was asked for you. Answer this mail to get it no more.'
  const width = Math.max(...Object.values(stepNames).map((name) => name.length))
  const text = [
    `${report.name}: ${days}`,
    ...sentences,
    report.steps
      .map(({ type, sessions }) => `${stepNames[type].padEnd(width)}  ${sessions.toLocaleString('en-US')}`)
      .join('\n'),
    `All of it, day by day: ${link}`,
    'Visitors who asked not to be tracked are in no number.',
    reason,
  ].join('\n\n')
  const counts = report.steps.map(({ sessions }) => sessions)
  const cell = 'style="padding:4px 4px 0 0;width:16.6%;vertical-align:top;font-size:13px;color:#4b5563"'
  const cells = report.steps.map(
    ({ type, sessions }) =>
      `<td ${cell}><strong style="font-size:16px;color:#111827">${sessions.toLocaleString('en-US')}</strong><br>${escapeHtml(stepNames[type])}</td>`,
  )
  const picture = `<img src="${pictureUrl}" width="${pictureSize.width}" height="${pictureSize.height}" style="width:100%;max-width:${pictureSize.width}px;height:auto;display:block" alt="${escapeHtml(report.steps.map(({ type, sessions }) => `${sessions} ${stepNames[type]}`).join(', '))}">`
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(days)}</title></head>
<body style="margin:0;background:#f3f4f6;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#111827">
<div style="max-width:${pictureSize.width}px;margin:0 auto;padding:24px;background:#ffffff">
<p style="margin:0 0 4px;color:#4b5563;font-size:14px">${escapeHtml(days)}</p>
<h1 style="margin:0 0 16px;font-size:22px">${escapeHtml(report.name)}</h1>
${sentences.map((sentence) => `<p style="margin:0 0 10px;font-size:16px;line-height:1.5">${escapeHtml(sentence)}</p>`).join('\n')}
<div style="margin:20px 0 0">${picture}</div>
<table role="presentation" style="width:100%;border-collapse:collapse;table-layout:fixed"><tr>${cells.join('')}</tr></table>
<p style="margin:24px 0"><a href="${escapeHtml(link)}" style="background:#2563eb;color:#ffffff;padding:10px 16px;border-radius:6px;text-decoration:none">All of it, day by day</a></p>
<p style="margin:0;color:#6b7280;font-size:13px;line-height:1.5">Visitors who asked not to be tracked are in no number.<br>${escapeHtml(reason)}</p>
</div></body></html>
`
  return { subject: `${oneLine(report.name)}: your widget, ${days}`, text, html, picture: drawPicture(counts) }
}

/** Such as "16 – 22 November 2026", or with both months where there are two. */
function formatDays({ from, to }: Report['week']): string {
  const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  // not every mail program has a glyph for the thin spaces in it
  return format.formatRange(new Date(from), new Date(to)).replaceAll('\u2009', ' ')
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')
