/** What a run is, as clients are told. */
import { warmupSweeps } from '../sampler/run-plan.js';
import { packageVersion } from '../telemetry/package-version.js';
import { encodeModel } from '../wire/codec/rule.js';
import { encodePhase } from '../wire/codec/status.js';
import type { GetRunResponse } from '../wire/services.js';
import { drawsId } from './draws-id.js';
import type { CoordinatorOptions } from './options.js';
import type { RunPhase } from './status.js';

type FixedFacts = Omit<GetRunResponse, 'draws' | 'storedDraws' | 'phase'> & { readonly drawsId: string };

/** What stays as it is while the run goes on. */
export function fixedFacts(runId: string, options: CoordinatorOptions): FixedFacts {
  const { rule, plan, rows, data, dataSha256 } = options;
  const { classes } = rule.model;
  return {
    ...{ runId, packageVersion: packageVersion(), dataSha256, drawsId: drawsId(rule, plan, dataSha256) },
    ...{ model: encodeModel(rule.model), moves: { rows: rule.moves.rows, swaps: rule.moves.swaps } },
    ...{ seed: rule.seed, chains: plan.chains, thin: plan.thin, warmupSweeps: warmupSweeps(plan) },
    rows: rows.count,
    data: data?.name ?? '',
    classNames: [...(data?.classNames ?? Array.from({ length: classes }, (_, k) => String(k)))],
  };
}

/** @param draws a chain that there are to be */
export function runFacts(
  fixed: FixedFacts,
  draws: number,
  storedDraws: number,
  phase: RunPhase,
): GetRunResponse {
  return { ...fixed, draws, storedDraws, phase: encodePhase(phase) };
}
