/** Panels in the few forms that the dashboard uses. */
import { VizLegendOptionsBuilder, VizTooltipOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** What a panel shows: its queries, each with its legend (`{{label}}` is filled in). */
export interface Shown {
  readonly title: string;
  /** The question that it answers, and how to read it. */
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly (readonly [legend: string, expr: string])[];
  /** Of 24. */
  readonly width?: number;
}

function targets({ queries }: Shown): DataqueryBuilder[] {
  return queries.map(([legend, expr], i) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode(65 + i))
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend)
      .range(),
  );
}

/** Curves over time. */
export function curves(shown: Shown): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .title(shown.title)
    .description(shown.description)
    .unit(shown.unit)
    .datasource(DATASOURCE)
    .height(7)
    .span(shown.width ?? 8)
    .fillOpacity(0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(targets(shown));
}

export interface Level {
  /** From this value on. */
  readonly from: number;
  readonly color: 'green' | 'orange' | 'red' | 'text';
}

/** One number, coloured by level. @param levels ascending; the first holds from minus infinity */
export function number(shown: Shown, levels: readonly Level[]): StatBuilder {
  const steps = levels.map(({ from, color }, i) => ({ value: i === 0 ? null : from, color }));
  return new StatBuilder()
    .title(shown.title)
    .description(shown.description)
    .unit(shown.unit)
    .datasource(DATASOURCE)
    .height(4)
    .span(shown.width ?? 4)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .targets(targets(shown));
}
