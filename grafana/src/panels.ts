// The five kinds of panel there are. Each says what it shows, in which unit, and what it says when there is nothing to show.
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DashboardLink,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { runbookLink } from './links.ts'
import type { Query } from './queries.ts'
import { good, type Threshold } from './thresholds.ts'

/** A panel without its number, which the dashboard gives. */
export type PanelDraft = Builder<Panel> & { id(id: number): PanelDraft }

export type About = {
  title: string
  description: string
  unit: string
  /** Shown where there is no data. */
  empty: string
  /** Of 24 columns. */
  width: number
  height?: number
  queries: Query[]
  /** Colours from which value on; what is below the first is good, unless the first has no value. */
  thresholds?: Threshold[]
  /** Alerts whose runbooks say what to do. */
  runbooks?: string[]
}

type Describable = {
  title(title: string): Describable
  description(description: string): Describable
  unit(unit: string): Describable
  noValue(text: string): Describable
  span(columns: number): Describable
  height(rows: number): Describable
  thresholds(thresholds: Builder<{ mode: ThresholdsMode; steps: Threshold[] }>): Describable
  links(links: Builder<DashboardLink>[]): Describable
  withTarget(target: ReturnType<Query>): Describable
}

function describe<Builder extends Describable>(panel: Builder, about: About): Builder {
  const { title, description, unit, empty, width, height = 8, queries, thresholds = [], runbooks = [] } = about
  panel.title(title).description(description).unit(unit).noValue(empty).span(width).height(height)
  const steps = thresholds[0]?.value === null ? thresholds : [{ value: null, color: good }, ...thresholds]
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
  panel.links(runbooks.map(runbookLink))
  queries.forEach((query, index) => void panel.withTarget(query(String.fromCharCode(65 + index))))
  return panel
}

/** Lines over time; their thresholds are drawn as lines too. */
export function lines(about: About): TimeSeries {
  const style = about.thresholds ? GraphThresholdsStyleMode.Line : GraphThresholdsStyleMode.Off
  return describe(new TimeSeries(), about)
    .min(0)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(style))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
}

/** Parts of a whole over time. */
export const stack = (about: About): TimeSeries =>
  lines(about).fillOpacity(30).stacking(new StackingConfigBuilder().mode(StackingMode.Normal))

/** One number, or a few. */
export const number = (about: About): Stat =>
  describe(new Stat(), { height: 4, ...about })
    .graphMode(BigValueGraphMode.None)
    .colorMode(about.thresholds ? BigValueColorMode.Value : BigValueColorMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))

/** A bar for each row of a query: its first column is the name, `value` the length. */
export const bars = (about: About): BarGauge =>
  describe(new BarGauge(), about)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs([]).fields('/^value$/'))

export const table = (about: About): Table => describe(new Table(), about)

/** A band for each series that changes colour with its state. */
export const states = (about: About): StateTimeline =>
  describe(new StateTimeline(), about)
    // unless told otherwise it colours by a gradient from green to red
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
