/** How often a run does what, and how long it waits, unless told otherwise. */

export const HEARTBEAT_MS = 2_000;
export const FLUSH_MS = 2_000;
/** A chain that is spread over workers loses no more than this many sweeps with one of them. */
export const CHECKPOINT_SWEEPS = 16;
/** A stop that the brain doesn't bring about by then is made without it. */
export const STOP_TIMEOUT_MS = 5_000;
/** Readers of draws and leaving workers that haven't moved for this long at the end of the run are left behind. */
export const LINGER_MS = 5_000;
/** After a stop nobody is waited for longer than this. */
export const STOP_LINGER_MS = 1_000;
