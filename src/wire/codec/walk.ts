/** Jobs of a walk and their results. On the wire a slot is named by its chain. */
import type {
  SoloJob,
  SoloResult,
  WalkJob,
  WalkResult,
  WindowJob,
  WindowResult,
} from '../../kernel/kernel.js';
import { BETA_ONE_Q } from '../../posterior/threshold.js';
import { WireError, needed, wholeUpTo, wholesUpTo } from '../check.js';
import { int32FromBytes, int32ToBytes } from '../int32.js';
import type { v1 } from '../messages.js';
import { decodeReport, encodeReport } from './report.js';

/** What the lengths and numbers of a run's messages are checked against. */
export interface RunSize {
  /** D K */
  readonly weights: number;
  readonly features: number;
  readonly chains: number;
}

const MAX_SWEEP = 2 ** 32 - 1;
const MAX_POSITION = 2 ** 31 - 1;

export function encodeJob(job: WalkJob): v1.WalkJob.$Shape {
  if (job.kind === 'solo') {
    const { sweep, betasQ, reportAfter } = job;
    return {
      chain: job.chain,
      solo: { sweep, betasQ: betasQ as unknown as number[], reportAfter: [...reportAfter] },
    };
  }
  const { sweep, betaQ, settleAt, from, to, guess, report } = job;
  return { chain: job.chain, window: { sweep, betaQ, settleAt, from, to, guess, report } };
}

function decodeSolo(message: v1.SoloJob.$Properties, chain: number): SoloJob {
  const sweep = wholeUpTo(message.sweep, MAX_SWEEP, 'solo.sweep');
  const betasQ = Int32Array.from(wholesUpTo(message.betasQ, BETA_ONE_Q, 'solo.betas_q'));
  if (betasQ.length === 0) throw new WireError('solo.betas_q must name at least one sweep');
  const reportAfter = wholesUpTo(message.reportAfter, MAX_SWEEP, 'solo.report_after');
  const last = sweep + betasQ.length - 1;
  if (reportAfter.some((at) => at < sweep || at > last)) {
    throw new WireError(`solo.report_after must lie within sweeps ${sweep} to ${last}`);
  }
  return { kind: 'solo', slot: chain, chain, sweep, betasQ, reportAfter };
}

function decodeWindow(message: v1.WindowJob.$Properties, chain: number): WindowJob {
  const settleAt = message.settleAt ?? -1;
  const from = wholeUpTo(message.from, MAX_POSITION, 'window.from');
  const to = wholeUpTo(message.to, MAX_POSITION, 'window.to');
  if (settleAt < -1) throw new WireError(`window.settle_at must be -1 or a position, got ${settleAt}`);
  if (to < from) throw new WireError(`window.to must be at least window.from, ${from}, got ${to}`);
  return {
    kind: 'window',
    slot: chain,
    chain,
    sweep: wholeUpTo(message.sweep, MAX_SWEEP, 'window.sweep'),
    betaQ: wholeUpTo(message.betaQ, BETA_ONE_Q, 'window.beta_q'),
    settleAt,
    from,
    to,
    // A copy: posted to a thread, a view would take the whole received message along.
    guess: new Uint8Array(message.guess ?? []),
    report: message.report ?? false,
  };
}

/** @throws WireError */
export function decodeJob(message: v1.WalkJob.$Properties, size: RunSize): WalkJob {
  const chain = wholeUpTo(message.chain, size.chains - 1, 'job.chain');
  return message.solo ? decodeSolo(message.solo, chain) : decodeWindow(needed(message.window, 'job'), chain);
}

export function encodeResult(result: WalkResult): v1.WalkResult.$Shape {
  if (result.kind === 'solo') {
    const reports = result.reports.map(({ sweep, report }) => ({ sweep, report: encodeReport(report) }));
    return { chain: result.slot, solo: { reports } };
  }
  const report = result.report && encodeReport(result.report);
  return { chain: result.slot, window: { partialsQ: int32ToBytes(result.partialsQ), report } };
}

function decodeSoloResult(message: v1.SoloResult.$Properties, slot: number, weights: number): SoloResult {
  const reports = (message.reports ?? []).map((entry) => ({
    sweep: wholeUpTo(entry.sweep, MAX_SWEEP, 'solo.reports.sweep'),
    report: decodeReport(needed(entry.report, 'solo.reports.report'), weights, 'solo.reports.report'),
  }));
  return { kind: 'solo', slot, reports };
}

function decodeWindowResult(
  message: v1.WindowResult.$Properties,
  slot: number,
  weights: number,
): WindowResult {
  const partialsQ = int32FromBytes(message.partialsQ ?? new Uint8Array(0), 'window.partials_q');
  const result: WindowResult = { kind: 'window', slot, partialsQ };
  return message.report
    ? { ...result, report: decodeReport(message.report, weights, 'window.report') }
    : result;
}

/** @throws WireError */
export function decodeResult(message: v1.WalkResult.$Properties, size: RunSize): WalkResult {
  const slot = wholeUpTo(message.chain, size.chains - 1, 'result.chain');
  return message.solo
    ? decodeSoloResult(message.solo, slot, size.weights)
    : decodeWindowResult(needed(message.window, 'result'), slot, size.weights);
}
