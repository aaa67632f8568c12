/** CPU time of processes, as Linux tells it: in hundredths of a second. */
import { readdirSync, readFileSync } from 'node:fs';

const MS_PER_TICK = 10;
/** Fields after the command's name in /proc/PID/stat. */
const UTIME = 11;
const STIME = 12;

export interface CpuTime {
  /** The thread that runs JavaScript's main program. */
  readonly mainMs: number;
  /** All threads. */
  readonly allMs: number;
}

function cpuMs(path: string): number {
  const fields = readFileSync(path, 'utf8').split(') ').at(-1)!.split(' ');
  return MS_PER_TICK * (Number(fields[UTIME]) + Number(fields[STIME]));
}

export function cpuTimeOf(pid: number): CpuTime {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return {
    mainMs: cpuMs(`/proc/${pid}/task/${pid}/stat`),
    allMs: tasks.reduce((sum, task) => sum + cpuMs(`/proc/${pid}/task/${task}/stat`), 0),
  };
}
