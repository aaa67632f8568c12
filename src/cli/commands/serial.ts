/** `bitgibbs serial`: the serial sampler in this process, stored and summed up like any run. */
import { setImmediate as breathe } from 'node:timers/promises';
import { fewestShards } from '../../coordinator/placement.js';
import type { KernelChoice } from '../../kernel/create.js';
import { logPosterior } from '../../posterior/model.js';
import { Predictive } from '../../predict/predictive.js';
import { plainLogits } from '../../predict/logits.js';
import { totalSweeps } from '../../sampler/run-plan.js';
import { sampleSerially, type SerialEvent } from '../../sampler/serial.js';
import { summarizeDraws } from '../draw-summary.js';
import { checking, UsageError } from '../errors.js';
import type { DataFlags, OutputFlags, SamplingFlags } from '../flags/groups.js';
import { prepare, type Prepared } from '../prepare.js';
import { startDisplay } from '../progress/display.js';
import { PhaseClock } from '../progress/phases.js';
import { type OpenedStore, openStore } from '../run-store.js';
import { serialKernel } from '../serial-kernel.js';
import { SerialStatus } from '../serial-status.js';
import { resumeCommand } from '../settings.js';
import { exitCodeAfter, onStopSignal } from '../signals.js';
import { summaryText } from '../summary.js';
import { checkWarmupFlags } from '../warmup/trial.js';

export interface SerialFlags extends DataFlags, SamplingFlags, OutputFlags {
  readonly kernel: KernelChoice;
}

interface Work {
  readonly prepared: Prepared;
  readonly opened: OpenedStore;
  readonly status: SerialStatus;
  readonly phases: PhaseClock;
  readonly predictive: Predictive | undefined;
}

/** @throws UsageError, InputError */
export async function serial(name: string | undefined, flags: SerialFlags): Promise<void> {
  if (flags.resume) {
    throw new UsageError('serial only begins runs: go on with run --resume, which gives the same draws');
  }
  await checking(() => checkWarmupFlags(flags));
  const prepared = await prepare(name, flags, undefined);
  const kernel = serialKernel(flags.kernel, prepared.rule);
  const opened = await openStore(prepared, flags);
  const { data, plan } = prepared;
  const work: Work = {
    ...{ prepared, opened, status: new SerialStatus(plan), phases: new PhaseClock() },
    predictive:
      data.test && new Predictive(data.test, data.classes, plan.chains, plainLogits(data.test, data.classes)),
  };
  const { rule } = prepared;
  const run = { kernel, rule, plan, shards: fewestShards(data.merged) };
  const kind = await sample(work, sampleSerially(run));
  process.stdout.write(await summary(work, kind));
}

async function sample(
  work: Work,
  events: ReturnType<typeof sampleSerially>,
): Promise<'finished' | 'stopped'> {
  const { prepared, opened, status, phases, predictive } = work;
  let stopped = false;
  const release = onStopSignal(['SIGINT', 'SIGTERM'], (signal) => {
    process.exitCode = exitCodeAfter(signal);
    stopped = true;
  });
  const display = startDisplay({
    stream: process.stderr,
    status: () => status.now,
    facts: () => ({
      title: prepared.data.name,
      totalSweeps: totalSweeps(prepared.plan),
      accuracy: undefined,
    }),
  });
  try {
    for (const event of events) {
      status.note(event, logPosterior(prepared.rule.model, event.w, event.logLikQ));
      phases.note(status.now);
      await keep(event, opened, status);
      if (event.kind === 'draw') predictive?.add(event.chain, event.w);
      await breathe();
      if (stopped || opened.until?.store.verdict?.stop) break;
    }
  } finally {
    display.stop();
    release();
    await opened.store.close(stopped ? 'stopped' : 'finished');
  }
  return stopped ? 'stopped' : 'finished';
}

async function keep(event: SerialEvent, { store, until }: OpenedStore, status: SerialStatus): Promise<void> {
  if (event.kind === 'draw') store.append(event);
  else if (event.kept) store.appendWarmup({ ...event, ...event.kept });
  else return;
  status.drawsStored = await store.flush();
  // Nothing waits for a serial run, so that it need not go on past its last draw.
  await until?.store.settled();
}

async function summary(
  { prepared, opened, status, phases, predictive }: Work,
  kind: 'finished' | 'stopped',
): Promise<string> {
  const { rule, plan, out } = prepared;
  const draws = await summarizeDraws(opened.store, rule.model, plan.chains);
  const words = process.argv.slice(2).map((word, i) => (i === 0 ? 'run' : word));
  return summaryText({
    ...{
      kind,
      draws,
      out,
      until: opened.until?.store.verdict?.reason,
      predictive: predictive?.report(),
      phases: phases.totals,
    },
    seconds: status.now.elapsedSeconds,
    seed: rule.seed,
    drawsWanted: plan.draws,
    goOn: resumeCommand(words, out),
  });
}
