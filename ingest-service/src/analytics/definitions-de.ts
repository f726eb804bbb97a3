// The same sentences in German.
import type { Definitions } from './definitions.ts'
import { histogramError } from './histogram.ts'

const untracked = 'Wer nicht erfasst werden möchte, ist in keiner Zahl enthalten.'

const estimated = `Aus Zählungen in festen Stufen gelesen, also auf ${(histogramError * 100).toFixed(1).replace('.', ',')} % genau.`

const numbers = {
  widget_views: `Wie oft das Widget geladen wurde, gezählt am Tag des Ladens. ${untracked}`,
  sessions:
    'Besuche, in denen das Widget geladen wurde, gezählt am Tag, an dem der Besuch begann. Ein Besuch endet nach 30 Minuten ohne Aktivität.',
  engagement_rate: 'Anteil der Besuche mit geladenem Widget, in denen es geöffnet wurde.',
  estimate_conversion_rate: 'Anteil der Besuche mit geöffnetem Widget, in denen es einen Kostenvoranschlag gab.',
  lead_capture_rate: 'Anteil der Besuche mit geöffnetem Widget, in denen Kontaktdaten hinterlassen wurden.',
  quote_request_rate: 'Anteil der Besuche mit geöffnetem Widget, in denen ein Angebot angefragt wurde.',
  average_conversation_length:
    'Nachrichten, die ein Besucher geschrieben hat, im Mittel über die Besuche mit mindestens einer Nachricht.',
}

export const german: Definitions = {
  summary: {
    ...numbers,
    previous: 'Dieselben Zahlen für ebenso viele Tage davor; sie fehlen, wo sie nicht mehr vorliegen.',
  },
  funnel: {
    steps: `Besuche, die diesen und alle Schritte davor erreicht haben, gleich in welcher Reihenfolge, gezählt am Tag, an dem der Besuch begann. ${untracked}`,
    of_first: 'Anteil der Besuche, in denen das Widget geladen wurde.',
    of_previous: 'Anteil der Besuche, die den Schritt davor erreicht haben.',
  },
  series: {
    points: `Wie oft etwas geschah, gezählt, als es geschah; Zeiten ohne ein Ereignis sind 0. ${untracked}`,
  },
  performance: {
    load_ms: `Millisekunden, bis das Widget bereit war: die Hälfte der Aufrufe war schneller als p50, 95 von 100 schneller als p95. ${estimated}`,
    response_ms: `Millisekunden, bis das Widget eine Nachricht beantwortet oder einen Kostenvoranschlag gezeigt hat. ${estimated}`,
    error_rate: 'Anteil aller Besuche, in denen im Widget etwas fehlgeschlagen ist.',
    errors: 'Was fehlgeschlagen ist, das Häufigste zuerst.',
  },
  breakdown: {
    ...numbers,
    value: 'Gerät, Herkunft (Kampagne, sonst die Website davor) oder Seite des ersten Ladens im Besuch.',
  },
  leads: {
    leads: `Hinterlassene Kontaktdaten und angefragte Angebote, die neuesten zuerst. ${untracked}`,
    with_errors: 'Anfragen aus Besuchen, in denen im Widget etwas fehlgeschlagen ist.',
  },
  journey: {
    events: 'Was in diesem Besuch geschah, der Reihe nach.',
    spans: 'Was Browser und Server in diesem Besuch gemessen haben.',
    traces: 'Ob diese Messungen noch vorliegen; sie werden tagelang aufbewahrt, die Ereignisse monatelang.',
  },
  install: {
    origins: 'Adressen, an denen das Widget laufen darf, und wann von dort zuletzt ein Ereignis kam.',
    refused:
      'Adressen, von denen in den letzten 7 Tagen Ereignisse mit Ihrem Schlüssel kamen, ohne dass sie auf Ihrer Liste stehen.',
  },
}
