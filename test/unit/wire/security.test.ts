import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import { checkExposure } from '../../../src/coordinator/access/exposure.js';
import { InputError } from '../../../src/posterior/model.js';
import { openCertificates, type TlsFiles } from '../../../src/wire/security/certificates.js';
import { rolesOf, roleUri, type Role } from '../../../src/wire/security/roles.js';
import { readToken, tokensIn } from '../../../src/wire/security/tokens.js';
import { Authority } from '../../support/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-security-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function input(message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'), error.message);
    return true;
  };
}

function refused(files: TlsFiles, role: Role, message: RegExp): void {
  assert.throws(() => openCertificates({ files, role, log: () => undefined }), input(message));
}

test('roles are whole URIs, whatever other names hold', async () => {
  const authority = await Authority.found(folder, 'roles');
  const namesOf = async (uris: string[], dnsNames: string[] = []): Promise<string | undefined> => {
    const { cert } = await authority.sign('x', { uris, dnsNames });
    return new X509Certificate(readFileSync(cert)).subjectAltName;
  };
  assert.deepEqual([...rolesOf(await namesOf([roleUri('worker')]))], ['worker']);
  assert.deepEqual([...rolesOf(await namesOf([roleUri('client'), roleUri('coordinator')], ['a.b']))].sort(), [
    'client',
    'coordinator',
  ]);
  for (const uris of [
    [],
    ['bitgibbs://workers'],
    ['bitgibbs://worker/x'],
    ['http://bitgibbs://worker'],
    ['BITGIBBS://worker'],
  ]) {
    assert.equal(rolesOf(await namesOf(uris)).size, 0, uris.join());
  }
  // Names that try to look like two.
  assert.equal(rolesOf(await namesOf([], ['a, URI:bitgibbs://worker'])).size, 0);
  assert.equal(rolesOf(await namesOf(['x:", URI:bitgibbs://worker'])).size, 0);
  assert.equal(rolesOf(await namesOf(['x:, URI:bitgibbs://worker, URI:y'])).size, 0);
  assert.equal(rolesOf(undefined).size, 0);
});

test('certificates and keys that can not be used are named', async () => {
  const authority = await Authority.found(folder, 'ca');
  const { ca } = authority;
  const own = await authority.sign('own', { uris: [roleUri('worker')] });
  const other = await authority.sign('other', { uris: [roleUri('worker')] });
  const text = join(folder, 'text');
  writeFileSync(text, 'words');
  refused({ ca: join(folder, 'none'), own }, 'worker', /^TLS authority \S+none: no such file$/);
  refused({ ca: folder, own }, 'worker', /^TLS authority \S+: can't be read \(EISDIR\)$/);
  refused({ ca: text, own }, 'worker', /^TLS authority \S+text must be a certificate in PEM/);
  refused(
    { ca, own: { ...own, cert: text } },
    'worker',
    /^TLS certificate \S+text must be a certificate in PEM/,
  );
  refused(
    { ca, own: { ...own, key: text } },
    'worker',
    /^TLS key \S+text must be a private key in PEM, not encrypted/,
  );
  refused(
    { ca, own: { ...own, key: other.key } },
    'worker',
    /^TLS key \S+other\.key must belong to \S+own\.pem$/,
  );
  refused(
    { ca, own },
    'client',
    /^TLS certificate \S+own\.pem must have bitgibbs:\/\/client among the URIs of its subject alternative names; it has the role worker$/,
  );
  const certificates = openCertificates({ files: { ca, own }, role: 'worker', log: () => undefined });
  assert.deepEqual(certificates.value.cert, readFileSync(own.cert));
  certificates.close();
});

test('token files: one a line, long enough, and never shown', () => {
  const good = 'x'.repeat(32);
  assert.deepEqual(tokensIn('f', `# old\n\n${good}\r\n${good}y\n`), [good, `${good}y`]);
  assert.throws(() => tokensIn('f', '\n# nothing\n'), input(/^token file f must hold a token$/));
  for (const bad of ['x'.repeat(31), `${good} x`, `${good}ü`]) {
    assert.throws(
      () => tokensIn('f', `\n${bad}`),
      (error: Error) => {
        assert.match(error.message, /^token file f: line 2 must be 32 or more letters/);
        assert.ok(!error.message.includes(bad));
        return error instanceof InputError;
      },
    );
  }
  assert.throws(
    () => readToken(join(folder, 'none')),
    input(/^token file \S+none can't be read \(ENOENT\)$/),
  );
});

test('what others can reach is served only over TLS, or on purpose', () => {
  for (const address of ['127.0.0.1:1', '127.9.9.9:1', 'localhost:1', '[::1]:1'])
    checkExposure(address, false, false);
  for (const address of ['0.0.0.0:1', '[::]:1', '10.0.0.1:1', 'host.example:1', '[::ffff:10.0.0.1]:1']) {
    assert.throws(
      () => checkExposure(address, false, false),
      input(/--tls-cert, --tls-key and --tls-ca, or --insecure/),
    );
    checkExposure(address, true, false);
    checkExposure(address, false, true);
  }
});
