/** What is safe on the disk, and how much room it has. */
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import { sampledGauge } from '../../telemetry/registry.js';
import type { MetricSources } from './sources.js';

export function addStore(registry: Registry, { status, storeFolder }: MetricSources): void {
  sampledGauge(registry, {
    name: 'bitgibbs_store_horizon_draws',
    help: 'Draws that every chain has stored durably: what readers see.',
    samples: () => [[{}, status().drawsStored]],
  });
  if (storeFolder === undefined) return;
  const disk = (name: string, help: string, bytes: (stats: StatsFs) => number): void =>
    sampledGauge(registry, {
      name,
      help,
      samples: async () => {
        // A disk that tells nothing has no sample; that draws can't be written ends the run and is told there.
        const stats = await statfs(storeFolder).catch(() => undefined);
        return stats ? [[{}, bytes(stats)]] : [];
      },
    });
  disk(
    'bitgibbs_store_disk_free_bytes',
    'Bytes free, for this user, on the disk that the draws are written to.',
    ({ bavail, bsize }) => bavail * bsize,
  );
  disk(
    'bitgibbs_store_disk_size_bytes',
    'Bytes of the disk that the draws are written to, used or free.',
    ({ blocks, bsize }) => blocks * bsize,
  );
}
