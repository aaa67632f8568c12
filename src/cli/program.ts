/** The commands and their flags. What they do is in commands/, loaded when it is needed. */
import { Command } from 'commander';
import { packageVersion } from '../telemetry/package-version.js';
import { addClientCommands } from './client-commands.js';
import { tidyEnvironment } from './flags/environment.js';
import { addAll } from './flags/flag.js';
import * as flags from './flags/groups.js';
import { planFlags, type PlanFlags } from './flags/plan.js';
import { processFlags } from './flags/process.js';
import * as resultFlags from './flags/results.js';
import { accessFlags, clientSecurityFlags, tlsFlags } from './flags/security.js';
import { askedOf } from './model-file.js';
import type { CoordinatorFlags } from './commands/coordinator.js';
import type { RunFlags } from './commands/run.js';
import type { SerialFlags } from './commands/serial.js';

const DATA_HELP =
  'mnist, mnist5x5 (in 5x5 pixels), mnist56 (5x5 pictures of 5 and 6), a CSV file whose last column is the label, ' +
  'NPZ with x and y, or a model file (YAML, JSON)';

const NEW_DATA_HELP =
  'rows to predict: a CSV file (a label in one more column is not read), NPY, IDX, NPZ with x or x_test, ' +
  'or the test rows of mnist, mnist5x5, mnist56';

function settle(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(
          `${text
            .replace(/^error: /, 'bitgibbs: ')
            .trim()
            .replaceAll('\n', ' ')}\n`,
        );
      },
    })
    .configureHelp({ helpWidth: 110 });
}

function addRun(program: Command): void {
  const run = program.command('run').argument('[data]', DATA_HELP);
  run.summary('sample on this machine: a coordinator and worker processes');
  run.description('Starts a coordinator here and worker processes, samples, and ends with a summary.');
  flags.addSamplingFlags(flags.addDataFlags(run));
  run.optionsGroup('Layout (never changes a draw):');
  run.addOption(flags.shardsFlag()).addOption(flags.workersFlag()).addOption(flags.threadsFlag());
  addAll(run.addOption(flags.kernelFlag()), flags.metricsFlags());
  flags.addOutputFlags(run);
  addAll(run.optionsGroup('Process:'), processFlags());
  run.addHelpText(
    'after',
    `
Examples:
  bitgibbs run mnist
  bitgibbs run mnist --classes 4,9 --draws 200 --thin 5
  bitgibbs run digits.csv --test held-out.csv --grid 8x8 --shards 4 --workers 4`,
  );
  run.action(async (argument: string | undefined, _options, command: Command) => {
    const { data, flags: asked } = askedOf<RunFlags>(command, argument);
    await (await import('./commands/run.js')).run(data, asked);
  });
}

function addCoordinator(program: Command): void {
  const coordinator = program.command('coordinator').argument('[data]', DATA_HELP);
  coordinator.summary('serve a run to workers on any machine');
  coordinator.description('Holds the data and the run, serves workers and clients, and ends with a summary.');
  const service = coordinator
    .optionsGroup('Service:')
    .addOption(flags.listenFlag())
    .addOption(flags.stayFlag());
  addAll(service, flags.metricsFlags());
  addAll(coordinator.optionsGroup('Security:'), accessFlags());
  flags.addSamplingFlags(flags.addDataFlags(coordinator));
  coordinator.optionsGroup('Layout (never changes a draw):').addOption(flags.shardsFlag());
  coordinator.addOption(flags.kernelFlag('kernel of workers whose own choice is auto'));
  addAll(coordinator, flags.expectedWorkersFlags());
  flags.addOutputFlags(coordinator);
  addAll(coordinator.optionsGroup('Process:'), processFlags());
  coordinator.action(async (argument: string | undefined, _options, command: Command) => {
    const { data, flags: asked } = askedOf<CoordinatorFlags>(command, argument);
    await (await import('./commands/coordinator.js')).coordinator(data, asked);
  });
}

function addWorker(program: Command): void {
  const worker = program.command('worker');
  worker.summary('work for a coordinator');
  worker.description('Dials a coordinator, pulls shards of the data, and works until the run ends.');
  worker
    .addOption(flags.coordinatorFlag())
    .addOption(flags.waitFlag())
    .addOption(flags.threadsFlag())
    .addOption(flags.memoryFlag());
  addAll(worker.addOption(flags.kernelFlag()).addOption(flags.childFlag()), flags.metricsFlags());
  addAll(worker.optionsGroup('Security:'), tlsFlags());
  addAll(worker.optionsGroup('Process:'), processFlags());
  worker.action(async (options) => (await import('./commands/worker.js')).worker(options));
}

