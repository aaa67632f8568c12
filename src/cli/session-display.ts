/** What a session shows while it runs: a line that is kept current, or lines of a log. */
import type { CoordinatorHandle } from '../coordinator/options.js';
import type { DataSet } from '../data/data-set.js';
import { totalSweeps } from '../sampler/run-plan.js';
import type { Log } from '../telemetry/log.js';
import { type LogStyle, makeLog } from './log.js';
import type { Prepared } from './prepare.js';
import { startDisplay, type Display } from './progress/display.js';
import { grouped } from './text-table.js';

export function shownLog(style: LogStyle, stream: NodeJS.WriteStream): Log {
  return makeLog({ style, role: 'coordinator', hasTime: false, write: (line) => stream.write(line) });
}

/** Among lines of JSON there are no lines of progress: these figures are in the metrics. */
function silentDisplay(title: string, log: Log): Display {
  log(title);
  return { stop: () => undefined };
}

function rowsOf({ rows, merged }: DataSet): string {
  const all = `${grouped(rows.count)} rows`;
  return merged === rows ? all : `${all} (${grouped(merged.count)} different ones)`;
}

/** @param accuracy of the test set so far, where there is one */
export function sessionDisplay(
  { data, plan, rule, out }: Prepared,
  handle: CoordinatorHandle,
  accuracy: () => number | undefined,
  { style, log }: { readonly style: LogStyle; readonly log: Log },
): Display {
  const { features, classes } = rule.model;
  const title =
    `${data.name}: ${rowsOf(data)}, ${features} features, ${classes} classes; ` +
    `${plan.chains} chains, ${plan.warmupBetasQ.length} warm-up sweeps, ${plan.draws} draws -> ${out}`;
  if (style.logFormat === 'json') return silentDisplay(title, log);
  if (!process.stderr.isTTY) process.stderr.write(`${title}\n`);
  return startDisplay({
    stream: process.stderr,
    status: () => handle.status(),
    facts: () => ({
      title,
      totalSweeps: totalSweeps({ ...plan, draws: handle.status().drawsWanted }),
      accuracy: accuracy(),
    }),
  });
}
