/** How a worker or a client proves who it is, and finds out whether it talks to the coordinator. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { CallCredentials, ChannelCredentials, experimental, Metadata } from '@grpc/grpc-js';
import type { Certificates, TlsMaterial } from './certificates.js';
import { roleUri, rolesOf } from './roles.js';
import { readToken } from './tokens.js';

/** What a worker or a client needs beside the coordinator's address. */
export interface Identity {
  readonly certificates: Certificates;
  /** File of a bearer token that goes with every call. */
  readonly tokenFile?: string;
}

/** @param identity undefined: neither encrypted nor authenticated */
export function channelCredentials(identity: Identity | undefined): ChannelCredentials {
  if (!identity) return ChannelCredentials.createInsecure();
  const { certificates, tokenFile } = identity;
  const provider = new Provider(certificates);
  const channel = experimental.createCertificateProviderChannelCredentials(
    provider,
    certificates.value.key ? provider : null,
    { checkServerIdentity: checkCoordinator },
  );
  return tokenFile === undefined ? channel : channel.compose(bearer(tokenFile));
}

type OnAuthority = experimental.CaCertificateUpdateListener;
type OnIdentity = experimental.IdentityCertificateUpdateListener;

/** Hands grpc-js the certificates in force for each connection that it makes. */
class Provider implements experimental.CertificateProvider {
  readonly #certificates: Certificates;
  readonly #authority = new Set<OnAuthority>();
  readonly #identity = new Set<OnIdentity>();

  constructor(certificates: Certificates) {
    this.#certificates = certificates;
    certificates.onChange((material) => {
      for (const listener of this.#authority) tellAuthority(listener, material);
      for (const listener of this.#identity) tellIdentity(listener, material);
    });
  }

  addCaCertificateListener(listener: OnAuthority): void {
    this.#authority.add(listener);
    process.nextTick(() => tellAuthority(listener, this.#certificates.value));
  }

  removeCaCertificateListener(listener: OnAuthority): void {
    this.#authority.delete(listener);
  }

  addIdentityCertificateListener(listener: OnIdentity): void {
    this.#identity.add(listener);
    process.nextTick(() => tellIdentity(listener, this.#certificates.value));
  }

  removeIdentityCertificateListener(listener: OnIdentity): void {
    this.#identity.delete(listener);
  }
}

function tellAuthority(listener: OnAuthority, { ca }: TlsMaterial): void {
  listener({ caCertificate: ca });
}

function tellIdentity(listener: OnIdentity, { cert, key }: TlsMaterial): void {
  listener(cert && key ? { certificate: cert, privateKey: key } : null);
}

/** A worker's certificate, say, is no proof that what answers is the coordinator. */
function checkCoordinator(host: string, certificate: PeerCertificate): Error | undefined {
  const wrongHost = checkServerIdentity(host, certificate);
  if (wrongHost) return wrongHost;
  if (rolesOf(certificate.subjectaltname).has('coordinator')) return undefined;
  return new Error(`its certificate does not name ${roleUri('coordinator')}`);
}

function bearer(tokenFile: string): CallCredentials {
  return CallCredentials.createFromMetadataGenerator((_parameters, answer) => {
    const metadata = new Metadata();
    try {
      metadata.set('authorization', `Bearer ${readToken(tokenFile)}`);
    } catch (error) {
      return answer(error as Error);
    }
    answer(null, metadata);
  });
}
