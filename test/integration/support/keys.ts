/** An authority of the test and what is made with it: certificates by role, tokens, coordinators that take both. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openCertificates, type Certificates } from '../../../src/wire/security/certificates.js';
import type { Identity } from '../../../src/wire/security/credentials.js';
import { roleUri, type Role } from '../../../src/wire/security/roles.js';
import { TokenList } from '../../../src/wire/security/tokens.js';
import { Authority, type Pair, type Wish } from '../../support/authority.js';

/** Tests change files and wait for them to be read. */
const LOOK_MS = 20;

export interface Keys {
  readonly folder: string;
  readonly authority: Authority;
  readonly lines: readonly string[];
  /** Files of a certificate with this role. */
  sign(role: Role, wish?: Wish): Promise<Pair>;
  /** Files opened without a look at what they hold, as a peer might that follows no rules. */
  opened(own: Pair | undefined, role: Role, ca?: string): Certificates;
  /** A peer with a new certificate of this role. */
  identity(role: 'worker' | 'client', wish?: Wish): Promise<Identity>;
  tokens(...tokens: string[]): { readonly path: string; readonly list: TokenList };
}

export async function keysOf(t: TestContext): Promise<Keys> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = await Authority.found(folder);
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const opened = (own: Pair | undefined, role: Role, ca = authority.ca): Certificates => {
    const certificates = openCertificates({
      files: { ca, ...(own ? { own } : {}) },
      role,
      intervalMs: LOOK_MS,
      log,
    });
    t.after(() => certificates.close());
    return certificates;
  };
  let made = 0;
  const sign = (role: Role, wish: Wish = {}): Promise<Pair> =>
    authority.sign(`${role}-${++made}`, { uris: [roleUri(role)], ...wish });
  return {
    ...{ folder, authority, lines, sign, opened },
    identity: async (role, wish) => ({ certificates: opened(await sign(role, wish), role) }),
    tokens: (...tokens) => {
      const path = join(folder, 'tokens');
      writeFileSync(path, tokens.map((token) => `${token}\n`).join(''));
      const list = new TokenList(path, log, LOOK_MS);
      t.after(() => list.close());
      return { path, list };
    },
  };
}
