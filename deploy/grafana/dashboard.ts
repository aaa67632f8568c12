/**
 * The dashboard, by Grafana's own builders, whose types hold it to the schema. Printed as JSON:
 *   node build/deploy/grafana/dashboard.js > deploy/helm/bitgibbs/files/dashboard.json
 */
import { fileURLToPath } from 'node:url';
import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { curves, number } from './panels.js';

const RUN = 'run=~"$run"';
const rate = (metric: string, labels = RUN) => `rate(${metric}{${labels}}[$__rate_interval])`;
const sumRate = (metric: string, labels = RUN) => `sum by (run) (${rate(metric, labels)})`;
const PER_DRAW = sumRate('bitgibbs_draws_total');
const OK = { from: 0, color: 'green' } as const;

function addHealth(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Is it healthy? Is it stuck?'))
    .withPanel(
      number(
        {
          title: 'Phase',
          description: 'waiting (for workers), warm-up, sampling, finished or stopped.',
          unit: 'short',
          queries: [['{{phase}}', `bitgibbs_run_phase{${RUN}} == 1`]],
        },
        [{ from: 0, color: 'text' }],
      ).textMode(BigValueTextMode.Name),
    )
    .withPanel(
      number(
        {
          title: 'Workers missing',
          description: 'Workers expected less those joined; 0 or less is right.',
          unit: 'short',
          queries: [
            [
              '{{run}}',
              `sum by (run) (bitgibbs_workers_expected{${RUN}}) - sum by (run) (bitgibbs_workers{${RUN}})`,
            ],
          ],
        },
        [OK, { from: 1, color: 'red' }],
      ),
    )
    .withPanel(
      number(
        {
          title: 'Since the last draw',
          description: 'Long while sampling: the run is stuck, or a draw takes that long.',
          unit: 's',
          queries: [['{{run}}', `time() - max by (run) (bitgibbs_last_draw_timestamp_seconds{${RUN}})`]],
        },
        [OK, { from: 300, color: 'orange' }, { from: 900, color: 'red' }],
      ),
    )
    .withPanel(
      number(
        {
          title: 'Longest wait of a chain',
          description:
            'Since the last audited sweep of the chain that waits longest, of those with work to do.',
          unit: 's',
          queries: [
            ['{{run}}', `time() - min by (run) (bitgibbs_longest_waiting_chain_timestamp_seconds{${RUN}})`],
          ],
        },
        [OK, { from: 600, color: 'orange' }, { from: 1800, color: 'red' }],
      ),
    )
    .withPanel(
      number(
        {
          title: 'Audit mismatches',
          description:
            'Workers sent away because what they computed did not add up. Not 0: look at that machine.',
          unit: 'short',
          queries: [['{{run}}', `sum by (run) (bitgibbs_worker_faults_total{${RUN},kind="audit"})`]],
        },
        [OK, { from: 1, color: 'red' }],
      ),
    )
    .withPanel(
      number(
        {
          title: 'Disk free',
          description: 'Of the disk that the draws are written to.',
          unit: 'percentunit',
          queries: [
            ['{{run}}', `bitgibbs_store_disk_free_bytes{${RUN}} / bitgibbs_store_disk_size_bytes{${RUN}}`],
          ],
        },
        [
          { from: 0, color: 'red' },
          { from: 0.1, color: 'orange' },
          { from: 0.2, color: 'green' },
        ],
      ),
    );
}

