/** A real Prometheus on loopback, with the configuration that is shipped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { inProject } from './parts.js';
import { freePort } from '../../support/free-port.js';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

interface Config {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
}

export class Prometheus {
  private constructor(readonly url: string) {}

  /** @param targets by job, instead of those in the file */
  static async start(
    t: TestContext,
    folder: string,
    targets: Readonly<Record<string, string[]>>,
  ): Promise<Prometheus> {
    const config = parse(readFileSync(inProject('deploy', 'prometheus', 'prometheus.yml'), 'utf8')) as Config;
    // Quick, so that the test is.
    config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
    config.rule_files = [inProject('deploy', 'helm', 'bitgibbs', 'files', 'rules.yml')];
    for (const { job_name, static_configs } of config.scrape_configs) {
      static_configs[0]!.targets = targets[job_name]!;
    }
    const file = `${folder}/prometheus.yml`;
    writeFileSync(file, stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        ...[`--config.file=${file}`, `--storage.tsdb.path=${folder}/tsdb`, `--web.listen-address=${address}`],
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = once(child, 'exit');
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const prometheus = new Prometheus(`http://${address}`);
    await prometheus.#ready();
    return prometheus;
  }

  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query)}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(query)}: ${error}`);
    return data;
  }

  async query(expr: string): Promise<readonly Sample[]> {
    return (await this.get<{ result: Sample[] }>('query', { query: expr })).result;
  }

  async #ready(): Promise<void> {
    for (;;) {
      const ok = await fetch(`${this.url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      );
      if (ok) return;
      await sleep(100);
    }
  }
}
