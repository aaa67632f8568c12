/** Starts a judge's thread and sends draws there. */
import { Piscina } from 'piscina';
import type { StopVerdict } from '../../diagnostics/stop-rule.js';
import { packWeights } from '../../posterior/weights.js';
import type { DrawReader } from '../../store/store.js';
import type { JudgedDraw, JudgeSetup } from './judge.js';
import type { JudgeTask } from './judge-thread.js';

export interface JudgeService {
  /** Shows the judge the draws up to `to` that it has not seen. */
  show(reader: DrawReader, to: number): Promise<void>;
  /** The verdict over all draws shown. */
  verdict(): Promise<StopVerdict>;
  close(): Promise<void>;
}

/** Draws that are sent together. */
const TOGETHER = 64;

export function startJudge(setup: JudgeSetup): JudgeService {
  const pool = new Piscina<JudgeTask, StopVerdict | undefined>({
    filename: new URL('./judge-thread.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Infinity,
    workerData: setup,
  });
  let seen = 0;
  return {
    show: async (reader, to) => {
      let draws: JudgedDraw[] = [];
      const send = async (): Promise<void> => {
        await pool.run({ draws, wantVerdict: false });
        draws = [];
      };
      for await (const { chain, draw, w, logLikQ } of reader.read(seen, to)) {
        draws.push({ chain, draw, packed: packWeights(w), logLikQ });
        if (draws.length === TOGETHER) await send();
      }
      await send();
      seen = to;
    },
    verdict: async () => (await pool.run({ draws: [], wantVerdict: true }))!,
    close: () => pool.destroy(),
  };
}
