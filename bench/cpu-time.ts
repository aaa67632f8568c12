/** CPU time of processes, as Linux tells it: in hundredths of a second. */
import { readFileSync } from 'node:fs';

const MS_PER_TICK = 10;
/** Fields after the command's name in /proc/PID/stat. */
const UTIME = 11;
const STIME = 12;

/** Of all threads, in ms. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return MS_PER_TICK * (Number(fields[UTIME]) + Number(fields[STIME]));
}
