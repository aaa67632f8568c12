/** A certificate authority of a test, and what it signs, as files. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;

x509.cryptoProvider.set(webcrypto as never);

export interface Wish {
  /** URIs among the subject alternative names. */
  readonly uris?: readonly string[];
  /** Addresses that the certificate is good for; by default that of loopback. */
  readonly addresses?: readonly string[];
  readonly dnsNames?: readonly string[];
  /** Hours from now. */
  readonly from?: number;
  readonly to?: number;
}

/** Paths of PEM files. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as never),
    'PRIVATE KEY',
  );
}

export class Authority {
  /** Path of its own certificate. */
  readonly ca: string;
  readonly #folder: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: x509.X509Certificate;
  #serial = 1;

  private constructor(
    folder: string,
    name: string,
    keys: webcrypto.CryptoKeyPair,
    certificate: x509.X509Certificate,
  ) {
    this.#folder = folder;
    this.#keys = keys;
    this.#certificate = certificate;
    this.ca = join(folder, `${name}.pem`);
    writeFileSync(this.ca, certificate.toString('pem'));
  }

  static async found(folder: string, name = 'ca'): Promise<Authority> {
    const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...{ serialNumber: '01', name: `CN=${name}`, keys, signingAlgorithm: ALGORITHM },
      ...{ notBefore: new Date(Date.now() - 48 * HOUR_MS), notAfter: new Date(Date.now() + 48 * HOUR_MS) },
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new Authority(folder, name, keys, certificate);
  }

  /** Signs a certificate and writes it and its key to files of this name, over those that are there. */
  async sign(
    name: string,
    { uris = [], addresses = ['127.0.0.1'], dnsNames = [], from = -1, to = 24 }: Wish,
  ): Promise<Pair> {
    const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
      ...{ serialNumber: (++this.#serial).toString(16).padStart(4, '0'), subject: `CN=${name}` },
      ...{ issuer: this.#certificate.subject, publicKey: keys.publicKey, signingKey: this.#keys.privateKey },
      ...{ signingAlgorithm: ALGORITHM },
      ...{ notBefore: new Date(Date.now() + from * HOUR_MS), notAfter: new Date(Date.now() + to * HOUR_MS) },
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          ...addresses.map((value) => ({ type: 'ip' as const, value })),
          ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
          ...uris.map((value) => ({ type: 'url' as const, value })),
        ]),
      ],
    });
    const pair = { cert: join(this.#folder, `${name}.pem`), key: join(this.#folder, `${name}.key`) };
    writeFileSync(pair.cert, certificate.toString('pem'));
    writeFileSync(pair.key, await keyPem(keys), { mode: 0o600 });
    return pair;
  }
}
