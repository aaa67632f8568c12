/** Hosts of a test: network namespaces with an address each, joined by a bridge in one more namespace. */
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';

const SUBNET = '10.213.7';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

/** Why there can be no such hosts here; undefined where there can. */
export function whyNoNetwork(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  const name = `bg${process.pid}probe`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    return `needs ip netns: ${String(error).split('\n')[0]}`;
  }
}

export interface Host {
  readonly address: string;
  /** What runs a program there: put before its command. */
  readonly enter: readonly string[];
  /** Takes its link down or up. */
  link(state: 'up' | 'down'): void;
}

/** Hosts by number from 1, and host 0 at the bridge; taken away at the end of the test. */
export function networkOf(t: TestContext, hosts: number): readonly Host[] {
  const name = (host: number): string => `bg${process.pid}h${host}`;
  const hub = name(0);
  const made: string[] = [];
  t.after(() => {
    for (const namespace of made) ip('netns', 'del', namespace);
  });
  const add = (namespace: string): void => {
    ip('netns', 'add', namespace);
    made.push(namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  };
  add(hub);
  ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge');
  ip('-n', hub, 'addr', 'add', `${SUBNET}.254/24`, 'dev', 'bridge');
  ip('-n', hub, 'link', 'set', 'bridge', 'up');
  for (let host = 1; host <= hosts; host++) {
    const own = name(host);
    add(own);
    ip('-n', hub, 'link', 'add', `port${host}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own);
    ip('-n', hub, 'link', 'set', `port${host}`, 'master', 'bridge', 'up');
    ip('-n', own, 'addr', 'add', `${SUBNET}.${host}/24`, 'dev', 'eth0');
    ip('-n', own, 'link', 'set', 'eth0', 'up');
  }
  return Array.from({ length: hosts + 1 }, (_, host) => ({
    address: `${SUBNET}.${host === 0 ? 254 : host}`,
    enter: ['ip', 'netns', 'exec', name(host)],
    link: (state) => ip('-n', name(host), 'link', 'set', host === 0 ? 'bridge' : 'eth0', state),
  }));
}
