/** How many were turned away since the coordinator began, by why. */
export type RefusedCounts = Record<
  'connection' | 'unauthenticated' | 'permission_denied' | 'resource_exhausted',
  number
>;

export function noneRefused(): RefusedCounts {
  return { connection: 0, unauthenticated: 0, permission_denied: 0, resource_exhausted: 0 };
}
