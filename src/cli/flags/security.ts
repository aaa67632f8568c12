/** The flags that say who may come in, and who this side is. */
import type { Option } from 'commander';
import type { Access } from '../../coordinator/grpc-server.js';
import { openCertificates, type Certificates, type TlsFiles } from '../../wire/security/certificates.js';
import type { Identity } from '../../wire/security/credentials.js';
import type { Role } from '../../wire/security/roles.js';
import { readToken, TokenList } from '../../wire/security/tokens.js';
import { checking, UsageError } from '../errors.js';
import type { Log } from '../../telemetry/log.js';
import { flag } from './flag.js';
import { whole } from './values.js';

export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
}

export interface ClientSecurityFlags extends TlsFlags {
  readonly tokenFile?: string;
}

export interface AccessFlags extends ClientSecurityFlags {
  readonly insecure?: boolean;
  readonly maxConnections: number;
}

export function tlsFlags(): Option[] {
  return [
    flag('--tls-cert <file>', 'certificate of this side, PEM; all three are read again when they change'),
    flag('--tls-key <file>', 'its key, PEM, not encrypted'),
    flag('--tls-ca <file>', 'certificates of the authorities that the other side is to come from, PEM'),
  ];
}

export function clientSecurityFlags(): Option[] {
  return [
    ...tlsFlags(),
    flag('--token-file <file>', 'bearer token in place of a certificate, beside --tls-ca'),
  ];
}

export function accessFlags(): Option[] {
  return [
    ...tlsFlags(),
    flag('--token-file <file>', 'tokens of clients without a certificate, one a line'),
    flag('--insecure', 'serve anyone beyond this machine, without encryption'),
    flag('--max-connections <N>', 'connections at a time', whole(1, 100_000)).default(1000),
  ];
}

/** @throws UsageError when the flags don't make a whole */
function filesOf({ tlsCert: cert, tlsKey: key, tlsCa: ca }: TlsFlags): TlsFiles | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      `${cert === undefined ? '--tls-cert' : '--tls-key'} must be given beside ${cert === undefined ? '--tls-key' : '--tls-cert'}`,
    );
  }
  if (cert !== undefined && ca === undefined)
    throw new UsageError('--tls-ca must be given beside --tls-cert');
  if (ca === undefined) return undefined;
  return { ca, ...(cert !== undefined && key !== undefined ? { own: { cert, key } } : {}) };
}

function certificatesOf(files: TlsFiles, role: Role, log: Log): Promise<Certificates> {
  return checking(() => openCertificates({ files, role, log }));
}

/** Who may come in to a coordinator. @throws UsageError */
export async function accessOf(flags: AccessFlags, log: Log): Promise<Access> {
  const { tokenFile, insecure = false, maxConnections } = flags;
  const files = filesOf(flags);
  const limits = { connections: maxConnections };
  if (files && !files.own) throw new UsageError('--tls-cert must be given beside --tls-ca');
  if (!files) {
    if (tokenFile !== undefined)
      throw new UsageError('--token-file needs --tls-cert: a token must not be sent in clear');
    return { insecure, limits };
  }
  if (insecure) throw new UsageError('give either --insecure or --tls-cert');
  const certificates = await certificatesOf(files, 'coordinator', log);
  const tokens = tokenFile === undefined ? undefined : await checking(() => new TokenList(tokenFile, log));
  return { certificates, limits, ...(tokens ? { tokens } : {}) };
}

/** Who a worker or a client is; undefined without TLS. @throws UsageError */
export async function identityOf(
  flags: ClientSecurityFlags,
  role: 'worker' | 'client',
  log: Log,
): Promise<Identity | undefined> {
  const { tokenFile } = flags;
  const files = filesOf(flags);
  if (!files) {
    if (tokenFile !== undefined)
      throw new UsageError('--token-file needs --tls-ca: a token must not be sent in clear');
    return undefined;
  }
  if (!files.own && tokenFile === undefined) {
    const missing = role === 'client' ? '--tls-cert or --token-file' : '--tls-cert';
    throw new UsageError(`${missing} must be given beside --tls-ca`);
  }
  if (tokenFile !== undefined) await checking(() => readToken(tokenFile));
  const certificates = await certificatesOf(files, role, log);
  return { certificates, ...(tokenFile === undefined ? {} : { tokenFile }) };
}