function addDigest(program: Command): void {
  const digest = program.command('digest').argument('<dir>', 'folder of a run');
  digest.summary('one SHA-256 over all draws of a run');
  digest.description(
    'Prints one SHA-256 over all draws (chain, draw, bits, log-likelihood as integer), the same however the run was laid out.',
  );
  digest.action(async (folder: string) => (await import('./commands/digest.js')).digest(folder));
}

function addSummary(program: Command): void {
  const summary = program
    .command('summary')
    .argument('<run>', 'folder of a run, or host:port of its coordinator');
  summary.summary('what the draws of a run say, and how far they can be trusted');
  summary.description(
    'Prints mean, sd, Monte Carlo errors, effective sizes and R-hat of lp and of chosen weights, how many weights mixed, ' +
      'how well the test set is predicted, and warnings.',
  );
  addAll(summary, resultFlags.summaryFlags());
  addAll(summary.optionsGroup('Security (host:port):'), clientSecurityFlags());
  summary.action(async (folder: string, options) =>
    (await import('./commands/summary.js')).summary(folder, options),
  );
}

function addReport(program: Command): void {
  const report = program.command('report').argument('<dir>', 'folder of a run');
  report.summary('one page of figures about a run');
  report.description(
    'Writes one self-contained HTML page: traces, diagnostics, pictures of the weights, predictions.',
  );
  addAll(report, resultFlags.reportFlags());
  report.action(async (folder: string, options) =>
    (await import('./commands/report.js')).report(folder, options),
  );
}

function addPredict(program: Command): void {
  const predict = program
    .command('predict')
    .argument('<dir>', 'folder of a run')
    .argument('<data>', NEW_DATA_HELP);
  predict.summary('class probabilities of new rows, with their Monte Carlo errors');
  predict.description(
    'Averages class probabilities of new rows over the draws of a run and writes them as CSV: row, predicted class, ' +
      'probability of each class, Monte Carlo standard error of each.',
  );
  addAll(predict, resultFlags.predictFlags());
  predict.action(async (folder: string, data: string, options) =>
    (await import('./commands/predict.js')).predict(folder, data, options),
  );
}

function addSerial(program: Command): void {
  const serial = program.command('serial').argument('[data]', DATA_HELP);
  serial.summary('the same draws from one thread, without coordinator and workers');
  serial.description('Runs the serial sampler, the oracle that every distributed run must agree with.');
  flags.addSamplingFlags(flags.addDataFlags(serial));
  serial.optionsGroup('Layout (never changes a draw):').addOption(flags.kernelFlag('auto is wasm'));
  flags.addOutputFlags(serial);
  serial.action(async (argument: string | undefined, _options, command: Command) => {
    const { data, flags: asked } = askedOf<SerialFlags>(command, argument);
    await (await import('./commands/serial.js')).serial(data, asked);
  });
}

function addPlan(program: Command): void {
  const plan = program.command('plan').argument('[data]', DATA_HELP);
  plan.summary('what a run would look like on its workers, before one is started');
  plan.description(
    'Prints private and shared moves of each shard, balance, expected rounds and bytes, and memory; with --simulate also ' +
      'speed and efficiency. Takes the flags of run.',
  );
  flags.addSamplingFlags(flags.addDataFlags(plan));
  plan.optionsGroup('Layout:').addOption(flags.shardsFlag()).addOption(flags.workersFlag());
  plan.addOption(flags.threadsFlag()).addOption(flags.memoryFlag()).addOption(flags.kernelFlag());
  addAll(plan.optionsGroup('Plan:'), planFlags());
  plan.action(async (argument: string | undefined, _options, command: Command) => {
    const { data, flags: asked } = askedOf<PlanFlags>(command, argument);
    await (await import('./commands/plan.js')).plan(data, asked);
  });
}

/** @param env is tidied: variables that say nothing are taken out */
export function makeProgram(env: NodeJS.ProcessEnv): Command {
  const program = settle(new Command('bitgibbs'));
  program.description('Distributed exact sampler of models whose weights are bits.');
  program.version(packageVersion());
  for (const add of [
    addRun,
    addCoordinator,
    addWorker,
    addClientCommands,
    addDigest,
    addSummary,
    addReport,
    addPredict,
    addSerial,
    addPlan,
  ])
    add(program);
  program.addHelpText(
    'after',
    '\nEvery flag can be given as a variable: --metrics-port is BITGIBBS_METRICS_PORT.',
  );
  for (const command of program.commands) tidyEnvironment(env, command.options);
  return program;
}
