/**
 * What the holder of a certificate may do. A certificate names its roles among its subject alternative names, as the URIs
 * bitgibbs://coordinator, bitgibbs://worker and bitgibbs://client; it may have several.
 */
export const ROLES = ['coordinator', 'worker', 'client'] as const;
export type Role = (typeof ROLES)[number];

const PREFIX = 'bitgibbs://';

export function roleUri(role: Role): string {
  return PREFIX + role;
}

/** One name as Node writes it: its kind, then its value, in quotes where it holds what could be taken for another name. */
const NAME = /([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

/** @param names subject alternative names as Node writes them: `DNS:first, URI:bitgibbs://coordinator` */
export function rolesOf(names: string | undefined): ReadonlySet<Role> {
  const uris = new Set<string>();
  NAME.lastIndex = 0;
  for (let name = NAME.exec(names ?? ''); name; name = NAME.exec(names ?? '')) {
    if (name[1] === 'URI') uris.add(name[2]!);
  }
  return new Set(ROLES.filter((role) => uris.has(roleUri(role))));
}

/** Roles in words, for messages. */
export function rolesText(roles: ReadonlySet<Role>): string {
  return roles.size === 0 ? 'no role' : `the role ${[...roles].join(' and ')}`;
}