function addProgress(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('How far is it, is it converging?'))
    .withPanel(
      curves({
        title: 'Draws done',
        description: 'Draws taken, of those wanted (with a stop rule: at most).',
        unit: 'percentunit',
        queries: [
          [
            '{{run}}',
            `sum by (run) (bitgibbs_draws_total{${RUN}}) / sum by (run) (bitgibbs_draws_wanted{${RUN}})`,
          ],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'R-hat of lp',
        description:
          'Near 1 where the chains agree. Flat and above 1.01 for long: they do not mix; see operations.',
        unit: 'short',
        queries: [['{{run}}', `bitgibbs_lp_rhat_ratio{${RUN}}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Effective draws of lp',
        description: 'Bulk effective sample size of lp; of thinned draws in long runs.',
        unit: 'short',
        queries: [
          ['{{run}}', `bitgibbs_lp_effective_draws{${RUN}}`],
          ['{{run}}: draws a chain', `bitgibbs_lp_judged_draws{${RUN}}`],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'lp by chain',
        description: 'Log posterior in nat. Chains that stay apart, or a flat one, have not mixed.',
        unit: 'short',
        width: 12,
        queries: [['chain {{chain}}', `bitgibbs_chain_lp_nats{${RUN}}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Sweeps by chain',
        description: 'A chain whose curve is flat while others rise is stuck.',
        unit: 'short',
        width: 6,
        queries: [['chain {{chain}}', `bitgibbs_chain_sweeps{${RUN}}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Inverse temperature by chain',
        description: 'Rises to 1 in warm-up.',
        unit: 'short',
        width: 6,
        queries: [['chain {{chain}}', `bitgibbs_chain_beta_ratio{${RUN}}`]],
      }),
    );
}

function addSpeed(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Is it fast?'))
    .withPanel(
      curves({
        title: 'Sweeps and draws a second',
        description: 'All chains together.',
        unit: 'short',
        queries: [
          ['sweeps', sumRate('bitgibbs_sweeps_total')],
          ['draws', PER_DRAW],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'Threads busy',
        description:
          "Share of the workers' threads that are in tasks. Low: workers wait for rounds or for chains.",
        unit: 'percentunit',
        queries: [
          [
            '{{run}}',
            `${sumRate('bitgibbs_worker_task_seconds_total')} / sum by (run) (bitgibbs_worker_threads{${RUN}})`,
          ],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'Round time',
        description:
          'From a window of guesses sent to the last answer. The slowest worker and the network set it.',
        unit: 's',
        queries: [0.5, 0.99].map((q) => [
          `${100 * q} %`,
          `histogram_quantile(${q}, sum by (run, le) (${rate('bitgibbs_round_seconds_bucket')}))`,
        ]),
      }),
    )
    .withPanel(
      curves({
        title: 'Work for a spread sweep',
        description:
          'Sites walked over sites needed: 1 would be no wrong guesses. No data without spread chains.',
        unit: 'short',
        queries: [
          [
            '{{run}}',
            `${sumRate('bitgibbs_window_sites_walked_total')} / ${sumRate('bitgibbs_window_sites_needed_total')}`,
          ],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'Moves accepted',
        description: 'Share of the proposals, by move.',
        unit: 'percentunit',
        queries: [
          [
            '{{move}}',
            `sum by (move) (${rate('bitgibbs_moves_accepted_total')}) / sum by (move) (${rate('bitgibbs_moves_proposed_total')})`,
          ],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'Wrong guesses a sweep',
        description: 'Each costs the rest of its window.',
        unit: 'short',
        queries: [
          [
            '{{move}}',
            `sum by (run, move) (${rate('bitgibbs_wrong_guesses_total')}) / on (run) group_left ${sumRate('bitgibbs_sweeps_total')}`,
          ],
        ],
      }),
    );
}

function addCost(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('What does a draw cost?'))
    .withPanel(
      curves({
        title: 'CPU seconds a draw',
        description: 'Of the coordinator and its workers together.',
        unit: 's',
        queries: [['{{run}}', `${sumRate('process_cpu_seconds_total')} / ${PER_DRAW}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Message bytes a draw',
        description: 'gRPC messages from and to workers and clients.',
        unit: 'bytes',
        queries: [['{{run}}', `${sumRate('bitgibbs_message_bytes_total')} / ${PER_DRAW}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Flush time',
        description: 'To make draws durable. Slow: the disk is.',
        unit: 's',
        queries: [0.5, 0.99].map((q) => [
          `${100 * q} %`,
          `histogram_quantile(${q}, sum by (run, le) (${rate('bitgibbs_store_flush_seconds_bucket')}))`,
        ]),
      }),
    );
}

function addProcesses(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Workers and processes'))
    .withPanel(
      curves({
        title: 'Workers by state',
        description: 'idle: spare, or not yet needed.',
        unit: 'short',
        queries: [['{{state}}', `sum by (state) (bitgibbs_workers{${RUN}})`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Joins and departures in 10 minutes',
        description: 'lost: died or fell silent; dropped: sent away for a fault.',
        unit: 'short',
        queries: [
          ['joined', `sum by (run) (increase(bitgibbs_worker_joins_total{${RUN}}[10m]))`],
          ['{{reason}}', `sum by (reason) (increase(bitgibbs_worker_departures_total{${RUN}}[10m]))`],
        ],
      }),
    )
    .withPanel(
      curves({
        title: 'Rows held by worker',
        description: 'Of the shards that it has pulled.',
        unit: 'short',
        queries: [['{{instance}}', `bitgibbs_worker_shard_rows{${RUN}}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'Resident memory',
        description: 'By process.',
        unit: 'bytes',
        queries: [['{{instance}}', `process_resident_memory_bytes{${RUN}}`]],
      }),
    )
    .withPanel(
      curves({
        title: 'CPU',
        description: 'Cores in use, by process.',
        unit: 'short',
        queries: [['{{instance}}', rate('process_cpu_seconds_total')]],
      }),
    )
    .withPanel(
      curves({
        title: 'Event loop lag',
        description: '99 % of waits are shorter. The coordinator is short of CPU where its lag is long.',
        unit: 's',
        queries: [['{{instance}}', `nodejs_eventloop_lag_p99_seconds{${RUN}}`]],
      }),
    );
}

export function dashboard(): Dashboard {
  const made = new DashboardBuilder('bitgibbs')
    .uid('bitgibbs')
    .description('Runs of bitgibbs: health, convergence, speed and cost.')
    .tags(['bitgibbs'])
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('run')
        .label('Run')
        .datasource({ type: 'prometheus', uid: '${datasource}' })
        .query('label_values(bitgibbs_run_phase, run)')
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true),
    );
  for (const add of [addHealth, addProgress, addSpeed, addCost, addProcesses]) add(made);
  const built = made.build();
  built.panels?.forEach((panel, i) => (panel.id = i + 1));
  return built;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(dashboard(), null, 2)}\n`);
}
