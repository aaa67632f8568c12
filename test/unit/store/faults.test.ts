import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InputError } from '../../../src/posterior/model.js';
import { digestOf } from '../../../src/store/digest.js';
import type { Disk, LogFile } from '../../../src/store/files.js';
import { RealDisk } from '../../../src/store/files.js';
import { createRun, resumeRun } from '../../../src/store/open.js';
import { openRun } from '../../../src/store/read-run.js';
import type { ZarrStore } from '../../../src/store/zarr-store.js';
import {
  allDraws,
  appendUpTo,
  digestUpTo,
  expectedDraws,
  PlainDisk,
  shapeOf,
  toySpec,
  withFolder,
} from './toy-run.js';

const SPEC = toySpec({ plan: { chains: 2, draws: 12 } });

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}

/** A disk whose operations fail from the one with number `from` on, up to `until`; half of what is written gets there. */
class FaultyDisk implements Disk {
  readonly #disk: PlainDisk;
  readonly #code: string;
  operations = 0;
  from = Infinity;
  until = Infinity;

  constructor(run: string, code: string) {
    this.#disk = new PlainDisk(run);
    this.#code = code;
  }

  #fails(): boolean {
    this.operations++;
    return this.operations >= this.from && this.operations < this.until;
  }

  async #step(work: () => Promise<void>): Promise<void> {
    if (this.#fails()) throw new InputError(`cannot write: ${this.#code}`);
    await work();
  }

  replace(path: string, bytes: Uint8Array): Promise<void> {
    return this.#step(() => this.#disk.replace(path, bytes));
  }

  syncFolder(): Promise<void> {
    return this.#step(() => this.#disk.syncFolder());
  }

  async openLog(path: string): Promise<LogFile> {
    if (this.#fails()) throw systemError(this.#code);
    const file = await this.#disk.openLog(path);
    return {
      writeAt: async (position, bytes) => {
        if (!this.#fails()) return file.writeAt(position, bytes);
        await file.writeAt(position, bytes.subarray(0, bytes.length >> 1));
        throw systemError(this.#code);
      },
      sync: () => this.#step(() => file.sync()),
      close: () => file.close(),
    };
  }
}

/** Writes the run in steps; flushes in between may fail, and are tried again with the next step. */
async function writeRun(store: ZarrStore, failures: unknown[]): Promise<void> {
  const sweeps = [0, 0];
  for (let to = 1; to <= SPEC.plan.draws; to++) {
    appendUpTo(store, SPEC, to, sweeps);
    await store.flush().catch((error: unknown) => failures.push(error));
  }
}

/** Number of disk operations of the whole run when nothing fails. */
function operationsOfRun(): Promise<number> {
  return withFolder(async (folder) => {
    const disk = new FaultyDisk(folder, 'none');
    const store = await createRun(folder, SPEC, { disk, publishEveryMs: 0 });
    await writeRun(store, []);
    await store.close('finished');
    return disk.operations;
  });
}

describe('a disk that fails', () => {
  it('stops working at any operation: the run is completed afterwards to the same digest', async () => {
    const operations = await operationsOfRun();
    let interrupted = 0;
    for (let from = 1; from <= operations; from += 11) {
      await withFolder(async (folder) => {
        const disk = new FaultyDisk(folder, 'EIO');
        disk.from = from;
        let durable = 0;
        try {
          const store = await createRun(folder, SPEC, { disk, publishEveryMs: 0 });
          await writeRun(store, []);
          durable = store.horizon;
          await store.close('finished');
        } catch {
          interrupted++;
        }
        // What is seen of it is whole.
        const reader = await openRun(folder).catch(() => undefined);
        const seen = reader ? await allDraws(reader) : [];
        assert.deepEqual(seen, expectedDraws(SPEC, 0, seen.length / 2));

        const began = existsSync(join(folder, 'bitgibbs.json'));
        const found = await (began ? resumeRun : createRun)(folder, SPEC, { disk: new PlainDisk(folder) });
        assert.ok(found.horizon >= durable, `${found.horizon} draws found, ${durable} were durable`);
        appendUpTo(found, SPEC, SPEC.plan.draws);
        await found.close('finished');
        assert.equal(
          await digestOf(await openRun(folder), shapeOf(SPEC)),
          digestUpTo(SPEC, 12),
          `from ${from}`,
        );
      });
    }
    assert.ok(interrupted > 10, 'these runs do not end by themselves');
  });

  it('fails for a while: flushes tell, later ones make up for it', async () => {
    const operations = await operationsOfRun();
    let told = 0;
    for (let from = 100; from < operations; from += 13) {
      await withFolder(async (folder) => {
        const disk = new FaultyDisk(folder, 'ENOSPC');
        const store = await createRun(folder, SPEC, { disk, publishEveryMs: 0 });
        disk.from = Math.max(from, disk.operations + 1);
        disk.until = disk.from + 4;
        const failures: unknown[] = [];
        await writeRun(store, failures);
        const last = await store.close('finished').then(
          () => [],
          (error: unknown) => [error],
        );
        failures.push(...last);
        assert.ok(failures.every((error) => error instanceof Error && /ENOSPC/.test(error.message)));
        told += failures.length;
        const again = await resumeRun(folder, SPEC, { disk: new PlainDisk(folder) });
        const { horizon } = again;
        // Nothing comes after a failed close to make up for it: what it should have written may be missing.
        assert.ok(
          horizon === 12 || last.length > 0,
          `${horizon} draws after a close that told of no failure`,
        );
        await again.close('finished');
        assert.equal(await digestOf(await openRun(folder), shapeOf(SPEC)), digestUpTo(SPEC, horizon));
      });
    }
    assert.ok(told > 10);
  });

  it('is told in one line that says what to do', () =>
    withFolder(async (folder) => {
      const disk = new RealDisk(`${folder}-not-there`);
      await assert.rejects(createRun(folder, SPEC, { disk }), {
        name: 'InputError',
        message: new RegExp(`^cannot write ${folder}/\\.bitgibbs/lock-.*: it is not there \\(ENOENT\\)$`),
      });
    }));
});
