/** How long a finished run is served. */
import type { CoordinatorHandle, RunOutcome } from '../coordinator/options.js';

export class Stay {
  /** Ends it; it may be over before it begins. */
  end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  /** How the run ends: finished and still served, or stopped and closed. */
  async over(handle: CoordinatorHandle): Promise<RunOutcome> {
    const outcome = await handle.over;
    return outcome.kind === 'finished' ? outcome : handle.finished;
  }
}
