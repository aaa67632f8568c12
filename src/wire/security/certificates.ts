/** A process's own certificate and key, and the authorities that it trusts. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { InputError } from '../../posterior/model.js';
import { roleUri, rolesOf, rolesText, type Role } from './roles.js';
import { WatchedFiles, type Tell } from './watched-files.js';

/** Paths of PEM files. */
export interface TlsFiles {
  /** Certificates of the authorities that others' certificates must come from. */
  readonly ca: string;
  /** This side's certificate, followed by those between it and its authority, and its key; clients with a token need none. */
  readonly own?: { readonly cert: string; readonly key: string };
}

export interface CertificatesOptions {
  readonly files: TlsFiles;
  /** What the own certificate has to be good for. */
  readonly role: Role;
  /** How often the files are looked at, in ms; by default every 10 s. */
  readonly intervalMs?: number;
  readonly log: Tell;
}

/** As `tls.createSecureContext` takes them. */
export interface TlsMaterial {
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const CERT = 'TLS certificate';
const KEY = 'TLS key';
const CA = 'TLS authority';

/** Every connection is of this version. */
export const TLS_VERSION = { minVersion: 'TLSv1.3' } as const satisfies SecureContextOptions;

export type Certificates = WatchedFiles<TlsMaterial>;

/** @throws InputError when a file can't be used: the message names it */
export function openCertificates(options: CertificatesOptions): Certificates {
  const { files, role, intervalMs, log } = options;
  const { ca, own } = files;
  return new WatchedFiles<TlsMaterial>({
    files: [
      { what: CA, path: ca },
      ...(own
        ? [
            { what: CERT, path: own.cert },
            { what: KEY, path: own.key },
          ]
        : []),
    ],
    parse: ([caPem, cert, key]) =>
      checked(files, role, { ca: caPem!, ...(cert && key ? { cert, key } : {}) }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    log,
  });
}

function checked({ ca, own }: TlsFiles, role: Role, material: TlsMaterial): TlsMaterial {
  parsed(`${CA} ${ca}`, 'a certificate in PEM', () => new X509Certificate(material.ca));
  if (own && material.cert && material.key) {
    const name = `${CERT} ${own.cert}`;
    const certificate = parsed(name, 'a certificate in PEM', () => new X509Certificate(material.cert!));
    const key = parsed(`${KEY} ${own.key}`, 'a private key in PEM, not encrypted', () =>
      createPrivateKey(material.key!),
    );
    if (!certificate.checkPrivateKey(key)) {
      throw new InputError(`${KEY} ${own.key} must belong to ${own.cert}`);
    }
    checkDates(name, certificate);
    const roles = rolesOf(certificate.subjectAltName);
    if (!roles.has(role)) {
      throw new InputError(
        `${name} must have ${roleUri(role)} among the URIs of its subject alternative names; it has ${rolesText(roles)}`,
      );
    }
  }
  parsed(`${CERT} ${own?.cert ?? ca}`, 'usable by OpenSSL', () =>
    createSecureContext({ ...material, ...TLS_VERSION }),
  );
  return material;
}

function checkDates(name: string, { validFrom, validTo }: X509Certificate): void {
  const now = Date.now();
  if (now > Date.parse(validTo)) throw new InputError(`${name} must be valid now: it expired on ${validTo}`);
  if (now < Date.parse(validFrom))
    throw new InputError(`${name} must be valid now: it begins on ${validFrom}`);
}

function parsed<T>(name: string, wanted: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${name} must be ${wanted}${code ? ` (${code})` : ''}`);
  }
}
