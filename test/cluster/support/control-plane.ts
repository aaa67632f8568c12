/** etcd and a Kubernetes API server on loopback, without controllers and nodes: it validates, admits and stores. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';

const READY_SECONDS = 120;
const STOP_SECONDS = 20;

export const clusterTool = (name: string): string =>
  join(process.env['BITGIBBS_TEST_CLUSTER_TOOLS'] ?? '', name);

function kubeconfig(port: number, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [
      { name: 'test', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'test', user: { token } }],
  });
}

export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ControlPlane {
  readonly #processes: ChildProcess[] = [];
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** @param folder for its files and logs @throws when it does not become ready */
  static async start(folder: string): Promise<ControlPlane> {
    const plane = new ControlPlane(folder);
    try {
      await plane.#begin();
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  get kubeconfig(): string {
    return join(this.#folder, 'kubeconfig');
  }

  kubectl(args: readonly string[], input = ''): Said {
    return spawnSync(clusterTool('kubectl'), ['--kubeconfig', this.kubeconfig, ...args], {
      ...{ input, encoding: 'utf8', maxBuffer: 2 ** 26 },
    });
  }

  /** The last started is ended first. */
  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * STOP_SECONDS);
      child.kill('SIGTERM');
      await once(child, 'exit');
      clearTimeout(timer);
    }
  }

  async #begin(): Promise<void> {
    const [clients, peers, secure] = [await freePort(), await freePort(), await freePort()];
    const store = `http://127.0.0.1:${clients}`;
    this.#spawn('etcd', 'etcd', [
      ...['--data-dir', join(this.#folder, 'etcd'), '--listen-client-urls', store],
      ...['--advertise-client-urls', store, '--listen-peer-urls', `http://127.0.0.1:${peers}`],
    ]);
    const token = randomUUID();
    const tokens = join(this.#folder, 'tokens.csv');
    writeFileSync(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    writeFileSync(this.kubeconfig, kubeconfig(secure, token), { mode: 0o600 });
    const key = join(this.#folder, 'accounts.key');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(key, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
    this.#spawn('kube-apiserver', clusterTool('kube-apiserver'), [
      ...['--etcd-servers', store, '--bind-address', '127.0.0.1', '--secure-port', `${secure}`],
      ...['--cert-dir', join(this.#folder, 'certificates'), '--token-auth-file', tokens],
      ...['--authorization-mode', 'RBAC', '--service-cluster-ip-range', '10.96.0.0/16'],
      ...['--service-account-issuer', 'https://127.0.0.1', '--service-account-key-file', key],
      ...['--service-account-signing-key-file', key],
      // Its accounts are made by a controller, which isn't here.
      ...['--disable-admission-plugins', 'ServiceAccount'],
    ]);
    await this.#ready();
  }

  #spawn(name: string, program: string, args: readonly string[]): void {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(join(this.#folder, `${name}.log`));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#processes.push(child);
  }

  async #ready(): Promise<void> {
    for (let seconds = 0; seconds < READY_SECONDS; seconds++) {
      if (this.kubectl(['get', '--raw', '/readyz']).stdout === 'ok') return;
      const dead = this.#processes.find((child) => child.exitCode !== null);
      if (dead) break;
      await sleep(1000);
    }
    const log = readFileSync(join(this.#folder, 'kube-apiserver.log'), 'utf8');
    throw new Error(`the API server did not become ready:\n${log.slice(-2000)}`);
  }
}
